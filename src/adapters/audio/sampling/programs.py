"""Which instruments a SoundFont plays, decided by measurement (docs/music.md, "With a SoundFont")."""

from typing import Final

from domain.music.instruments import Instrument

SAMPLED: Final = (
    Instrument.LOW_STRINGS,
    Instrument.HIGH_STRINGS,
    Instrument.SOLO_STRINGS,
    Instrument.HORNS,
    Instrument.CHOIR,
    Instrument.PIANO,
    Instrument.FLUTE,
    Instrument.CLARINET,
    Instrument.NYLON_GUITAR,
    Instrument.STEEL_GUITAR,
)
"""Those of the orchestra and the guitars; electric pianos, synths and drums stay ours."""

MIDI_VELOCITY: Final = 127
"""That of the loudest note."""

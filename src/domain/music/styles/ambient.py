"""Ambient: pads that swell and overlap, a drone, a few notes of piano, a glassy tune, all in a very long room."""

from typing import Final

from domain.music.instruments import Instrument
from domain.music.space import Space
from domain.music.styles.basses import StackedRoots
from domain.music.styles.patterns import CounterLine, HeldChords, MelodyDouble, Register, ThemeQuote
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.styles.textures import DriftingNotes
from domain.music.theory.chords import Colour

_MIDDLE: Final = Register(low=50, lowest_top=63, highest_top=71)

STYLE: Final = Style(
    name="ambient",
    description="Warm pads and a drone under a glassy tune, without drums, in a very long room.",
    words=(
        "drone", "meditat", "atmospher", "newage", "soundscape", "space", "spheric", "sleep", "floating", "drift",
    ),
    tempo_range=(48, 80),
    space=Space(
        reverb_seconds=4.5,
        reverb_db=-6.0,
        predelay_ms=45.0,
        damping_hz=4500.0,
        chorus=0.35,
        slope_db=-7.0,
    ),
    channels={
        LEAD: MixChannel(instrument=Instrument.GLASS, gain_db=4.5, space=0.3, humanize_ms=6.0),
        "lead choir": MixChannel(instrument=Instrument.CHOIR, gain_db=-9.0, space=0.8, humanize_ms=10.0),
        BASS: MixChannel(instrument=Instrument.WARM_PAD, gain_db=-9.0, space=0.3, humanize_ms=10.0),
        "pad": MixChannel(instrument=Instrument.WARM_PAD, gain_db=-14.0, space=0.8, humanize_ms=10.0),
        "choir": MixChannel(instrument=Instrument.CHOIR, gain_db=-18.0, pan=0.2, space=0.9, humanize_ms=10.0),
        "piano": MixChannel(instrument=Instrument.PIANO, gain_db=-5.0, pan=-0.25, space=0.9, humanize_ms=9.0),
        "counter": MixChannel(instrument=Instrument.HIGH_STRINGS, gain_db=-12.0, pan=0.25, space=0.9, humanize_ms=9.0),
        "fills": MixChannel(instrument=Instrument.CELESTA, gain_db=-11.0, pan=0.35, space=1.0, humanize_ms=9.0),
    },
    players={
        "counter": (
            CounterLine(register=Register(low=55, lowest_top=66, highest_top=73), velocity=0.5, from_energy=0.35),
        ),
        "piano": (
            DriftingNotes(
                register=Register(low=57, lowest_top=67, highest_top=74), per_bar=2.2, beats=3.0, velocity=0.5
            ),
        ),
        BASS: (StackedRoots(low=33, velocity=0.65, fifth_from=0.7),),
        "pad": (HeldChords(register=_MIDDLE, velocity=0.62, voices=4),),
        "choir": (HeldChords(register=_MIDDLE, velocity=0.5, from_energy=0.45),),
        "lead choir": (MelodyDouble(semitones=0, scale=0.6, from_energy=0.75),),
        "fills": (ThemeQuote(semitones=12, scale=0.5),),
    },
    lead_centre=76,
    loop_major=("I", "IV", "vi", "IV"),
    loop_minor=("i", "III", "iv", "VI"),
    rubato=0.2,
    colour=Colour.ADDED_NINTHS,
    quiet_colour=Colour.OPEN,
)  # fmt: skip

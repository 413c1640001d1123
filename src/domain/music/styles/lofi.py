"""Lofi: electric-piano sevenths, swung dusty drums, an upright bass, and a tune on soft keys and bells."""

from typing import Final

from domain.music.instruments import Drum, Instrument
from domain.music.space import Space
from domain.music.styles.basses import WalkingBass
from domain.music.styles.fills import SnarePickup
from domain.music.styles.grooves import FinalHit, FreeHit, Groove, Hits, Turn
from domain.music.styles.patterns import Comping, CounterLine, MelodyDouble, Register, ThemeQuote
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.theory.chords import Colour
from domain.music.theory.pitch import OCTAVE

_GROOVE: Final = Groove(
    from_energy=0.3,
    rows=(
        Hits(Drum.KICK, Step.DOWNBEAT, (0.8,)),
        Hits(Drum.SNARE, Step.BACKBEATS, (0.68,)),
        Hits(Drum.CLOSED_HAT, Step.EIGHTHS, (0.36, 0.26), beats=0.25, from_energy=0.4, below_energy=0.7),
        Hits(Drum.CLOSED_HAT, Step.EIGHTHS, (0.58, 0.42), beats=0.25, from_energy=0.7),
        Hits(Drum.SHAKER, Step.SIXTEENTHS_OFF, (0.36,), beats=0.25, from_energy=0.7),
    ),
    free=FreeHit(Drum.KICK, places=(0.625, 0.4375, 0.6875), velocity=0.6, from_energy=0.4),
    fill=SnarePickup(over_rise=0.05, from_energy=0.3),
    turns=(
        Turn(((Drum.SNARE, 1, 0.3), (Drum.SNARE, 3, 0.24))),
        Turn(((Drum.OPEN_HAT, 2, 0.32), (Drum.KICK, 1, 0.5))),
        Turn(((Drum.SNARE, 1, 0.42), (Drum.SNARE, 2, 0.3), (Drum.KICK, 3, 0.5))),
        Turn(((Drum.RIDE, 2, 0.3), (Drum.SNARE, 1, 0.28))),
    ),
    ending=(FinalHit(Drum.KICK, 1, 0.6), FinalHit(Drum.RIDE, 2, 0.35)),
)

STYLE: Final = Style(
    name="lofi",
    description="Electric piano, upright bass, vibraphone and soft swung drums on a dusty tape.",
    words=(
        "chill", "hiphop", "jazz", "lounge", "study", "soul", "rnb", "trap", "rap", "mellow", "boombap", "cafe",
    ),
    tempo_range=(70, 90),
    space=Space(
        reverb_seconds=0.9, reverb_db=-15.0, low_pass_hz=8000.0, wow_cents=8.0, flutter_cents=2.0, vinyl_db=-48.0
    ),
    channels={
        LEAD: MixChannel(
            instrument=Instrument.ELECTRIC_PIANO, gain_db=1.5, space=0.35, humanize_ms=5.0
        ),
        "lead double": MixChannel(
            instrument=Instrument.VIBRAPHONE, gain_db=-4.0, pan=0.15, space=0.3, humanize_ms=7.0
        ),
        "keys": MixChannel(
            instrument=Instrument.ELECTRIC_PIANO, gain_db=-11.0, pan=-0.2, space=0.35, humanize_ms=9.0
        ),
        BASS: MixChannel(instrument=Instrument.UPRIGHT_BASS, gain_db=-5.0, space=0.1, humanize_ms=8.0),
        "counter": MixChannel(instrument=Instrument.VIBRAPHONE, gain_db=-10.0, pan=0.3, space=0.5, humanize_ms=7.0),
        "fills": MixChannel(
            instrument=Instrument.ELECTRIC_PIANO, gain_db=-12.0, pan=0.4, space=0.5, humanize_ms=12.0
        ),
        "drums": MixChannel(instrument=Instrument.LOFI_KIT, gain_db=-4.5, space=0.15, humanize_ms=6.0),
    },
    players={
        "counter": (
            CounterLine(
                register=Register(low=57, lowest_top=66, highest_top=74), velocity=0.45, from_energy=0.4
            ),
        ),
        "keys": (
            Comping(
                register=Register(low=50, lowest_top=63, highest_top=70),
                rhythms=((0.0, 0.625), (0.0, 0.375), (0.0, 0.4375, 0.75)),
                voices=4,
                strum=0.02,
                accent=0.62,
                velocity=0.48,
                from_energy=0.4,
            ),
        ),
        "drums": (_GROOVE,),
        BASS: (
            WalkingBass(
                low=31,
                approach_chance=0.7,
                root_velocity=0.8,
                fifth_velocity=0.65,
                approach_velocity=0.55,
                from_energy=0.3,
                fifth_from=0.4,
                approach_from=0.5,
            ),
        ),
        "fills": (
            ThemeQuote(semitones=OCTAVE, scale=0.6),
        ),
        "lead double": (MelodyDouble(semitones=0, scale=0.7, from_energy=0.6),),
    },
    lead_centre=73,
    loop_major=("ii", "V", "I", "vi"),
    loop_minor=("i", "iv", "VII", "III"),
    colour=Colour.SEVENTHS,
    quiet_colour=Colour.SEVENTHS,
    swing=0.59,
)  # fmt: skip

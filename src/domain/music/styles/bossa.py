"""Bossa nova: a nylon guitar comping in the clave, root and fifth in the bass, a rim, a shaker, a flute."""

from typing import Final

from domain.music.instruments import Drum, Instrument
from domain.music.space import Space
from domain.music.styles.claves import Clave
from domain.music.styles.fills import SnarePickup
from domain.music.styles.grooves import FinalHit, Groove, Hits, Turn
from domain.music.styles.latin import ClaveComping, SurdoBass
from domain.music.styles.patterns import CounterLine, HeldChords, MelodyDouble, Register, ThemeQuote
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.theory.chords import Colour

_CLAVE: Final = ((0.0, 0.375, 0.75), (0.25, 0.625))
"""The bossa clave, three strokes and two."""

_GROOVE: Final = Groove(
    from_energy=0.3,
    rows=(
        Clave(Drum.RIM, _CLAVE, (0.62, 0.5, 0.56), beats=0.25),
        Hits(Drum.SHAKER, Step.EIGHTHS, (0.45, 0.3, 0.36, 0.3), beats=0.25),
        Clave(Drum.KICK, ((0.0, 0.375, 0.5, 0.875),), (0.55, 0.35, 0.6, 0.35), from_energy=0.4),
        Hits(Drum.CLOSED_HAT, Step.BACKBEATS, (0.34,), beats=0.25, from_energy=0.6),
        Hits(Drum.SHAKER, Step.SIXTEENTHS_OFF, (0.18,), beats=0.25, from_energy=0.75),
    ),
    fill=SnarePickup(over_rise=0.05, from_energy=0.3, velocity=0.42),
    turns=(
        Turn(((Drum.RIM, 1, 0.45), (Drum.RIM, 3, 0.4))),
        Turn(((Drum.SNARE, 2, 0.3), (Drum.SNARE, 1, 0.36))),
        Turn(((Drum.TOM, 3, 0.35), (Drum.TAIKO, 1, 0.42))),
        Turn(((Drum.RIDE, 2, 0.3), (Drum.RIM, 1, 0.4))),
    ),
    ending=(FinalHit(Drum.KICK, 1, 0.5), FinalHit(Drum.RIM, 1, 0.4), FinalHit(Drum.RIDE, 3, 0.3)),
)

STYLE: Final = Style(
    name="bossa",
    description="A nylon guitar in the clave, with rim and shaker, flute and vibraphone.",
    words=("bossanova", "samba", "brazil", "brasil", "latin", "ipanema", "mpb", "beachbar", "tropical"),
    tempo_range=(104, 148),
    space=Space(reverb_seconds=1.1, reverb_db=-12.0, predelay_ms=14.0, damping_hz=4500.0, slope_db=-5.6),
    channels={
        LEAD: MixChannel(instrument=Instrument.FLUTE, gain_db=2.0, space=0.5, humanize_ms=5.0),
        "lead double": MixChannel(instrument=Instrument.VIBRAPHONE, gain_db=-7.0, pan=0.2, space=0.5, humanize_ms=7.0),
        "guitar": MixChannel(instrument=Instrument.NYLON_GUITAR, gain_db=-4.0, pan=-0.3, space=0.35, humanize_ms=5.0),
        "keys": MixChannel(instrument=Instrument.ELECTRIC_PIANO, gain_db=-14.0, pan=0.35, space=0.5, humanize_ms=8.0),
        BASS: MixChannel(instrument=Instrument.UPRIGHT_BASS, gain_db=-4.0, space=0.1, humanize_ms=6.0),
        "counter": MixChannel(instrument=Instrument.VIBRAPHONE, gain_db=-9.0, pan=0.3, space=0.5, humanize_ms=7.0),
        "fills": MixChannel(instrument=Instrument.VIBRAPHONE, gain_db=-6.0, pan=0.25, space=0.5, humanize_ms=8.0),
        "drums": MixChannel(instrument=Instrument.BRUSH_KIT, gain_db=-6.5, space=0.2, humanize_ms=4.0),
    },
    players={
        "counter": (
            CounterLine(register=Register(low=57, lowest_top=66, highest_top=74), velocity=0.48, from_energy=0.4),
        ),
        "guitar": (
            ClaveComping(
                register=Register(low=50, lowest_top=63, highest_top=69),
                claves=(
                    ((0.0, 0.375, 0.625), (0.125, 0.375, 0.75)),
                    ((0.0, 0.375, 0.75), (0.25, 0.625)),
                    ((0.0, 0.25, 0.625, 0.875), (0.25, 0.625)),
                ),
                velocity=0.65,
                quiet_cell=(0.0, 0.625),
            ),
        ),
        "keys": (
            HeldChords(
                register=Register(low=55, lowest_top=66, highest_top=72), velocity=0.45, voices=4, from_energy=0.6
            ),
        ),
        "drums": (_GROOVE,),
        BASS: (SurdoBass(low=31, velocity=0.75, pickup=0.55),),
        "fills": (ThemeQuote(semitones=0, scale=0.7),),
        "lead double": (MelodyDouble(semitones=0, scale=0.6, from_energy=0.75),),
    },
    lead_centre=76,
    loop_major=("I", "V/V", "ii", "V"),
    loop_minor=("i", "ii", "V", "i"),
    colour=Colour.SEVENTHS,
    quiet_colour=Colour.SEVENTHS,
)  # fmt: skip

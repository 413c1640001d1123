"""Music box: the tune on a celesta over a turning figure of bells, with neither drums nor bass.

The example style of CONTRIBUTING.md: copied to `src/domain/music/styles/`, this one file is all that it takes.
"""

from typing import Final

from domain.music.instruments import Instrument
from domain.music.space import Space
from domain.music.styles.figures import Accent, Figure
from domain.music.styles.patterns import HeldChords, MelodyDouble, Register
from domain.music.styles.style import LEAD, MixChannel, Style
from domain.music.theory.chords import Colour
from domain.music.theory.pitch import OCTAVE

STYLE: Final = Style(
    name="musicbox",
    description="The tune on a celesta over a turning figure of bells, without drums and bass.",
    words=("toy", "lullaby", "nursery", "carousel", "ballerina"),
    tempo_range=(72, 112),
    space=Space(reverb_seconds=1.8, reverb_db=-12.0),
    channels={
        LEAD: MixChannel(instrument=Instrument.CELESTA, gain_db=0.0, space=0.4, humanize_ms=2.0),
        "lead octave": MixChannel(instrument=Instrument.CELESTA, gain_db=-8.0, pan=0.2, space=0.6, humanize_ms=2.0),
        "comb": MixChannel(instrument=Instrument.VIBRAPHONE, gain_db=-9.0, pan=-0.25, space=0.5, humanize_ms=2.0),
        "pad": MixChannel(instrument=Instrument.CHOIR, gain_db=-16.0, space=0.8, humanize_ms=10.0),
    },
    players={
        "comb": (
            Figure(
                register=Register(low=55, lowest_top=67, highest_top=76),
                orders=((0, 1, 2, 1), (0, 2, 1, 2)),
                gate=1.5,
                accent=0.6,
                velocity=0.45,
                accented=Accent.BAR,
                halved_below=0.3,
                rings_out=True,
            ),
        ),
        "pad": (HeldChords(register=Register(low=50, lowest_top=62, highest_top=69), velocity=0.45, from_energy=0.4),),
        "lead octave": (MelodyDouble(semitones=OCTAVE, scale=0.6, from_energy=0.8),),
    },
    lead_centre=84,
    loop_major=("I", "vi", "IV", "V"),
    loop_minor=("i", "iv", "VII", "III"),
    colour=Colour.ADDED_NINTHS,
    quiet_colour=Colour.OPEN,
)

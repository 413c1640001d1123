"""Cinematic: low strings and horns in slow swells, a choir, taiko, the theme doubled at the octave."""

from typing import Final

from domain.music.instruments import Drum, Instrument
from domain.music.space import Space
from domain.music.styles.basses import StackedRoots
from domain.music.styles.figures import Accent, Figure, Sixteenths
from domain.music.styles.fills import TomRoll
from domain.music.styles.grooves import Crash, FinalHit, Groove, Hits, Turn
from domain.music.styles.patterns import CounterLine, HeldChords, MelodyDouble, Register, ThemeQuote
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.theory.chords import Colour
from domain.music.theory.pitch import OCTAVE

_ORDERS: Final = ((0, 1, 2, 1), (0, 2, 1, 2), (2, 1, 0, 1), (0, 1, 2, 0))
_MIDDLE: Final = Register(low=50, lowest_top=62, highest_top=72)

_GROOVE: Final = Groove(
    from_energy=0.4,
    rows=(
        Hits(Drum.TAIKO, Step.DOWNBEAT, (0.85,), beats=1),
        Hits(Drum.KICK, Step.DOWNBEAT, (0.8,), beats=1),
        Hits(Drum.TOM, Step.BACKBEATS, (0.6,), beats=1, from_energy=0.55),
        Hits(Drum.TAIKO, Step.LAST_EIGHTH, (0.5,), from_energy=0.55),
        Hits(Drum.HIGH_TOM, Step.BETWEEN, (0.42,), from_energy=0.75),
    ),
    crash=Crash(0.8, from_energy=0.6),
    fill=TomRoll((Drum.TAIKO, Drum.TOM, Drum.HIGH_TOM)),
    turns=(
        Turn(((Drum.TAIKO, 2, 0.4), (Drum.TAIKO, 1, 0.45))),
        Turn(((Drum.HIGH_TOM, 3, 0.3), (Drum.TOM, 2, 0.35), (Drum.TAIKO, 1, 0.4))),
        Turn(((Drum.TOM, 4, 0.35), (Drum.TOM, 2, 0.4))),
        Turn(((Drum.KICK, 2, 0.5), (Drum.TAIKO, 1, 0.4))),
    ),
    ending=(
        FinalHit(Drum.KICK, 4, 0.75),
        FinalHit(Drum.TAIKO, 4, 0.75),
        FinalHit(Drum.CRASH, 4, 0.6, from_energy=0.5),
    ),
)

STYLE: Final = Style(
    name="cinematic",
    description="Strings, horns, choir and piano over big drums, with an ostinato that drives.",
    words=(
        "epic", "film", "movie", "trailer", "soundtrack", "hero", "fantasy", "cinema", "adventure", "battle",
    ),
    tempo_range=(60, 120),
    space=Space(reverb_seconds=2.8, reverb_db=-9.0),
    channels={
        LEAD: MixChannel(instrument=Instrument.SOLO_STRINGS, gain_db=1.0, space=0.4, humanize_ms=4.0),
        "lead octave": MixChannel(
            instrument=Instrument.HIGH_STRINGS, gain_db=-8.0, pan=0.2, space=0.5, humanize_ms=7.0
        ),
        BASS: MixChannel(instrument=Instrument.LOW_STRINGS, gain_db=-7.0, pan=0.1, space=0.4, humanize_ms=8.0),
        "pad": MixChannel(instrument=Instrument.CHOIR, gain_db=-11.0, space=0.7, humanize_ms=10.0),
        "horns": MixChannel(instrument=Instrument.HORNS, gain_db=-10.0, pan=-0.3, space=0.6, humanize_ms=10.0),
        "counter": MixChannel(instrument=Instrument.HORNS, gain_db=-8.0, pan=-0.2, space=0.5, humanize_ms=7.0),
        "ostinato": MixChannel(
            instrument=Instrument.HIGH_STRINGS, gain_db=-9.0, pan=-0.35, space=0.4, humanize_ms=6.0
        ),
        "piano": MixChannel(instrument=Instrument.PIANO, gain_db=-12.0, pan=-0.15, space=0.4, humanize_ms=7.0),
        "celesta": MixChannel(instrument=Instrument.CELESTA, gain_db=-9.0, pan=0.35, space=0.7, humanize_ms=7.0),
        "drums": MixChannel(instrument=Instrument.CINEMATIC_KIT, gain_db=-4.0, space=0.4, humanize_ms=5.0),
    },
    players={
        "counter": (
            CounterLine(
                register=Register(low=50, lowest_top=62, highest_top=69), velocity=0.55, from_energy=0.4
            ),
        ),
        "ostinato": (
            Figure(
                register=Register(low=55, lowest_top=67, highest_top=72),
                orders=_ORDERS,
                gate=0.6,
                accent=0.7,
                velocity=0.5,
                accented=Accent.EIGHTH_PAIR,
                sixteenths=Sixteenths(from_energy=0.85, over_seconds=0.24),
                from_energy=0.65,
            ),
        ),
        "piano": (
            Figure(
                register=_MIDDLE,
                orders=_ORDERS,
                gate=2.0,
                accent=0.62,
                velocity=0.45,
                accented=Accent.BAR,
                halved_below=0.3,
                below_energy=0.7,
                rings_out=True,
            ),
        ),
        BASS: (StackedRoots(low=31, velocity=0.75, fifth_from=0.55),),
        "drums": (_GROOVE,),
        "pad": (HeldChords(register=_MIDDLE, velocity=0.55),),
        "horns": (
            HeldChords(register=Register(low=46, lowest_top=62, highest_top=65), velocity=0.6, from_energy=0.5),
        ),
        "lead octave": (MelodyDouble(semitones=OCTAVE, scale=0.8, from_energy=0.6),),
        "celesta": (ThemeQuote(semitones=OCTAVE, scale=0.6),),
    },
    lead_centre=74,
    loop_major=("I", "V", "vi", "IV"),
    loop_minor=("i", "VI", "III", "VII"),
    rubato=0.15,
    quiet_colour=Colour.OPEN,
)  # fmt: skip

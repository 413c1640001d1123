"""Orchestral: violins carry the tune, woodwinds answer, pizzicato keeps time, horns and timpani for the climax."""

from typing import Final

from domain.music.instruments import Instrument
from domain.music.space import Space
from domain.music.styles.basses import StackedRoots
from domain.music.styles.figures import Accent, Figure
from domain.music.styles.patterns import CounterLine, HeldChords, MelodyDouble, Register, ThemeQuote
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.styles.textures import Timpani
from domain.music.theory.pitch import OCTAVE

_MIDDLE: Final = Register(low=50, lowest_top=62, highest_top=71)

STYLE: Final = Style(
    name="orchestral",
    description="Violins, violas, woodwinds, horns and timpani in a concert hall.",
    words=(
        "orchestr", "symphon", "classic", "philharmon", "chamber", "baroque", "concert", "opera", "ballet", "pizzicato",
        "woodwind", "violin", "strings", "quartet", "romantic",
    ),
    tempo_range=(66, 132),
    space=Space(reverb_seconds=1.9, reverb_db=-9.0, predelay_ms=28.0, damping_hz=5000.0, slope_db=-5.6),
    channels={
        LEAD: MixChannel(instrument=Instrument.HIGH_STRINGS, gain_db=2.5, pan=-0.2, space=0.5, humanize_ms=5.0),
        "lead flute": MixChannel(instrument=Instrument.FLUTE, gain_db=-7.0, pan=-0.05, space=0.6, humanize_ms=6.0),
        "lead violin": MixChannel(
            instrument=Instrument.SOLO_STRINGS, gain_db=-0.5, pan=-0.1, space=0.5, humanize_ms=5.0
        ),
        BASS: MixChannel(instrument=Instrument.LOW_STRINGS, gain_db=-8.0, pan=0.35, space=0.4, humanize_ms=8.0),
        "violas": MixChannel(instrument=Instrument.LOW_STRINGS, gain_db=-13.0, pan=0.15, space=0.5, humanize_ms=9.0),
        "counter": MixChannel(instrument=Instrument.CLARINET, gain_db=-8.0, pan=0.1, space=0.6, humanize_ms=7.0),
        "fills": MixChannel(instrument=Instrument.FLUTE, gain_db=-7.0, pan=-0.1, space=0.6, humanize_ms=7.0),
        "pizzicato": MixChannel(instrument=Instrument.PIZZICATO, gain_db=-7.5, pan=0.3, space=0.5, humanize_ms=6.0),
        "horns": MixChannel(instrument=Instrument.HORNS, gain_db=-15.0, pan=-0.35, space=0.7, humanize_ms=9.0),
        "timpani": MixChannel(instrument=Instrument.TIMPANI, gain_db=-8.0, pan=-0.1, space=0.6, humanize_ms=5.0),
    },
    players={
        "counter": (
            CounterLine(register=Register(low=55, lowest_top=65, highest_top=72), velocity=0.6, from_energy=0.4),
        ),
        "pizzicato": (
            Figure(
                register=Register(low=55, lowest_top=67, highest_top=74),
                orders=((0, 1, 2, 1), (0, 2, 1, 2), (2, 1, 0, 1)),
                gate=0.8,
                accent=0.7,
                velocity=0.55,
                accented=Accent.EIGHTH_PAIR,
                halved_below=0.6,
                below_energy=0.97,
            ),
        ),
        BASS: (StackedRoots(low=31, velocity=0.7, fifth_from=2.0),),
        "violas": (HeldChords(register=_MIDDLE, velocity=0.55, from_energy=0.3),),
        "horns": (
            HeldChords(register=Register(low=46, lowest_top=62, highest_top=66), velocity=0.65, from_energy=0.6),
        ),
        "timpani": (
            Timpani(
                low=38,
                beats=((Step.DOWNBEAT,), (Step.DOWNBEAT,), (Step.DOWNBEAT, Step.LAST_EIGHTH), (Step.BACKBEATS,)),
                velocity=0.75,
                from_energy=0.6,
            ),
        ),
        "lead flute": (MelodyDouble(semitones=OCTAVE, scale=0.75, from_energy=0.6),),
        "lead violin": (MelodyDouble(semitones=0, scale=0.9, from_energy=0.3),),
        "fills": (ThemeQuote(semitones=0, scale=0.75),),
    },
    lead_centre=74,
    loop_major=("I", "vi", "ii", "V"),
    loop_minor=("i", "iv", "V", "i"),
    rubato=0.2,
)  # fmt: skip

"""Acoustic: one steel-string guitar strummed and one picked, brushes, an upright bass, a soft piano behind them."""

from typing import Final

from domain.music.instruments import Drum, Instrument
from domain.music.space import Space
from domain.music.styles.basses import WalkingBass
from domain.music.styles.fills import SnarePickup
from domain.music.styles.grooves import FinalHit, FreeHit, Groove, Hits, Turn
from domain.music.styles.guitars import Fingerpicking, Strumming
from domain.music.styles.patterns import CounterLine, HeldChords, MelodyDouble, Register, ThemeQuote
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.theory.chords import Colour

_GROOVE: Final = Groove(
    from_energy=0.4,
    rows=(
        Hits(Drum.KICK, Step.DOWNBEAT, (0.6,)),
        Hits(Drum.SWIRL, Step.ACCENTS, (0.55, 0.4), beats=0.5),
        Hits(Drum.SNARE, Step.BACKBEATS, (0.55,)),
        Hits(Drum.SHAKER, Step.EIGHTHS, (0.3, 0.42), beats=0.25, from_energy=0.7),
    ),
    free=FreeHit(Drum.KICK, places=(0.625, 0.375, 0.875), velocity=0.42, from_energy=0.6),
    fill=SnarePickup(over_rise=0.05, from_energy=0.4, velocity=0.5),
    turns=(
        Turn(((Drum.SNARE, 1, 0.3), (Drum.SNARE, 2, 0.24))),
        Turn(((Drum.SNARE, 3, 0.3), (Drum.KICK, 2, 0.4), (Drum.SNARE, 1, 0.34))),
        Turn(((Drum.TOM, 2, 0.35), (Drum.SNARE, 1, 0.3))),
        Turn(((Drum.RIDE, 2, 0.3), (Drum.SWIRL, 2, 0.4))),
    ),
    ending=(FinalHit(Drum.KICK, 1, 0.5), FinalHit(Drum.RIDE, 3, 0.35)),
)

STYLE: Final = Style(
    name="acoustic",
    description="A steel-string guitar, strummed and picked, brushes, upright bass and soft piano in a small room.",
    words=(
        "folk", "country", "unplugged", "campfire", "guitar", "songwriter", "singersongwriter", "bluegrass",
        "americana", "strum",
    ),
    tempo_range=(76, 116),
    space=Space(reverb_seconds=0.6, reverb_db=-15.0, predelay_ms=8.0, damping_hz=7000.0, slope_db=-4.8),
    channels={
        LEAD: MixChannel(instrument=Instrument.STEEL_GUITAR, gain_db=3.5, pan=0.1, space=0.35, humanize_ms=5.0),
        "lead piano": MixChannel(instrument=Instrument.PIANO, gain_db=-5.0, pan=-0.1, space=0.4, humanize_ms=7.0),
        "strummed": MixChannel(
            instrument=Instrument.STEEL_GUITAR, gain_db=-12.0, pan=-0.5, space=0.3, humanize_ms=5.0
        ),
        "picked": MixChannel(instrument=Instrument.STEEL_GUITAR, gain_db=-8.0, pan=0.45, space=0.35, humanize_ms=6.0),
        "piano": MixChannel(instrument=Instrument.PIANO, gain_db=-11.0, pan=0.2, space=0.5, humanize_ms=8.0),
        BASS: MixChannel(instrument=Instrument.UPRIGHT_BASS, gain_db=-5.0, space=0.1, humanize_ms=7.0),
        "counter": MixChannel(instrument=Instrument.SOLO_STRINGS, gain_db=-12.0, pan=-0.3, space=0.5, humanize_ms=8.0),
        "fills": MixChannel(instrument=Instrument.STEEL_GUITAR, gain_db=-6.0, pan=0.3, space=0.5, humanize_ms=7.0),
        "drums": MixChannel(instrument=Instrument.BRUSH_KIT, gain_db=-6.0, space=0.2, humanize_ms=5.0),
    },
    players={
        "counter": (
            CounterLine(register=Register(low=57, lowest_top=66, highest_top=73), velocity=0.5, from_energy=0.45),
        ),
        "picked": (
            Fingerpicking(
                patterns=((0, -2, 2, -1, 1, -2, 2, -1), (0, 2, -1, 2, 1, -2, -1, 2), (0, -1, 2, -2, 1, 2, -1, -2)),
                velocity=0.55,
                thumb=0.65,
                top=67,
                below_energy=0.85,
            ),
        ),
        "strummed": (
            Strumming(
                patterns=("D-du-udu", "D-dud-du", "D-dudud-"),
                quiet_pattern="D---d---",
                velocity=0.62,
                top=69,
                from_energy=0.6,
                silent_below=0.38,
            ),
        ),
        "piano": (
            HeldChords(register=Register(low=50, lowest_top=62, highest_top=67), velocity=0.42, from_energy=0.5),
        ),
        "drums": (_GROOVE,),
        BASS: (
            WalkingBass(
                low=28,
                approach_chance=0.5,
                root_velocity=0.78,
                fifth_velocity=0.65,
                approach_velocity=0.5,
                from_energy=0.35,
                fifth_from=0.45,
                approach_from=0.7,
            ),
        ),
        "fills": (ThemeQuote(semitones=0, scale=0.7),),
        "lead piano": (MelodyDouble(semitones=0, scale=0.55, from_energy=0.75),),
    },
    lead_centre=72,
    loop_major=("I", "IV", "vi", "V"),
    loop_minor=("i", "III", "VII", "IV"),
    rubato=0.12,
    quiet_colour=Colour.ADDED_NINTHS,
    swing=0.53,
)  # fmt: skip

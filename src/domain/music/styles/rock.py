"""Rock: overdriven power chords on both sides, an eighth-note bass, drums in a room, and a lead guitar."""

from typing import Final

from domain.music.instruments import Drum, Instrument
from domain.music.space import Space
from domain.music.styles.basses import EighthBass
from domain.music.styles.claves import Clave
from domain.music.styles.fills import TomRoll
from domain.music.styles.grooves import Crash, FinalHit, Groove, Hits, Turn
from domain.music.styles.patterns import CounterLine, MelodyDouble, Register, ThemeQuote
from domain.music.styles.power_chords import PowerChords
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style

_GROOVE: Final = Groove(
    from_energy=0.3,
    rows=(
        Clave(Drum.KICK, ((0.0, 0.5), (0.0, 0.5, 0.625)), (0.85, 0.75, 0.65), below_energy=0.7),
        Clave(Drum.KICK, ((0.0, 0.125, 0.5), (0.0, 0.375, 0.5, 0.625)), (0.9, 0.7, 0.85, 0.7), from_energy=0.7),
        Hits(Drum.SNARE, Step.BACKBEATS, (0.85,), from_energy=0.35),
        Hits(Drum.CLOSED_HAT, Step.EIGHTHS, (0.55, 0.38), beats=0.25, below_energy=0.7),
        Hits(Drum.OPEN_HAT, Step.ACCENTS, (0.5,), from_energy=0.7, below_energy=0.9),
        Hits(Drum.RIDE, Step.EIGHTHS, (0.6, 0.4), from_energy=0.9),
    ),
    crash=Crash(0.8, from_energy=0.5),
    fill=TomRoll((Drum.SNARE, Drum.HIGH_TOM, Drum.TOM, Drum.TAIKO)),
    turns=(
        Turn(((Drum.SNARE, 1, 0.6), (Drum.SNARE, 2, 0.5))),
        Turn(((Drum.HIGH_TOM, 4, 0.6), (Drum.TOM, 2, 0.65), (Drum.TAIKO, 1, 0.65))),
        Turn(((Drum.SNARE, 4, 0.5), (Drum.SNARE, 3, 0.55), (Drum.TOM, 1, 0.65))),
        Turn(((Drum.OPEN_HAT, 2, 0.55), (Drum.KICK, 1, 0.75))),
    ),
    ending=(
        FinalHit(Drum.KICK, 1, 0.85),
        FinalHit(Drum.SNARE, 1, 0.75),
        FinalHit(Drum.CRASH, 4, 0.75),
    ),
)

STYLE: Final = Style(
    name="rock",
    description="Overdriven power chords left and right, eighths in the bass, drums in a room and a lead guitar.",
    words=(
        "rocknroll", "rockandroll", "rockroll", "metal", "punk", "grunge", "garage", "riff", "indie", "blues",
        "overdrive", "distort", "electricguitar",
    ),
    tempo_range=(92, 148),
    space=Space(reverb_seconds=0.8, reverb_db=-17.0, predelay_ms=12.0, damping_hz=6500.0, slope_db=-4.0),
    channels={
        LEAD: MixChannel(instrument=Instrument.LEAD_GUITAR, gain_db=3.0, space=0.4, humanize_ms=4.0),
        "lead double": MixChannel(
            instrument=Instrument.LEAD_GUITAR, gain_db=-8.0, pan=0.3, space=0.4, humanize_ms=5.0
        ),
        "left guitar": MixChannel(
            instrument=Instrument.OVERDRIVEN_GUITAR, gain_db=-6.5, pan=-0.9, space=0.15, humanize_ms=4.0
        ),
        "right guitar": MixChannel(
            instrument=Instrument.OVERDRIVEN_GUITAR, gain_db=-6.5, pan=0.9, space=0.15, humanize_ms=4.0
        ),
        BASS: MixChannel(instrument=Instrument.ELECTRIC_BASS, gain_db=-4.0, space=0.0, humanize_ms=4.0),
        "counter": MixChannel(instrument=Instrument.STEEL_GUITAR, gain_db=-9.0, pan=-0.35, space=0.5, humanize_ms=6.0),
        "fills": MixChannel(instrument=Instrument.LEAD_GUITAR, gain_db=-7.0, pan=0.2, space=0.5, humanize_ms=5.0),
        "drums": MixChannel(instrument=Instrument.ROCK_KIT, gain_db=-2.0, space=0.15, humanize_ms=4.0),
    },
    players={
        "counter": (
            CounterLine(register=Register(low=55, lowest_top=65, highest_top=72), velocity=0.5, from_energy=0.4),
        ),
        "left guitar": (
            PowerChords(
                low=40,
                riffs=("Xxxxxxxx", "XxxXxxXx", "Xxx-Xxxx"),
                held_riffs=("X-----X-", "X--X--X-", "X---X---"),
                velocity=0.75,
                from_energy=0.3,
            ),
        ),
        "right guitar": (
            PowerChords(
                low=40,
                riffs=("X-------", "X---x-x-"),
                held_riffs=("X-----X-", "X--X--X-", "X-X-X-X-"),
                velocity=0.75,
                from_energy=0.45,
            ),
        ),
        BASS: (
            EighthBass(
                low=28,
                lines=((0, 0, 0, 0), (0, 0, 0, 12), (0, 0, 0, 0, 0, 0, 12, 0)),
                gate=0.9,
                accent=0.85,
                velocity=0.75,
                held_velocity=0.75,
                from_energy=0.35,
            ),
        ),
        "drums": (_GROOVE,),
        "lead double": (MelodyDouble(semitones=0, scale=0.8, from_energy=0.75),),
        "fills": (ThemeQuote(semitones=0, scale=0.8),),
    },
    lead_centre=74,
    loop_major=("I", "IV", "V", "IV"),
    loop_minor=("i", "VII", "VI", "VII"),
    lift=2,
)  # fmt: skip

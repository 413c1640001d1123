"""Pop: four chords, pads that breathe with the kick, claps, an electric bass, and a bright lead."""

from typing import Final

from domain.music.instruments import Drum, Instrument
from domain.music.space import Space
from domain.music.styles.basses import EighthBass
from domain.music.styles.fills import SnareBuild
from domain.music.styles.grooves import Crash, FinalHit, Groove, Hits, Turn
from domain.music.styles.patterns import Comping, CounterLine, HeldChords, MelodyDouble, Register, ThemeQuote
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.theory.chords import Colour
from domain.music.theory.pitch import OCTAVE

_GROOVE: Final = Groove(
    from_energy=0.3,
    rows=(
        Hits(Drum.KICK, Step.DOWNBEAT, (0.85,), below_energy=0.5),
        Hits(Drum.KICK, Step.ACCENTS, (0.9,), from_energy=0.5),
        Hits(Drum.CLAP, Step.BACKBEATS, (0.55,), from_energy=0.4, below_energy=0.7),
        Hits(Drum.CLAP, Step.BACKBEATS, (0.8,), from_energy=0.7),
        Hits(Drum.SNARE, Step.BACKBEATS, (0.6,), from_energy=0.75),
        Hits(Drum.CLOSED_HAT, Step.EIGHTHS, (0.28, 0.36), beats=0.25, below_energy=0.7),
        Hits(Drum.CLOSED_HAT, Step.EIGHTHS, (0.5, 0.6), beats=0.25, from_energy=0.7),
        Hits(Drum.SHAKER, Step.SIXTEENTHS_OFF, (0.42,), beats=0.25, from_energy=0.65),
        Hits(Drum.OPEN_HAT, Step.OFF_BEATS, (0.5,), beats=0.25, from_energy=0.7),
    ),
    crash=Crash(0.65, from_energy=0.6),
    fill=SnareBuild(toms=(Drum.CLAP, Drum.SNARE)),
    turns=(
        Turn(((Drum.CLAP, 1, 0.5), (Drum.CLAP, 3, 0.4))),
        Turn(((Drum.SNARE, 2, 0.45), (Drum.SNARE, 1, 0.55))),
        Turn(((Drum.OPEN_HAT, 2, 0.45), (Drum.KICK, 1, 0.6))),
        Turn(((Drum.HIGH_TOM, 3, 0.5), (Drum.TOM, 2, 0.5), (Drum.CLAP, 1, 0.5))),
    ),
    ending=(FinalHit(Drum.KICK, 1, 0.8), FinalHit(Drum.CLAP, 1, 0.6), FinalHit(Drum.CRASH, 4, 0.55)),
)

STYLE: Final = Style(
    name="pop",
    description="Piano and pads that breathe with the kick, claps, electric bass and a bright lead.",
    words=("chart", "radio", "disco", "dance", "edm", "house", "club", "party", "catchy", "mainstream", "hit"),
    tempo_range=(96, 128),
    space=Space(
        reverb_seconds=1.1, reverb_db=-15.0, damping_hz=9000.0, chorus=0.3, sidechain_db=7.0, slope_db=-4.3
    ),
    channels={
        LEAD: MixChannel(instrument=Instrument.BRIGHT_LEAD, gain_db=2.0, space=0.3, humanize_ms=3.0),
        "lead octave": MixChannel(instrument=Instrument.GLASS, gain_db=-8.0, pan=0.25, space=0.4, humanize_ms=3.0),
        "pad": MixChannel(instrument=Instrument.WARM_PAD, gain_db=-8.0, space=0.4, humanize_ms=5.0),
        "keys": MixChannel(instrument=Instrument.PIANO, gain_db=-8.0, pan=-0.2, space=0.3, humanize_ms=4.0),
        BASS: MixChannel(instrument=Instrument.ELECTRIC_BASS, gain_db=-3.0, space=0.0, humanize_ms=3.0),
        "counter": MixChannel(instrument=Instrument.GLASS, gain_db=-8.0, pan=0.3, space=0.5, humanize_ms=6.0),
        "fills": MixChannel(instrument=Instrument.BRIGHT_LEAD, gain_db=-9.0, pan=-0.3, space=0.5, humanize_ms=5.0),
        "drums": MixChannel(instrument=Instrument.POP_KIT, gain_db=-4.0, space=0.12, humanize_ms=2.0),
    },
    players={
        "counter": (
            CounterLine(register=Register(low=57, lowest_top=66, highest_top=74), velocity=0.5, from_energy=0.4),
        ),
        "keys": (
            Comping(
                register=Register(low=52, lowest_top=64, highest_top=71),
                rhythms=((0.0, 0.375, 0.75), (0.0, 0.25, 0.625), (0.0, 0.375, 0.625, 0.875)),
                voices=3,
                strum=0.0,
                accent=0.7,
                velocity=0.58,
                from_energy=0.35,
            ),
        ),
        BASS: (
            EighthBass(
                low=31,
                lines=((0, 0, 0, 0), (0, 0, 12, 0), (0, 0, 0, 12, 0, 0, 12, 0)),
                gate=0.85,
                accent=0.82,
                velocity=0.68,
                held_velocity=0.7,
                from_energy=0.45,
            ),
        ),
        "pad": (
            HeldChords(
                register=Register(low=50, lowest_top=63, highest_top=71), velocity=0.65, voices=4, from_energy=0.3
            ),
        ),
        "drums": (_GROOVE,),
        "lead octave": (MelodyDouble(semitones=OCTAVE, scale=0.7, from_energy=0.7),),
        "fills": (ThemeQuote(semitones=0, scale=0.7),),
    },
    lead_centre=74,
    loop_major=("I", "V", "vi", "IV"),
    loop_minor=("i", "VI", "III", "VII"),
    quiet_colour=Colour.ADDED_NINTHS,
    lift=2,
)  # fmt: skip

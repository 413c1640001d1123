"""Synthwave: supersaws, an octave bass in eighths, a gated snare, an arpeggio, and a lead for the night drive."""

from typing import Final

from domain.music.instruments import Drum, Instrument
from domain.music.space import Space
from domain.music.styles.basses import EighthBass
from domain.music.styles.figures import Accent, Figure, Sixteenths
from domain.music.styles.fills import SnareBuild
from domain.music.styles.grooves import Crash, FinalHit, Groove, Hits, Turn
from domain.music.styles.patterns import CounterLine, HeldChords, MelodyDouble, Register
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.theory.chords import Colour
from domain.music.theory.pitch import OCTAVE

_GROOVE: Final = Groove(
    from_energy=0.3,
    rows=(
        Hits(Drum.KICK, Step.DOWNBEAT, (0.9,), below_energy=0.5),
        Hits(Drum.KICK, Step.ACCENTS, (0.9,), from_energy=0.5),
        Hits(Drum.SNARE, Step.BACKBEATS, (0.85,), from_energy=0.45),
        Hits(Drum.CLAP, Step.BACKBEATS, (0.5,), from_energy=0.8),
        Hits(Drum.OPEN_HAT, Step.OFF_BEATS, (0.34,), beats=0.25, from_energy=0.6),
        Hits(Drum.CLOSED_HAT, Step.EIGHTHS, (0.42, 0.32), beats=0.25),
    ),
    crash=Crash(0.6, from_energy=0.5),
    fill=SnareBuild(toms=(Drum.HIGH_TOM, Drum.TOM, Drum.TAIKO)),
    turns=(
        Turn(((Drum.SNARE, 1, 0.5), (Drum.SNARE, 2, 0.45))),
        Turn(((Drum.HIGH_TOM, 4, 0.6), (Drum.TOM, 2, 0.6), (Drum.TOM, 1, 0.6))),
        Turn(((Drum.OPEN_HAT, 2, 0.4), (Drum.KICK, 1, 0.7))),
        Turn(((Drum.CLAP, 1, 0.5), (Drum.SNARE, 3, 0.4))),
    ),
    ending=(FinalHit(Drum.KICK, 1, 0.8), FinalHit(Drum.SNARE, 1, 0.8), FinalHit(Drum.CRASH, 4, 0.6)),
)

STYLE: Final = Style(
    name="synthwave",
    description="Saws, arpeggios and synth bass over gated drums, as in the eighties.",
    words=(
        "80s", "eighties", "retro", "electr", "synth", "techno", "neon", "vapor", "outrun", "wave", "cyber",
    ),
    tempo_range=(84, 118),
    space=Space(reverb_seconds=1.6, reverb_db=-13.0, chorus=0.6, sidechain_db=6.0, echo_beats=0.75),
    channels={
        LEAD: MixChannel(instrument=Instrument.LEAD_SYNTH, gain_db=2.0, space=0.35, humanize_ms=3.0),
        "lead octave": MixChannel(instrument=Instrument.SUPERSAW, gain_db=-10.0, space=0.4, humanize_ms=3.0),
        "pad": MixChannel(instrument=Instrument.SUPERSAW, gain_db=-11.0, space=0.45, humanize_ms=4.0),
        BASS: MixChannel(instrument=Instrument.SYNTH_BASS, gain_db=-6.0, space=0.0, humanize_ms=1.5),
        "counter": MixChannel(instrument=Instrument.LEAD_SYNTH, gain_db=-9.0, pan=-0.3, space=0.5, humanize_ms=7.0),
        "arpeggio": MixChannel(instrument=Instrument.ARP_SYNTH, gain_db=-11.0, pan=0.35, space=0.4, humanize_ms=2.0),
        "drums": MixChannel(instrument=Instrument.GATED_KIT, gain_db=-5.0, space=0.2, humanize_ms=1.5),
    },
    players={
        "counter": (
            CounterLine(
                register=Register(low=55, lowest_top=66, highest_top=73), velocity=0.4, from_energy=0.4
            ),
        ),
        "arpeggio": (
            Figure(
                register=Register(low=50, lowest_top=62, highest_top=70),
                orders=((0, 1, 2, 3), (0, 2, 1, 3), (3, 2, 1, 0), (0, 1, 2, 1)),
                gate=0.9,
                accent=0.6,
                velocity=0.48,
                accented=Accent.FOUR_NOTES,
                sixteenths=Sixteenths(from_energy=0.5, over_seconds=0.2),
                octave_under=67,
            ),
        ),
        BASS: (
            EighthBass(
                low=33,
                lines=((0, 12), (0, 0, 12, 0), (0, 12, 0, 12, 0, 0, 12, 12)),
                gate=0.8,
                accent=0.85,
                velocity=0.72,
                held_velocity=0.7,
                from_energy=0.35,
            ),
        ),
        "pad": (
            HeldChords(register=Register(low=48, lowest_top=62, highest_top=70), velocity=0.6, voices=4),
        ),
        "drums": (_GROOVE,),
        "lead octave": (MelodyDouble(semitones=OCTAVE, scale=0.7, from_energy=0.75),),
    },
    lead_centre=74,
    loop_major=("vi", "IV", "I", "V"),
    loop_minor=("i", "VI", "III", "VII"),
    colour=Colour.ADDED_NINTHS,
    quiet_colour=Colour.ADDED_NINTHS,
    lift=2,
)  # fmt: skip

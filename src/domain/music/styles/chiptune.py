"""Chiptune: pulse waves, a triangle bass, noise for drums, and arpeggios for chords, without any room."""

from typing import Final

from domain.music.instruments import Drum, Instrument
from domain.music.space import Space
from domain.music.styles.basses import EighthBass
from domain.music.styles.claves import Clave
from domain.music.styles.fills import SnareBuild
from domain.music.styles.grooves import Crash, FinalHit, Groove, Hits, Turn
from domain.music.styles.patterns import CounterLine, MelodyDouble, Register, ThemeQuote
from domain.music.styles.steps import Step
from domain.music.styles.style import BASS, LEAD, MixChannel, Style
from domain.music.styles.textures import FastArpeggio
from domain.music.theory.pitch import OCTAVE

_GROOVE: Final = Groove(
    from_energy=0.3,
    rows=(
        Hits(Drum.KICK, Step.DOWNBEAT, (0.85,), below_energy=0.45),
        Clave(Drum.KICK, ((0.0, 0.5), (0.0, 0.5, 0.625)), (0.85, 0.75, 0.6), from_energy=0.45),
        Hits(Drum.SNARE, Step.BACKBEATS, (0.75,), from_energy=0.4),
        Hits(Drum.CLOSED_HAT, Step.EIGHTHS, (0.45, 0.35), beats=0.25),
        Hits(Drum.SHAKER, Step.SIXTEENTHS_OFF, (0.32,), beats=0.25, from_energy=0.6),
        Hits(Drum.OPEN_HAT, Step.LAST_EIGHTH, (0.4,), beats=0.25, from_energy=0.75),
    ),
    crash=Crash(0.55, from_energy=0.6, beats=1.0),
    fill=SnareBuild(toms=(Drum.HIGH_TOM, Drum.TOM, Drum.TAIKO)),
    turns=(
        Turn(((Drum.SNARE, 1, 0.5), (Drum.SNARE, 2, 0.4))),
        Turn(((Drum.HIGH_TOM, 3, 0.6), (Drum.TOM, 2, 0.6), (Drum.TAIKO, 1, 0.6))),
        Turn(((Drum.KICK, 1, 0.7), (Drum.SNARE, 3, 0.4))),
        Turn(((Drum.SNARE, 4, 0.5), (Drum.SNARE, 2, 0.5), (Drum.SNARE, 1, 0.55))),
    ),
    ending=(FinalHit(Drum.KICK, 1, 0.8), FinalHit(Drum.CRASH, 2, 0.6)),
)

STYLE: Final = Style(
    name="chiptune",
    description="Pulse waves, a triangle bass and quick arpeggios, as old game consoles play.",
    words=("chip", "8bit", "16bit", "arcade", "videogame", "nintendo", "gameboy", "pixel", "console", "jumpnrun"),
    tempo_range=(110, 160),
    space=Space(reverb_seconds=0.25, reverb_db=-26.0, predelay_ms=1.0, echo_beats=0.75, slope_db=-3.2),
    channels={
        LEAD: MixChannel(instrument=Instrument.PULSE_LEAD, gain_db=2.0, space=0.1, humanize_ms=0.0),
        "lead octave": MixChannel(instrument=Instrument.SQUARE_ARP, gain_db=-8.0, pan=0.2, space=0.1, humanize_ms=0.0),
        "arpeggio": MixChannel(instrument=Instrument.SQUARE_ARP, gain_db=-9.5, pan=-0.3, space=0.1, humanize_ms=0.0),
        "counter": MixChannel(instrument=Instrument.PULSE_LEAD, gain_db=-10.0, pan=0.3, space=0.1, humanize_ms=0.0),
        "fills": MixChannel(instrument=Instrument.SQUARE_ARP, gain_db=-5.0, pan=0.15, space=0.1, humanize_ms=0.0),
        BASS: MixChannel(instrument=Instrument.TRIANGLE_BASS, gain_db=-5.0, space=0.0, humanize_ms=0.0),
        "drums": MixChannel(instrument=Instrument.CHIP_KIT, gain_db=-6.0, space=0.0, humanize_ms=0.0),
    },
    players={
        "counter": (
            CounterLine(register=Register(low=57, lowest_top=66, highest_top=74), velocity=0.5, from_energy=0.4),
        ),
        "arpeggio": (
            FastArpeggio(
                register=Register(low=55, lowest_top=67, highest_top=73),
                orders=((0, 1, 2), (0, 1, 2, 1), (2, 1, 0), (0, 1, 2, 3)),
                gates=("xxxxxx-x", "xxx-xxx-", "xx-xx-xx"),
                velocity=0.6,
            ),
        ),
        BASS: (
            EighthBass(
                low=33,
                lines=((0, 12, 0, 12), (0, 0, 12, 0), (0, 12, 0, 0, 12, 0, 0, 12)),
                gate=0.7,
                accent=0.8,
                velocity=0.7,
                held_velocity=0.7,
                from_energy=0.3,
            ),
        ),
        "drums": (_GROOVE,),
        "lead octave": (MelodyDouble(semitones=OCTAVE, scale=0.7, from_energy=0.7),),
        "fills": (ThemeQuote(semitones=0, scale=0.8),),
    },
    lead_centre=76,
    loop_major=("IV", "V", "iii", "vi"),
    loop_minor=("i", "VII", "VI", "V"),
)  # fmt: skip

"""The band's instruments: one table of what composing, mixing and notation know about each.

Programs are those of General MIDI level 1, numbered from 0. Kits take General MIDI percussion keys as pitches; their
programs select a Roland GS kit on the drum channel.
"""

from enum import Enum, IntEnum, StrEnum
from typing import Self


class InstrumentKind(Enum):
    """What an instrument is to the mix: pitched instruments share the chorus, basses stay dry of it, kits drive it."""

    PITCHED = "pitched"
    BASS = "bass"
    KIT = "kit"


class Instrument(StrEnum):
    """An instrument by its name in scores.

    Attributes:
        low: Lowest MIDI number; for kits, the lowest percussion key.
        high: Highest MIDI number, or percussion key.
        program: General MIDI program, from 0.
        kind: What it is to the mix.
    """

    low: int
    high: int
    program: int
    kind: InstrumentKind

    def __new__(
        cls, name: str, low: int, high: int, program: int, kind: InstrumentKind = InstrumentKind.PITCHED
    ) -> Self:
        """Create a member whose value is its name in scores."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.low, member.high, member.program, member.kind = low, high, program, kind
        return member

    LOW_STRINGS = "low_strings", 28, 67, 48
    HIGH_STRINGS = "high_strings", 55, 103, 48
    SOLO_STRINGS = "solo_strings", 55, 96, 40
    HORNS = "horns", 36, 77, 60
    CHOIR = "choir", 41, 84, 52
    PIANO = "piano", 21, 108, 0
    CELESTA = "celesta", 60, 108, 8
    CINEMATIC_KIT = "cinematic_kit", 35, 57, 48, InstrumentKind.KIT

    ELECTRIC_PIANO = "electric_piano", 28, 100, 4
    VIBRAPHONE = "vibraphone", 53, 89, 11
    UPRIGHT_BASS = "upright_bass", 28, 62, 32, InstrumentKind.BASS
    LOFI_KIT = "lofi_kit", 35, 57, 32, InstrumentKind.KIT

    SUPERSAW = "supersaw", 36, 96, 90
    LEAD_SYNTH = "lead_synth", 48, 96, 81
    ARP_SYNTH = "arp_synth", 36, 96, 84
    SYNTH_BASS = "synth_bass", 24, 62, 38, InstrumentKind.BASS
    GATED_KIT = "gated_kit", 35, 57, 24, InstrumentKind.KIT

    PIZZICATO = "pizzicato", 28, 100, 45
    TIMPANI = "timpani", 36, 57, 47
    FLUTE = "flute", 60, 96, 73
    CLARINET = "clarinet", 50, 91, 71

    NYLON_GUITAR = "nylon_guitar", 40, 83, 24
    STEEL_GUITAR = "steel_guitar", 40, 88, 25
    OVERDRIVEN_GUITAR = "overdriven_guitar", 38, 79, 29
    LEAD_GUITAR = "lead_guitar", 50, 91, 30
    ELECTRIC_BASS = "electric_bass", 28, 62, 33, InstrumentKind.BASS
    BRUSH_KIT = "brush_kit", 35, 57, 40, InstrumentKind.KIT
    ROCK_KIT = "rock_kit", 35, 57, 16, InstrumentKind.KIT

    WARM_PAD = "warm_pad", 28, 96, 89
    GLASS = "glass", 48, 96, 92
    BRIGHT_LEAD = "bright_lead", 48, 96, 81
    POP_KIT = "pop_kit", 35, 57, 8, InstrumentKind.KIT

    PULSE_LEAD = "pulse_lead", 48, 100, 80
    SQUARE_ARP = "square_arp", 45, 100, 80
    TRIANGLE_BASS = "triangle_bass", 28, 69, 39, InstrumentKind.BASS
    CHIP_KIT = "chip_kit", 35, 57, 25, InstrumentKind.KIT

    @property
    def is_kit(self) -> bool:
        """Whether pitches are percussion keys."""
        return self.kind is InstrumentKind.KIT


class Drum(IntEnum):
    """General MIDI percussion keys that the kits have a sound of their own for."""

    KICK = 36
    RIM = 37
    SNARE = 38
    CLAP = 39
    SWIRL = 40
    TAIKO = 41
    CLOSED_HAT = 42
    TOM = 45
    OPEN_HAT = 46
    HIGH_TOM = 48
    CRASH = 49
    RIDE = 51
    SHAKER = 54

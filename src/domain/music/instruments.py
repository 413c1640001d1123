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

    @property
    def is_kit(self) -> bool:
        """Whether pitches are percussion keys."""
        return self.kind is InstrumentKind.KIT


class Drum(IntEnum):
    """General MIDI percussion keys that the kits have a sound of their own for."""

    KICK = 36
    SNARE = 38
    CLAP = 39
    TAIKO = 41
    CLOSED_HAT = 42
    TOM = 45
    OPEN_HAT = 46
    HIGH_TOM = 48
    CRASH = 49
    RIDE = 51
    SHAKER = 54

"""The sounds of syllables: formants of vowels and consonants, and how consonants close, soften and hiss.

Formants follow Peterson & Barney 1952 (vowels) and Fujimura 1962 (nasal murmurs); durations and levels of consonants
follow Stevens, "Acoustic Phonetics" (1998), widened for singing.
"""

from enum import Enum
from typing import Final

import msgspec

Formants = tuple[float, float, float]

VOWELS: Final[dict[str, Formants]] = {
    "i": (270, 2290, 3010),
    "ih": (390, 1990, 2550),
    "e": (400, 2150, 2650),
    "eh": (530, 1840, 2480),
    "ae": (660, 1720, 2410),
    "a": (730, 1200, 2500),
    "uh": (640, 1190, 2390),
    "schwa": (500, 1500, 2500),
    "aw": (570, 840, 2410),
    "o": (450, 800, 2400),
    "u": (310, 850, 2240),
    "y": (280, 1900, 2200),
    "oe": (400, 1600, 2250),
    "er": (490, 1350, 1690),
}
"""Hz, for an adult man."""

DIPHTHONGS: Final = (("a", "i"), ("a", "u"), ("e", "i"), ("o", "u"), ("aw", "i"), ("i", "schwa"), ("u", "schwa"))

MURMUR: Final[Formants] = (270, 1050, 2200)
"""Lips closed: the sound of a hum."""


class Kind(Enum):
    """How a consonant is made."""

    VOICED = "voiced"
    """The voice goes on, softer: nasals, liquids, glides, voiced fricatives, and a mere dip."""

    VOICED_STOP = "voiced stop"
    """The mouth closes; a faint murmur goes on; a burst."""

    STOP = "stop"
    """Silence, a burst, a little breath."""

    HISS = "hiss"
    """Noise without voice: fricatives, h, and the end of an affricate."""

    GLOTTAL = "glottal"
    """The glottis closes; the voice may start with a creak."""


class Consonant(msgspec.Struct, frozen=True, kw_only=True):
    """A consonant.

    Attributes:
        kind: How it is made.
        formants: Of the voiced part; None keeps those of the vowels around it.
        seconds: Shortest and longest.
        drop_db: How much softer than the vowel the voice is, least and most.
        hiss_db: Level of the noise relative to the vowel; −90 without noise.
        hiss_hz: Band of the noise.
        nasal: Whether the nose is open.
        weight: How often it comes, relative to the others.
    """

    kind: Kind
    seconds: tuple[float, float]
    formants: Formants | None = None
    drop_db: tuple[float, float] = (90.0, 90.0)
    hiss_db: float = -90.0
    hiss_hz: tuple[float, float] = (1500.0, 6000.0)
    nasal: bool = False
    weight: float = 1.0


CONSONANTS: Final[dict[str, Consonant]] = {
    "m": Consonant(
        kind=Kind.VOICED, seconds=(0.045, 0.13), formants=(250, 1050, 2200), drop_db=(4, 13), nasal=True, weight=2.0
    ),
    "n": Consonant(
        kind=Kind.VOICED, seconds=(0.04, 0.12), formants=(270, 1500, 2400), drop_db=(4, 14), nasal=True, weight=2.2
    ),
    "l": Consonant(kind=Kind.VOICED, seconds=(0.035, 0.12), formants=(340, 1150, 2700), drop_db=(4, 12), weight=2.0),
    "r": Consonant(kind=Kind.VOICED, seconds=(0.03, 0.10), formants=(380, 1250, 1650), drop_db=(4, 12), weight=1.4),
    "tap": Consonant(kind=Kind.VOICED, seconds=(0.025, 0.045), formants=(350, 1500, 2500), drop_db=(8, 20)),
    "w": Consonant(kind=Kind.VOICED, seconds=(0.04, 0.12), formants=(300, 650, 2200), drop_db=(4, 12), weight=1.2),
    "j": Consonant(kind=Kind.VOICED, seconds=(0.04, 0.11), formants=(270, 2250, 3000), drop_db=(4, 11)),
    "v": Consonant(
        kind=Kind.VOICED,
        seconds=(0.04, 0.11),
        formants=(260, 1200, 2300),
        drop_db=(8, 20),
        hiss_db=-32,
        hiss_hz=(1200, 7000),
        weight=0.9,
    ),
    "z": Consonant(
        kind=Kind.VOICED,
        seconds=(0.05, 0.12),
        formants=(250, 1700, 2600),
        drop_db=(9, 20),
        hiss_db=-22,
        hiss_hz=(3800, 7600),
        weight=0.7,
    ),
    "b": Consonant(
        kind=Kind.VOICED_STOP,
        seconds=(0.05, 0.11),
        formants=(220, 900, 2200),
        drop_db=(14, 32),
        hiss_db=-28,
        hiss_hz=(200, 2500),
        weight=1.3,
    ),
    "d": Consonant(
        kind=Kind.VOICED_STOP,
        seconds=(0.04, 0.10),
        formants=(220, 1700, 2600),
        drop_db=(14, 32),
        hiss_db=-26,
        hiss_hz=(2500, 6000),
        weight=2.0,
    ),
    "p": Consonant(kind=Kind.STOP, seconds=(0.06, 0.16), hiss_db=-30, hiss_hz=(300, 2500)),
    "t": Consonant(kind=Kind.STOP, seconds=(0.05, 0.16), hiss_db=-20, hiss_hz=(2800, 7500), weight=1.8),
    "s": Consonant(kind=Kind.HISS, seconds=(0.07, 0.20), hiss_db=-17, hiss_hz=(3800, 7800), weight=1.8),
    "f": Consonant(kind=Kind.HISS, seconds=(0.06, 0.18), hiss_db=-30, hiss_hz=(1200, 7500)),
    "h": Consonant(kind=Kind.HISS, seconds=(0.04, 0.14), hiss_db=-26, hiss_hz=(700, 4500), weight=1.6),
    "x": Consonant(kind=Kind.HISS, seconds=(0.06, 0.15), hiss_db=-26, hiss_hz=(1000, 3500), weight=0.4),
    "glottal": Consonant(kind=Kind.GLOTTAL, seconds=(0.02, 0.09), weight=0.8),
}
"""Consonants that training draws."""

EXCLUDED_CONSONANTS: Final[dict[str, Consonant]] = {
    "ng": Consonant(kind=Kind.VOICED, seconds=(0.05, 0.12), formants=(300, 2000, 2800), drop_db=(4, 14), nasal=True),
    "gn": Consonant(kind=Kind.VOICED, seconds=(0.05, 0.13), formants=(280, 2150, 2900), drop_db=(4, 14), nasal=True),
    "ly": Consonant(kind=Kind.VOICED, seconds=(0.04, 0.12), formants=(310, 1900, 2800), drop_db=(4, 12)),
    "dh": Consonant(
        kind=Kind.VOICED,
        seconds=(0.03, 0.09),
        formants=(270, 1350, 2500),
        drop_db=(6, 18),
        hiss_db=-34,
        hiss_hz=(1500, 7500),
    ),
    "zh": Consonant(
        kind=Kind.VOICED,
        seconds=(0.05, 0.12),
        formants=(260, 1900, 2500),
        drop_db=(8, 20),
        hiss_db=-22,
        hiss_hz=(2200, 6000),
    ),
    "g": Consonant(
        kind=Kind.VOICED_STOP,
        seconds=(0.05, 0.11),
        formants=(230, 2000, 2400),
        drop_db=(14, 32),
        hiss_db=-26,
        hiss_hz=(1300, 3500),
    ),
    "k": Consonant(kind=Kind.STOP, seconds=(0.06, 0.17), hiss_db=-21, hiss_hz=(1300, 4000)),
    "sh": Consonant(kind=Kind.HISS, seconds=(0.07, 0.20), hiss_db=-16, hiss_hz=(2000, 6500)),
}
"""Consonants that training never draws."""

DIP: Final = Consonant(kind=Kind.VOICED, seconds=(0.05, 0.14), drop_db=(4, 13))
"""The same vowel said again: the voice only weakens."""

NASAL_BREATH: Final = Consonant(kind=Kind.HISS, seconds=(0.04, 0.14), hiss_db=-34, hiss_hz=(500, 2500))
"""The gap of a hum that is started anew: "hm-hm"."""

"""How likely a sung pitch is above a tonic: which degrees melodies use, and how far singers miss them.

Pitches above the tonic are cents modulo an octave. How often degrees occur in European folk songs is from Temperley,
"Music and Probability" (MIT Press, 2007, chapter 4).
"""

from enum import Enum
from functools import lru_cache
from math import exp, log, sqrt, tau
from typing import Final

CELL: Final = 5
"""Cents between the pitches of a table."""

CELLS: Final = 1200 // CELL

_MAJOR: Final = (0.184, 0.001, 0.155, 0.003, 0.191, 0.109, 0.005, 0.214, 0.001, 0.078, 0.004, 0.055)
_MINOR: Final = (0.192, 0.005, 0.149, 0.179, 0.002, 0.144, 0.002, 0.201, 0.038, 0.012, 0.053, 0.022)

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_FLOOR: Final = 0.0005  # share of every degree, so that none is impossible
_SIXTH: Final = 0.03  # what people hum more of natural minor than the profile has
_SEVENTH: Final = 0.03
_IN_TUNE: Final = 18.0  # cents by which singers miss a note: standard deviation beside that of drift
_SOUR: Final = 70.0  # the same of notes that are missed
_SOUR_SHARE: Final = 0.05

_FINAL: Final = {0: 6.7, 3: 1.4, 4: 1.4, 2: 0.8}
_FIRST: Final = {0: 0.36, 7: 0.38}
_REST: Final = {0: 0.63, 3: 0.4, 4: 0.4, 7: 0.56, 2: 0.06}
"""Nats that degrees gain at the end of a melody, at its start, and at the ends of its phrases."""


class Role(Enum):
    """The place of a note in the melody."""

    INNER = "inner"
    FIRST = "first"
    REST = "rest"
    FINAL = "final"


_BONUSES: Final = {Role.INNER: dict[int, float](), Role.FIRST: _FIRST, Role.REST: _REST, Role.FINAL: _FINAL}


def degree_price(degree: int, role: Role, weight: float, *, minor: bool) -> float:
    """Return the log-likelihood of a degree, 0..11, relative to an even share; long notes have more weight."""
    third_of_other = degree == (4 if minor else 3)
    bonus = 0.0 if third_of_other else _BONUSES[role].get(degree, 0.0)
    return weight * log(12 * _shares(minor=minor)[degree]) + bonus


def miss_odds(cents: float) -> float:
    """Return the density, per semitone, with which a singer misses a note by so many cents."""
    return 100 * ((1 - _SOUR_SHARE) * _bell(cents, _IN_TUNE) + _SOUR_SHARE * _bell(cents, _SOUR))


@lru_cache(maxsize=256)
def pitch_prices(role: Role, level: int, *, minor: bool) -> tuple[float, ...]:
    """Return the log-likelihood of each pitch above the tonic, every `CELL` cents; `level` is the weight times 4."""
    prices = [exp(degree_price(degree, role, level / 4, minor=minor)) for degree in range(12)]
    return tuple(log(_pitch_odds(cell * CELL, prices)) for cell in range(CELLS))


def _pitch_odds(cents: int, odds: list[float]) -> float:
    around = range(cents // 100 - 1, cents // 100 + 3)
    return sum(odds[degree % 12] * miss_odds(cents - 100 * degree) for degree in around)


@lru_cache
def _shares(*, minor: bool) -> tuple[float, ...]:
    raw = [share + _FLOOR for share in (_MINOR if minor else _MAJOR)]
    if minor:
        raw[8] += _SIXTH
        raw[10] += _SEVENTH
    return tuple(share / sum(raw) for share in raw)


def _bell(distance: float, spread: float) -> float:
    return exp(-0.5 * (distance / spread) ** 2) / (spread * sqrt(tau))

"""Chord progressions: what usually follows what, after the table of usual root progressions in Piston, "Harmony".

Scores are added to those of a path; 0 is neutral. Borrowed chords and secondary dominants are scored as popular music
uses them.
"""

from functools import cache
from typing import Final

from domain.music.theory.chords import Numeral, vocabulary
from domain.music.theory.scale import Scale

_UNUSUAL: Final = -0.3
_UNRESOLVED: Final = -1.5  # a secondary dominant that goes elsewhere

_MAJOR_MOVES: Final[dict[Numeral, dict[Numeral, float]]] = {
    "I": {"IV": 0.5, "V": 0.4, "vi": 0.5, "ii": 0.2, "iii": 0.1, "bVII": 0.3, "V/vi": 0.2, "V/ii": 0.1},
    "ii": {"V": 0.9, "IV": 0.0, "vi": 0.0, "vii": 0.3, "I": -0.2},
    "iii": {"vi": 0.5, "IV": 0.5, "ii": 0.1},
    "IV": {"V": 0.7, "I": 0.5, "ii": 0.2, "vi": 0.2, "iv": 0.6, "bVII": 0.2, "V/V": 0.2},
    "V": {"I": 1.0, "vi": 0.6, "IV": -0.2, "ii": -0.5, "V/vi": 0.1},
    "vi": {"IV": 0.7, "ii": 0.5, "V": 0.4, "iii": 0.2, "I": 0.0, "V/V": 0.2},
    "vii": {"I": 0.8, "vi": 0.2, "V/vi": 0.3},
    "bVII": {"IV": 0.6, "I": 0.5},
    "iv": {"I": 1.0, "V": 0.4},
    "V/V": {"V": 1.2},
    "V/vi": {"vi": 1.3, "IV": 0.5},
    "V/ii": {"ii": 1.3},
}
_MINOR_MOVES: Final[dict[Numeral, dict[Numeral, float]]] = {
    "i": {"VI": 0.6, "iv": 0.5, "VII": 0.5, "III": 0.2, "v": 0.1, "V": 0.3, "IV": 0.1, "V/iv": 0.1},
    "ii": {"V": 0.9, "v": 0.2, "i": 0.0},
    "III": {"VII": 0.7, "VI": 0.5, "iv": 0.4, "i": 0.1},
    "iv": {"V": 0.7, "i": 0.5, "VII": 0.5, "VI": 0.2, "v": 0.2},
    "v": {"i": 0.6, "VI": 0.5, "iv": 0.2},
    "VI": {"VII": 0.8, "III": 0.6, "iv": 0.3, "V": 0.5, "i": 0.2},
    "VII": {"i": 0.8, "III": 0.6, "VI": 0.3, "iv": 0.1},
    "V": {"i": 1.1, "VI": 0.5},
    "IV": {"i": 0.5, "VII": 0.4, "V": 0.2},
    "V/iv": {"iv": 1.3},
}

BRIDGE_MAJOR: Final[tuple[Numeral, ...]] = ("vi", "iii", "IV", "V")
BRIDGE_MINOR: Final[tuple[Numeral, ...]] = ("VI", "III", "iv", "V")
"""What a bridge prefers: the relative key and the subdominant, and the dominant at its end."""


@cache
def moves(key: Scale) -> tuple[tuple[float, ...], ...]:
    """Return the score of each chord of the key's vocabulary (column) after each (row)."""
    usual, chords = _MINOR_MOVES if key.minor else _MAJOR_MOVES, vocabulary(key)
    return tuple(tuple(usual[old.numeral].get(new.numeral, _other(old.numeral)) for new in chords) for old in chords)


def _other(numeral: Numeral) -> float:
    """Return the score of a move that is not in the table."""
    return _UNRESOLVED if "/" in numeral else _UNUSUAL

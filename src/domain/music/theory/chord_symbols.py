"""Chord symbols as musicians write them: `Am7`, `F#m`, `G/B`, `Bbmaj7`, `Dsus4`."""

import re
from functools import lru_cache
from typing import Final

from domain.music.theory.chords import Harmony
from domain.music.theory.pitch import pitch_class

_SYMBOL: Final = re.compile(r"([A-G][#b]?)([^/]*)(?:/([A-G][#b]?))?")
_QUALITIES: Final = {
    (0, 4, 7): ("", "maj", "M"),
    (0, 3, 7): ("m", "min", "-"),
    (0, 3, 6): ("dim", "°", "o"),
    (0, 4, 8): ("aug", "+"),
    (0, 7): ("5",),
    (0, 2, 7): ("sus2",),
    (0, 5, 7): ("sus4", "sus"),
    (0, 4, 7, 9): ("6",),
    (0, 3, 7, 9): ("m6", "min6"),
    (0, 4, 7, 10): ("7",),
    (0, 4, 7, 11): ("maj7", "M7", "Δ"),
    (0, 3, 7, 10): ("m7", "min7", "-7"),
    (0, 3, 6, 10): ("m7b5", "ø"),
    (0, 3, 6, 9): ("dim7", "°7"),
    (0, 5, 7, 10): ("7sus4", "7sus"),
    (0, 4, 7, 14): ("add9", "2"),
    (0, 3, 7, 14): ("madd9",),
    (0, 4, 7, 10, 14): ("9",),
    (0, 4, 7, 11, 14): ("maj9", "M9"),
    (0, 3, 7, 10, 14): ("m9", "min9"),
}
"""Semitones above the root, and what is written after it."""

_INTERVALS: Final = {written: intervals for intervals, ways in _QUALITIES.items() for written in ways}


@lru_cache(1024)  # symbols come from users
def parse_chord(symbol: str) -> Harmony | None:
    """Return the chord of a symbol, None if it is none that we know."""
    matched = _SYMBOL.fullmatch(symbol.strip())
    if matched is None or matched[2] not in _INTERVALS:
        return None
    root = pitch_class(matched[1])
    bass = (pitch_class(matched[3]) - root) % 12 if matched[3] else 0
    return Harmony("given", root, _INTERVALS[matched[2]], 0.0, bass)

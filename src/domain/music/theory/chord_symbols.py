"""Chord symbols as musicians write them: `Am7`, `F#m`, `G/B`, `Bbmaj7`, `Dsus4`."""

import re
from functools import lru_cache
from typing import Final

from domain.music.theory.chords import SUFFIXES, Harmony
from domain.music.theory.pitch import pitch_class

_SYMBOL: Final = re.compile(r"([A-G][#b]?)([^/]*)(?:/([A-G][#b]?))?")
_ALSO_WRITTEN: Final = {
    "": ("maj", "M"),
    "m": ("min", "-"),
    "dim": ("°", "o"),
    "aug": ("+",),
    "sus4": ("sus",),
    "m6": ("min6",),
    "maj7": ("M7", "Δ"),
    "m7": ("min7", "-7"),
    "m7b5": ("ø",),
    "dim7": ("°7",),
    "7sus4": ("7sus",),
    "add9": ("2",),
    "maj9": ("M9",),
    "m9": ("min9",),
}
"""Other ways to write what follows the root, by our own."""

_INTERVALS: Final = {
    written: intervals for intervals, own in SUFFIXES.items() for written in (own, *_ALSO_WRITTEN.get(own, ()))
}


@lru_cache(1024)  # symbols come from users
def parse_chord(symbol: str) -> Harmony | None:
    """Return the chord of a symbol, None if it is none that we know."""
    matched = _SYMBOL.fullmatch(symbol.strip())
    if matched is None or matched[2] not in _INTERVALS:
        return None
    root = pitch_class(matched[1])
    bass = (pitch_class(matched[3]) - root) % 12 if matched[3] else 0
    return Harmony("given", root, _INTERVALS[matched[2]], 0.0, bass)

"""The chords of a key: diatonic ones, and the few borrowed ones that popular music uses."""

from functools import cache
from typing import Final

import msgspec

from domain.music.theory.pitch import spell
from domain.music.theory.scale import Scale

_MAJOR: Final = (0, 4, 7)
_MINOR: Final = (0, 3, 7)
_DIMINISHED: Final = (0, 3, 6)

_SUFFIXES: Final = {
    (0, 4, 7): "", (0, 3, 7): "m", (0, 3, 6): "dim",
    (0, 4, 7, 11): "maj7", (0, 3, 7, 10): "m7", (0, 4, 7, 10): "7", (0, 3, 6, 10): "m7b5",
    (0, 4, 7, 11, 14): "maj9", (0, 3, 7, 10, 14): "m9", (0, 4, 7, 10, 14): "9",
    (0, 4, 7, 14): "add9", (0, 3, 7, 14): "madd9",
    (0, 2, 7): "sus2", (0, 5, 7): "sus4",
}  # fmt: skip

# Roman numeral: semitones above the tonic, triad, and how readily it is used (0: freely).
_MAJOR_KEY: Final = {
    "I": (0, _MAJOR, 0.0), "ii": (2, _MINOR, 0.0), "iii": (4, _MINOR, -0.3), "IV": (5, _MAJOR, 0.0),
    "V": (7, _MAJOR, 0.0), "vi": (9, _MINOR, 0.0), "vii": (11, _DIMINISHED, -1.2),
    "bVII": (10, _MAJOR, -0.9), "iv": (5, _MINOR, -0.9),
    "V/V": (2, _MAJOR, -1.1), "V/vi": (4, _MAJOR, -1.0), "V/ii": (9, _MAJOR, -1.2),
}  # fmt: skip
_MINOR_KEY: Final = {
    "i": (0, _MINOR, 0.0), "ii": (2, _DIMINISHED, -1.0), "III": (3, _MAJOR, -0.1), "iv": (5, _MINOR, 0.0),
    "v": (7, _MINOR, -0.4), "VI": (8, _MAJOR, 0.0), "VII": (10, _MAJOR, 0.0),
    "V": (7, _MAJOR, -0.2), "IV": (5, _MAJOR, -0.9), "V/iv": (0, _MAJOR, -1.3),
}  # fmt: skip


class Harmony(msgspec.Struct, frozen=True):
    """A chord of a key.

    Attributes:
        numeral: Its function: `IV`, `V/vi`.
        root: Pitch class.
        intervals: Semitones above the root, ascending; 14 is the ninth.
        reluctance: ≤ 0, the price of using it at all.
    """

    numeral: str
    root: int
    intervals: tuple[int, ...]
    reluctance: float

    @property
    def classes(self) -> frozenset[int]:
        """Pitch classes of its notes."""
        return frozenset((self.root + interval) % 12 for interval in self.intervals)

    def symbol(self, key: Scale) -> str:
        """Return the chord's name as a musician writes it."""
        return spell(self.root, flats=key.flats or self.numeral in {"bVII", "iv"}) + _SUFFIXES[self.intervals]


@cache
def vocabulary(key: Scale) -> tuple[Harmony, ...]:
    """Return every chord that pieces in the key may use, the tonic first."""
    numerals = _MINOR_KEY if key.minor else _MAJOR_KEY
    return tuple(
        Harmony(numeral, (key.tonic + offset) % 12, triad, reluctance)
        for numeral, (offset, triad, reluctance) in numerals.items()
    )


def coloured(chord: Harmony, key: Scale, colour: str, melody: frozenset[int]) -> Harmony:
    """Return the chord in a style's colour.

    Args:
        chord: A triad.
        key: Where sevenths and ninths are taken from.
        colour: `sevenths` (and ninths), `added` (ninths), `open` (a suspended second for the third), or `plain`.
        melody: Pitch classes sung over it: nothing is added a semitone above one, nor taken away under one.
    """
    if colour == "sevenths":
        seventh = _added(chord, key, (10, 11), melody)
        ninth = _added(chord, key, (14,), melody) if seventh else ()
        intervals = (*chord.intervals, *seventh, *ninth)
    elif colour == "added":
        intervals = (*chord.intervals, *_added(chord, key, (14,), melody))
    elif colour == "open" and not melody & {(chord.root + 3) % 12, (chord.root + 4) % 12}:
        intervals = (0, *(second % 12 for second in _added(chord, key, (14,), melody)), 7)
    else:
        return chord
    return msgspec.structs.replace(chord, intervals=intervals) if intervals in _SUFFIXES else chord


def _added(chord: Harmony, key: Scale, candidates: tuple[int, ...], melody: frozenset[int]) -> tuple[int, ...]:
    fitting = [note for note in candidates if key.contains(chord.root + note)]
    clear = [note for note in fitting if (chord.root + note - 1) % 12 not in melody]
    return tuple(clear[:1])

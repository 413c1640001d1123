"""The chords of a key: diatonic ones, and the few borrowed ones that popular music uses.

Roman numerals are those of harmonic analysis: capitals are major, `bVII` and `iv` in major are borrowed from minor,
`V/vi` is the dominant of the sixth degree.
"""

from enum import Enum
from functools import cache
from typing import Final, Literal

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

MajorNumeral = Literal["I", "ii", "iii", "IV", "V", "vi", "vii", "bVII", "iv", "V/V", "V/vi", "V/ii"]
MinorNumeral = Literal["i", "ii", "III", "iv", "v", "VI", "VII", "V", "IV", "V/iv"]
Numeral = MajorNumeral | MinorNumeral

# Roman numeral: semitones above the tonic, triad, and its reluctance (0: used freely).
_MAJOR_KEY: Final[dict[Numeral, tuple[int, tuple[int, ...], float]]] = {
    "I": (0, _MAJOR, 0.0), "ii": (2, _MINOR, 0.0), "iii": (4, _MINOR, -0.3), "IV": (5, _MAJOR, 0.0),
    "V": (7, _MAJOR, 0.0), "vi": (9, _MINOR, 0.0), "vii": (11, _DIMINISHED, -1.2),
    "bVII": (10, _MAJOR, -0.9), "iv": (5, _MINOR, -0.9),
    "V/V": (2, _MAJOR, -1.1), "V/vi": (4, _MAJOR, -1.0), "V/ii": (9, _MAJOR, -1.2),
}  # fmt: skip
_MINOR_KEY: Final[dict[Numeral, tuple[int, tuple[int, ...], float]]] = {
    "i": (0, _MINOR, 0.0), "ii": (2, _DIMINISHED, -1.0), "III": (3, _MAJOR, -0.1), "iv": (5, _MINOR, 0.0),
    "v": (7, _MINOR, -0.4), "VI": (8, _MAJOR, 0.0), "VII": (10, _MAJOR, 0.0),
    "V": (7, _MAJOR, -0.2), "IV": (5, _MAJOR, -0.9), "V/iv": (0, _MAJOR, -1.3),
}  # fmt: skip


class Colour(Enum):
    """What a style adds to its triads.

    Attributes:
        PLAIN: Nothing.
        OPEN: A suspended second for the third.
        ADDED_NINTHS: The ninth.
        SEVENTHS: The seventh, and with it the ninth.
    """

    PLAIN = "plain"
    OPEN = "open"
    ADDED_NINTHS = "added ninths"
    SEVENTHS = "sevenths"


class Harmony(msgspec.Struct, frozen=True):
    """A chord of a key.

    Attributes:
        numeral: Its function: `IV`, `V/vi`.
        root: Pitch class.
        intervals: Semitones above the root, ascending; 14 is the ninth.
        reluctance: ≤ 0, added to the score of a progression that uses it.
    """

    numeral: Numeral
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


class TimedChord(msgspec.Struct, frozen=True):
    """A chord and when it sounds, in beats."""

    start: float
    beats: float
    harmony: Harmony

    @property
    def end(self) -> float:
        """Where the next chord begins."""
        return self.start + self.beats


@cache
def vocabulary(key: Scale) -> tuple[Harmony, ...]:
    """Return every chord that pieces in the key may use, the tonic first."""
    numerals = _MINOR_KEY if key.minor else _MAJOR_KEY
    return tuple(
        Harmony(numeral, (key.tonic + offset) % 12, triad, reluctance)
        for numeral, (offset, triad, reluctance) in numerals.items()
    )


def coloured(chord: Harmony, key: Scale, colour: Colour, melody: frozenset[int]) -> Harmony:
    """Return a triad in a style's colour; unchanged where the result would be no chord with a name.

    Args:
        chord: A triad.
        key: Where sevenths and ninths are taken from.
        colour: What to add.
        melody: Pitch classes sung over it: nothing is added a semitone above one, nor taken away under one.
    """
    intervals = _coloured_intervals(chord, key, colour, melody)
    return msgspec.structs.replace(chord, intervals=intervals) if intervals in _SUFFIXES else chord


def _coloured_intervals(chord: Harmony, key: Scale, colour: Colour, melody: frozenset[int]) -> tuple[int, ...]:
    match colour:
        case Colour.PLAIN:
            return chord.intervals
        case Colour.SEVENTHS:
            seventh = _added(chord, key, (10, 11), melody)
            ninth = _added(chord, key, (14,), melody) if seventh else ()
            return (*chord.intervals, *seventh, *ninth)
        case Colour.ADDED_NINTHS:
            return (*chord.intervals, *_added(chord, key, (14,), melody))
        case Colour.OPEN:
            thirds = {(chord.root + 3) % 12, (chord.root + 4) % 12}
            seconds = (ninth % 12 for ninth in _added(chord, key, (14,), melody))
            return chord.intervals if melody & thirds else (0, *seconds, 7)


def _added(chord: Harmony, key: Scale, candidates: tuple[int, ...], melody: frozenset[int]) -> tuple[int, ...]:
    fitting = [note for note in candidates if key.contains(chord.root + note)]
    clear = [note for note in fitting if (chord.root + note - 1) % 12 not in melody]
    return tuple(clear[:1])

"""The chords of a key: diatonic ones, and the few borrowed ones that popular music uses.

Roman numerals are those of harmonic analysis: capitals are major, `bVII` and `iv` in major are borrowed from minor,
`V/vi` is the dominant of the sixth degree.
"""

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import Final, Literal

import msgspec

from domain.music.theory.pitch import spell, spell_above
from domain.music.theory.scale import Scale

_MAJOR: Final = (0, 4, 7)
_MINOR: Final = (0, 3, 7)
_DIMINISHED: Final = (0, 3, 6)
_SUSPENDED: Final = (0, 5, 7)

SUFFIXES: Final = {
    (0, 4, 7): "", (0, 3, 7): "m", (0, 3, 6): "dim",
    (0, 4, 7, 11): "maj7", (0, 3, 7, 10): "m7", (0, 4, 7, 10): "7", (0, 3, 6, 10): "m7b5",
    (0, 4, 7, 11, 14): "maj9", (0, 3, 7, 10, 14): "m9", (0, 4, 7, 10, 14): "9",
    (0, 4, 7, 14): "add9", (0, 3, 7, 14): "madd9",
    (0, 4, 8): "aug", (0, 3, 6, 9): "dim7", (0, 7): "5", (0, 4, 7, 9): "6", (0, 3, 7, 9): "m6",
    (0, 2, 7): "sus2", (0, 5, 7): "sus4", (0, 5, 7, 10): "7sus4",
}  # fmt: skip
"""What is written after the root, by the semitones above it: the chords that have a name here."""

_LETTERS: Final = {3: 2, 4: 2, 6: 4, 7: 4, 8: 4, 10: 6, 11: 6, 2: 1, 1: 1, 5: 3, 9: 5}
"""Letters from a chord's root to its bass, by semitones: a third is two letters further."""

MajorNumeral = Literal["I", "ii", "iii", "IV", "V", "vi", "vii", "bVII", "iv", "V/V", "V/vi", "V/ii"]
MinorNumeral = Literal["i", "ii", "III", "iv", "v", "VI", "VII", "V", "IV", "V/iv"]
Numeral = MajorNumeral | MinorNumeral | Literal["given"]
"""The functions of chords; `given` is a chord that the musician wrote, whatever its function."""

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
        SEVENTHS: The seventh, and with it the ninth; the sixth where the seventh would grind.
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
        bass: Semitones of the lowest note above the root; 0 is the root position.
    """

    numeral: Numeral
    root: int
    intervals: tuple[int, ...]
    reluctance: float
    bass: int = 0

    @property
    def classes(self) -> frozenset[int]:
        """Pitch classes of its notes."""
        return frozenset((self.root + interval) % 12 for interval in self.intervals)

    def symbol(self, key: Scale) -> str:
        """Return the chord's name as a musician writes it: `Am7`, `G/B`."""
        root = spell(self.root, flats=key.flats or self.numeral in {"bVII", "iv"})
        under = f"/{spell_above(root, self.bass, _LETTERS[self.bass])}" if self.bass else ""
        return root + SUFFIXES[self.intervals] + under


class TimedChord(msgspec.Struct, frozen=True):
    """A chord and when it sounds, in beats."""

    start: float
    beats: float
    harmony: Harmony

    @property
    def end(self) -> float:
        """Where the next chord begins."""
        return self.start + self.beats


def harmony_at(chords: Sequence[TimedChord], beat: float) -> Harmony:
    """Return the chord that sounds at a beat; of chords in order, at least one, the last sounds on."""
    return next((chord.harmony for chord in chords if beat < chord.end - 1e-6), chords[-1].harmony)


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

    A fourth that is held over a major triad suspends its third, which would lie a minor ninth below it.

    Args:
        chord: A triad.
        key: Where sevenths and ninths are taken from.
        colour: What to add.
        melody: Pitch classes held over it: nothing is added a semitone beside one, nor taken away under one.
    """
    suspended = _suspended(chord, melody)
    intervals = _coloured_intervals(suspended, key, colour, melody)
    return msgspec.structs.replace(chord, intervals=intervals) if intervals in SUFFIXES else suspended


def _suspended(chord: Harmony, melody: frozenset[int]) -> Harmony:
    fourth, third = (chord.root + 5) % 12, (chord.root + 4) % 12
    suspends = chord.intervals == _MAJOR and fourth in melody and third not in melody
    return msgspec.structs.replace(chord, intervals=_SUSPENDED) if suspends else chord


def _coloured_intervals(chord: Harmony, key: Scale, colour: Colour, melody: frozenset[int]) -> tuple[int, ...]:
    match colour:
        case Colour.PLAIN:
            return chord.intervals
        case Colour.SEVENTHS:
            seventh = _added(chord, key, (10, 11) if chord.intervals != _SUSPENDED else (10,), melody)
            ninth = _added(chord, key, (14,), melody) if seventh and chord.intervals != _SUSPENDED else ()
            return (*chord.intervals, *(seventh or _added(chord, key, (9,), melody)), *ninth)
        case Colour.ADDED_NINTHS:
            return (*chord.intervals, *_added(chord, key, (14,), melody))
        case Colour.OPEN:
            thirds = {(chord.root + 3) % 12, (chord.root + 4) % 12}
            seconds = (ninth % 12 for ninth in _added(chord, key, (14,), melody))
            return chord.intervals if melody & thirds or chord.intervals == _SUSPENDED else (0, *seconds, 7)


def _added(chord: Harmony, key: Scale, candidates: tuple[int, ...], melody: frozenset[int]) -> tuple[int, ...]:
    fitting = [note for note in candidates if key.contains(chord.root + note)]
    clear = [note for note in fitting if not {(chord.root + note + beside) % 12 for beside in (-1, 1)} & melody]
    return tuple(clear[:1])

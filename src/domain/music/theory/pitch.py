"""Pitch names and frequencies: MIDI numbers, 69 = A4 = 440 Hz, fractions are cents / 100."""

from typing import Final

OCTAVE: Final = 12
"""Semitones."""

SHARP_NAMES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS: Final = {"": 0, "#": 1, "b": -1}


def pitch_class(name: str) -> int:
    """Return 0..11 for a note name such as `C`, `F#` or `Bb`.

    Raises:
        ValueError: It is not a note name.
    """
    if name[:1] not in _LETTERS or name[1:] not in _ACCIDENTALS:
        raise ValueError(f"not a note name: {name!r}")
    return (_LETTERS[name[0]] + _ACCIDENTALS[name[1:]]) % 12


def spell(pitch: int, *, flats: bool) -> str:
    """Return the name of a pitch's class."""
    return (FLAT_NAMES if flats else SHARP_NAMES)[pitch % 12]


_SCALE_LETTERS: Final = "CDEFGAB"


def spell_above(name: str, semitones: int, letters: int) -> str:
    """Return the name of the note so many semitones above a named one, on the letter so many further: A, 4, 2 is C#."""
    letter = _SCALE_LETTERS[(_SCALE_LETTERS.index(name[0]) + letters) % 7]
    altered = (pitch_class(name) + semitones - pitch_class(letter) + 6) % 12 - 6
    return letter + ("#" * altered if altered > 0 else "b" * -altered)


def scientific(name: str, pitch: int) -> str:
    """Return a note's name with its octave, C4 is middle C; B# is in the octave of the B below."""
    return f"{name}{octave_of(name, pitch)}"


def octave_of(name: str, pitch: int) -> int:
    """Return the octave in which a named pitch is written."""
    return (pitch - name.count("#") + name.count("b")) // 12 - 1


def to_hz(pitch: float) -> float:
    """Return the frequency of a MIDI number in hertz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def fold(pitch: int, low: int, high: int) -> int:
    """Return the pitch moved by whole octaves into low..high, which spans at least an octave."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch

"""What makes a note sound like a strong beat: its loudness, its length, its place in the phrase and in the melody.

The accents are those of Lerdahl and Jackendoff, "A Generative Theory of Tonal Music" (1983): phenomenal ones (loud,
long, high, leaps), grouping (phrases begin and end) and harmony (tones of the tonic chord).
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log2
from statistics import median
from typing import Final

from domain.music.hum import HummedNote

ACCENTS: Final = ("loud", "louder", "apart", "long", "first", "last", "peak", "leap", "repeat", "chord", "tonic")
"""The accents of a note, in the order in which `accents_of` returns them."""

_LOUD: Final = 0.15  # loudness that counts one
_LIMIT: Final = 2.0
_LEAP: Final = 2.5  # semitones


def accents_of(
    notes: Sequence[HummedNote], phrases: Sequence[int], degrees: Sequence[int], *, minor: bool
) -> list[tuple[float, ...]]:
    """Return the accents of each note.

    Args:
        notes: At least one.
        phrases: Index of the first note of each phrase.
        degrees: Semitones above the tonic, 0..11, of each note as written.
        minor: Whether the third of the tonic chord is minor.
    """
    firsts, lasts = set(phrases), {first - 1 for first in (*phrases, len(notes))}
    apart = [after.onset - before.onset for before, after in pairwise(notes)]
    apart.append(max(notes[-1].duration, apart[-1] if apart else 0.0))
    usual = (median(note.loudness for note in notes), median(apart), median(note.duration for note in notes))
    loudness = [notes[0].loudness, *(note.loudness for note in notes), notes[-1].loudness]
    around = [(before + after) / 2 for before, after in zip(loudness, loudness[2:], strict=False)]
    chord = {0, 3 if minor else 4, 7}
    pitches = [note.pitch for note in notes]
    steps = [0.0, *(after - before for before, after in pairwise(pitches)), 0.0]
    return [
        (
            _limited((note.loudness - usual[0]) / _LOUD),
            _limited((note.loudness - around[index]) / _LOUD),
            _limited(log2(max(apart[index], 1e-3) / max(usual[1], 1e-3))),
            _limited(log2(note.duration / usual[2])),
            float(index in firsts),
            float(index in lasts),
            float(steps[index] > 0.5 and steps[index + 1] < -0.5),
            float(abs(steps[index]) > _LEAP),
            float(index > 0 and abs(steps[index]) < 0.5),
            float(degrees[index] in chord),
            float(degrees[index] == 0),
        )
        for index, note in enumerate(notes)
    ]


def _limited(value: float) -> float:
    return min(_LIMIT, max(-_LIMIT, value))

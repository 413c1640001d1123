"""Voicings: the notes of chords in close position, led from one chord to the next with as little motion as possible."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from domain.music.theory.chords import Harmony

_ROOT_FLOOR: Final = 48  # C3


def close_position(chord: Harmony) -> tuple[int, ...]:
    """Return the chord from its root up, the root in C3..B3."""
    return tuple(_ROOT_FLOOR + chord.root + interval for interval in chord.intervals)


def bass_note(chord: Harmony, low: int) -> int:
    """Return the chord's lowest note in the octave that begins at `low`."""
    return low + (chord.root + chord.bass - low) % 12


def lead_voices(
    chords: Sequence[Harmony], low: int, high: int, *, voices: int = 3, rootless: bool = False
) -> list[tuple[int, ...]]:
    """Return a voicing for each chord within low..high (at least an octave apart), led smoothly from one to the next.

    Args:
        chords: In order.
        low: Lowest pitch.
        high: Highest pitch.
        voices: How many notes at most; sevenths and ninths before the fifth where there are too few.
        rootless: Leave the root to the bass where four other notes remain.
    """
    led: list[tuple[int, ...]] = []
    for chord in chords:
        classes = _chosen(chord, voices, rootless=rootless)
        previous = led[-1] if led else None
        led.append(min(_positions(classes, low, high), key=lambda notes: _effort(notes, previous, low, high)))
    return led


@lru_cache(maxsize=512)
def chord_notes(chord: Harmony, low: int, high: int) -> tuple[int, ...]:
    """Return three notes of a chord within low..high, the same ones each time: for broken chords and arpeggios."""
    return lead_voices([chord], low, high)[0]


def _chosen(chord: Harmony, voices: int, *, rootless: bool) -> list[int]:
    intervals = list(chord.intervals)
    if rootless and len(intervals) > voices:
        intervals.remove(0)
    if len(intervals) > voices and 7 in intervals:
        intervals.remove(7)
    return sorted({(chord.root + interval) % 12 for interval in intervals[:voices]})


def _positions(classes: list[int], low: int, high: int) -> list[tuple[int, ...]]:
    """Return every close position that begins within the octave above any note that leaves room below `high`."""
    found = []
    for bottom in range(low, max(low + 12, high - 2)):
        if bottom % 12 in classes:
            notes = tuple(sorted(bottom + (each - bottom) % 12 for each in classes))
            if notes[-1] <= high:
                found.append(notes)
    return found or [tuple(sorted(low + (each - low) % 12 for each in classes))]


def _effort(notes: tuple[int, ...], previous: tuple[int, ...] | None, low: int, high: int) -> float:
    centre = abs(sum(notes) / len(notes) - (low + 2 * high) / 3)
    if previous is None:
        return centre
    moved = sum(min(abs(note - old) for old in previous) for note in notes)
    return moved + 0.3 * centre + 0.5 * abs(notes[-1] - previous[-1])

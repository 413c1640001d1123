"""Tuning: how far a singer is from A4 = 440 Hz, at each note.

People hum without a reference pitch, and drift while they sing.
"""

from collections.abc import Sequence
from math import exp
from typing import Final

from domain.music.hum import HummedNote

_WINDOW: Final = 1.5
"""Seconds within which tuning is the same: standard deviation of the weights of the notes around."""

_SOUR: Final = 60.0  # cents from which a note says little about tuning


def tuning_curve(notes: Sequence[HummedNote], written: Sequence[int], rough: Sequence[float]) -> tuple[float, ...]:
    """Return the cents by which the singer is above the written notes, smooth over time.

    Args:
        notes: As hummed.
        written: Their MIDI numbers as written.
        rough: A rough estimate of the tuning at each note, in cents; notes far from it count little.
    """
    middles = [note.onset + note.duration / 2 for note in notes]
    misses = [100 * (note.pitch - pitch) for note, pitch in zip(notes, written, strict=True)]
    weights = [
        note.duration * exp(-0.5 * ((miss - guess) / _SOUR) ** 2)
        for note, miss, guess in zip(notes, misses, rough, strict=True)
    ]
    return tuple(
        _local_mean(middle, middles, misses, weights, guess) for middle, guess in zip(middles, rough, strict=True)
    )


def mean_tuning(notes: Sequence[HummedNote], curve: Sequence[float]) -> float:
    """Return the mean of a tuning curve in cents, weighted by the lengths of the notes; 0 without notes."""
    sung = sum(note.duration for note in notes)
    return sum(cents * note.duration for cents, note in zip(curve, notes, strict=True)) / sung if sung else 0.0


def _local_mean(
    at: float, times: Sequence[float], values: Sequence[float], weights: Sequence[float], otherwise: float
) -> float:
    near = [
        (weight * exp(-0.5 * ((time - at) / _WINDOW) ** 2), value)
        for time, value, weight in zip(times, values, weights, strict=True)
        if abs(time - at) < 4 * _WINDOW
    ]
    total = sum(weight for weight, _ in near)
    return sum(weight * value for weight, value in near) / total if total > 1e-6 else otherwise

"""Smooths the times of a hum's beats through the notes that were found on them.

The smoother penalises changes of the length of the beat (Whittaker, "On a new method of graduation", 1923). How much
is chosen by generalised cross-validation (Craven and Wahba, 1979), so that a steady hum gets a straight line and a free
one is followed. Between phrases the beat may stretch.
"""

from collections.abc import Collection, Sequence
from itertools import pairwise
from math import floor
from typing import Final, NamedTuple

_STIFFNESS: Final = (1e5, 1e3, 1e2, 1e1, 2.0)  # penalties of a squared change, relative to a squared miss
_SUPPLE: Final = 0.02  # share of the penalty between phrases
_SIMPLER: Final = 1.05  # a stiffer curve is kept unless a suppler one is better by this factor
_SHORTEST: Final = 0.3  # of the mean length of a beat: no beat is shorter


class Point(NamedTuple):
    """A note on the beat map: its place in beats and its onset in seconds."""

    place: float
    onset: float


def smooth_beats(points: Sequence[Point], breaths: Collection[float], count: int) -> tuple[float, ...]:
    """Return the seconds of the beats 0..count − 1.

    Args:
        points: In order of place, at least two, at places of at least 0 and at most count − 1.
        breaths: Places at which phrases begin.
        count: At least three.
    """
    loose = {round(place) + around for place in breaths for around in (-1, 0)}
    best, least = list[float](), float("inf")
    for stiffness in _STIFFNESS:
        penalties = [stiffness * (_SUPPLE if beat in loose else 1.0) for beat in range(1, count - 1)]
        times = _solved(points, penalties, count)
        misses = sum((onset - _between(times, place)) ** 2 for place, onset in points)
        freedom = 2 + count / (2.83 * stiffness**0.25) * (len(points) / count) ** 0.25
        if freedom > 0.7 * len(points) and best:
            break
        error = (misses / len(points) + 1e-5) / max(1e-3, 1 - freedom / len(points)) ** 2
        if _SIMPLER * error < least:
            best, least = times, error
    return tuple(_ascending(best))


def _between(times: Sequence[float], place: float) -> float:
    beat = min(floor(place), len(times) - 2)
    return times[beat] + (place - beat) * (times[beat + 1] - times[beat])


def _ascending(times: list[float]) -> list[float]:
    """Return times with no beat much shorter than the others."""
    shortest = _SHORTEST * max(times[-1] - times[0], 1e-3) / len(times)
    for beat, (before, after) in enumerate(pairwise(times)):
        if after - before < shortest:
            times[beat + 1] = times[beat] + shortest
    return times


def _solved(points: Sequence[Point], penalties: Sequence[float], count: int) -> list[float]:
    """Return the times that minimise squared misses and penalised squared changes of length."""
    main, near, far, right = [1e-9] * count, [0.0] * count, [0.0] * count, [0.0] * count
    for place, onset in points:
        beat = min(floor(place), count - 2)
        after = place - beat
        main[beat] += (1 - after) ** 2
        main[beat + 1] += after**2
        near[beat] += after * (1 - after)
        right[beat] += (1 - after) * onset
        right[beat + 1] += after * onset
    for beat, penalty in enumerate(penalties):
        for offset, factor in ((0, 1), (1, 4), (2, 1)):
            main[beat + offset] += penalty * factor
        near[beat] -= 2 * penalty
        near[beat + 1] -= 2 * penalty
        far[beat] += penalty
    return _banded(main, near, far, right)


def _banded(main: list[float], near: list[float], far: list[float], right: list[float]) -> list[float]:
    """Return the solution of a symmetric positive definite system with two bands beside the diagonal, by LDLᵀ."""
    count = len(main)
    one, two, pivots, solution = [0.0] * count, [0.0] * count, [0.0] * count, list(right)
    for row in range(count):
        pivot = main[row]
        if row >= 1:
            pivot -= one[row - 1] ** 2 * pivots[row - 1]
            solution[row] -= one[row - 1] * solution[row - 1]
        if row >= 2:
            pivot -= two[row - 2] ** 2 * pivots[row - 2]
            solution[row] -= two[row - 2] * solution[row - 2]
        pivots[row] = pivot
        coupling = two[row - 1] * one[row - 1] * pivots[row - 1] if row >= 1 else 0.0
        one[row] = (near[row] - coupling) / pivot
        two[row] = far[row] / pivot
    for row in range(count - 1, -1, -1):
        solution[row] /= pivots[row]
        if row + 1 < count:
            solution[row] -= one[row] * solution[row + 1]
        if row + 2 < count:
            solution[row] -= two[row] * solution[row + 2]
    return solution

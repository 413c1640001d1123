"""From heard time to beats: the grid of a hum, and its notes moved onto it phrase by phrase.

Singers drift against a constant beat, but keep their rhythm inside a phrase. So each phrase is moved as a whole to
where it fits the grid best, its start and its strong notes are snapped, and what lies between them keeps some of its
own timing.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import floor, log2
from statistics import median
from typing import Final

from domain.music.meter import Meter
from domain.music.model import Analysis

_SHORTEST: Final = 0.1  # seconds: nobody hums a faster even rhythm
_PULL: Final = 0.75  # how far weak notes are drawn to the grid
_LOOSE: Final = 0.045  # seconds: standard deviation of a hummed onset
_REACH: Final = 2  # grid lines that an onset may be moved by
_OFF_STEP: Final = 2.2  # price of a line between the eighths, in nats, as a beat is free
_OFF_BEAT: Final = 0.7
_START: Final = 1.5  # phrases rather start on a beat


def metrical_factor(heard_bpm: float, wanted_bpm: float) -> float:
    """Return how many written beats a heard beat takes: 2 or 1/2 where the tempos are metrical multiples."""
    octaves = log2(wanted_bpm / heard_bpm)
    return float(2.0 ** round(octaves)) if abs(octaves) > 0.75 else 1.0


def best_grid(onsets: Sequence[float], beat_seconds: float, meter: Meter) -> float:
    """Return the grid in beats that the onsets (in beats) fit: sixteenths, or triplets of the beat.

    The finest line that can be sung is taken. The unlikely division, ternary in simple meters, must fit clearly better.
    """
    binary = next(grid for grid in (1 / 8, 1 / 4, 1 / 2, 1.0) if grid * beat_seconds >= _SHORTEST or grid == 1.0)
    ternary = next(grid for grid in (1 / 6, 1 / 3, 1.0) if grid * beat_seconds >= _SHORTEST or grid == 1.0)
    usual, other = (ternary, binary) if meter.compound else (binary, ternary)
    return other if _misfit(onsets, other) < 0.6 * _misfit(onsets, usual) - 0.01 else usual


def _misfit(onsets: Sequence[float], grid: float) -> float:
    """Return the root mean square distance to the grid, in beats, from the phase that suits the onsets best."""
    phases = [grid * step / 8 for step in range(-3, 5)]
    squares = [sum(_off(onset + phase, grid) ** 2 for onset in onsets) for phase in phases]
    return float((min(squares) / max(1, len(onsets))) ** 0.5)


def _off(beat: float, grid: float) -> float:
    return beat - grid * round(beat / grid)


def heard_beats(analysis: Analysis, tempo_bpm: float) -> tuple[list[float], list[float], float]:
    """Return the notes' onsets and lengths in written beats, and written beats per heard second."""
    rate = analysis.tempo_bpm / 60 * metrical_factor(analysis.tempo_bpm, tempo_bpm)
    onsets = [(note.onset - analysis.first_beat) * rate for note in analysis.notes]
    return onsets, [note.duration * rate for note in analysis.notes], rate


def quantise(
    onsets: list[float], lengths: list[float], phrases: Sequence[int], grid: float, *, rate: float, meter: Meter
) -> list[float]:
    """Return the notes' written starts in beats, strictly ascending; `rate` is beats per heard second."""
    starts: list[float] = []
    for first, last in pairwise((*phrases, len(onsets))):
        lowest = floor(starts[-1] / grid + 1e-6) + 1 if starts else -(10**9)
        moved = _shifted(onsets[first:last], lengths[first:last], grid)
        lines = _likeliest_lines(moved, grid, lowest, _LOOSE * rate, meter)
        starts += _softened(moved, lines, lengths[first:last])
    return starts


def _shifted(onsets: list[float], lengths: list[float], grid: float) -> list[float]:
    """Return the phrase moved as a whole, by half a grid line at most, to where its long notes fit best."""

    def cost(shift: float) -> float:
        off = sum(w * _off(onset + shift, grid) ** 2 for onset, w in zip(onsets, lengths, strict=True))
        return off + 0.5 * sum(lengths) * shift**2

    best = min((grid * step / 16 for step in range(-8, 9)), key=lambda shift: (cost(shift), abs(shift)))
    return [onset + best for onset in onsets]


def _likeliest_lines(onsets: list[float], grid: float, lowest: int, spread: float, meter: Meter) -> list[float]:
    """Return a line of the grid for each onset, strictly ascending from `lowest`, by the Viterbi algorithm.

    An onset is normally distributed around its line; beats are likelier lines than eighths, those than the rest.
    """
    reached: dict[int, tuple[float, tuple[int, ...]]] = {lowest - 1: (0.0, ())}
    for index, onset in enumerate(onsets):
        free = min(reached) + 1
        nearest = max(round(onset / grid), free)
        lines = range(max(nearest - _REACH, free), nearest + _REACH + 1)
        weight = _START if index == 0 else 1.0
        reached = {
            line: _extended(
                reached, line, ((line * grid - onset) / spread) ** 2 / 2 + weight * _price(line * grid, meter)
            )
            for line in lines
        }
    return [line * grid for line in min(reached.values())[1]]


def _extended(
    reached: dict[int, tuple[float, tuple[int, ...]]], line: int, price: float
) -> tuple[float, tuple[int, ...]]:
    cost, path = min(known for before, known in reached.items() if before < line)
    return cost + price, (*path, line)


def _price(beat: float, meter: Meter) -> float:
    if abs(_off(beat, 1.0)) < 1e-6:
        return 0.0
    return _OFF_BEAT if abs(_off(beat, meter.step)) < 1e-6 else _OFF_STEP


def _softened(onsets: list[float], lines: list[float], lengths: list[float]) -> list[float]:
    """Return starts on their lines for the first note and the strong ones; the others keep some of their own timing."""
    strong = [index for index in range(len(onsets)) if index == 0 or lengths[index] >= median(lengths)]
    own = _warp(onsets, [onsets[index] for index in strong], [lines[index] for index in strong])
    return [
        line if index in strong else line * _PULL + kept * (1 - _PULL)
        for index, (line, kept) in enumerate(zip(lines, own, strict=True))
    ]


def _warp(points: list[float], anchors: list[float], targets: list[float]) -> list[float]:
    """Return the points under the piecewise linear map that takes anchors to targets; past the last one they shift."""
    warped = []
    for point in points:
        segment = bisect_right(anchors, point) - 1
        if segment + 1 < len(anchors):
            ratio = (targets[segment + 1] - targets[segment]) / (anchors[segment + 1] - anchors[segment])
        else:
            ratio = 1.0
        warped.append(targets[segment] + (point - anchors[segment]) * ratio)
    return warped

"""Quantisation: the grid of a hum, and its notes moved onto it phrase by phrase.

Singers drift against a constant beat, but keep their rhythm inside a phrase. So each phrase is moved as a whole to
where it fits the grid best, its start and its strong notes are snapped to the grid, and the notes between them keep
some of their own timing. The lines are chosen by the Viterbi algorithm over a model of onsets that are normally
distributed around likely and less likely lines (compare Cemgil & Kappen, "Monte Carlo Methods for Tempo Tracking and
Rhythm Quantization", JAIR 18, 2003).
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from math import floor, hypot, log2, remainder, sqrt
from operator import mul
from statistics import median
from typing import Final

from domain.music.hum import Analysis
from domain.music.theory.beat_map import BeatMap
from domain.music.theory.meter import Meter

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_SHORTEST: Final = 0.1  # seconds: nobody hums a faster even rhythm
_PULL: Final = 0.75  # share of the way to the grid that weak notes are moved
_LOOSE: Final = 0.045  # seconds: standard deviation of a hummed onset
_REACH: Final = 2  # grid lines that an onset may be moved by
_OFF_STEP: Final = 2.2  # price of a line between the eighths, in nats, as a beat is free
_OFF_BEAT: Final = 0.7
_START: Final = 1.5  # times the price for a phrase's first note, which is likelier on a beat

_Path = tuple[float, tuple[int, ...]]
"""The cost of a line for each onset so far, and those lines; comparing two paths compares their costs first."""


def metrical_factor(hummed_bpm: float, written_bpm: float) -> float:
    """Return how many written beats a hummed beat takes: 2 or 1/2 where the tempos are metrical multiples."""
    octaves = log2(written_bpm / hummed_bpm)
    return float(2.0 ** round(octaves)) if abs(octaves) > 0.75 else 1.0


def best_grid(onsets: Sequence[float], beat_seconds: float, meter: Meter) -> float:
    """Return the grid in beats that the onsets (in beats) fit: sixteenths, or triplets of the beat.

    The grid is as fine as people can sing. The unusual division, ternary in simple meters, must fit clearly better.
    """
    binary = next(grid for grid in (1 / 8, 1 / 4, 1 / 2, 1.0) if grid * beat_seconds >= _SHORTEST or grid == 1.0)
    ternary = next(grid for grid in (1 / 6, 1 / 3, 1.0) if grid * beat_seconds >= _SHORTEST or grid == 1.0)
    usual, other = (ternary, binary) if meter.compound else (binary, ternary)
    return other if _misfit(onsets, other) < 0.6 * _misfit(onsets, usual) - 0.01 else usual


def _misfit(onsets: Sequence[float], grid: float) -> float:
    """Return the root mean square distance to the grid, in beats, from the phase that suits the onsets best."""
    phases = [grid * step / 8 for step in range(-3, 5)]
    least = min(hypot(*_distances(onsets, phase, grid)) for phase in phases)
    return least / sqrt(max(1, len(onsets)))


def _distances(onsets: Sequence[float], shift: float, grid: float) -> list[float]:
    """Return the signed distances to the grid of onsets that are moved."""
    return [remainder(onset + shift, grid) for onset in onsets]


def hummed_beats(analysis: Analysis, tempo_bpm: float) -> tuple[list[float], list[float], float]:
    """Return the notes' onsets and lengths in written beats, and written beats per second of the recording.

    Onsets follow the hum's beats, also where they speed up and slow down. In an analysis without beats they are steady.
    """
    factor = metrical_factor(analysis.tempo_bpm, tempo_bpm)
    rate = analysis.tempo_bpm / 60 * factor
    if len(analysis.beats) < 2:
        onsets = [(note.onset - analysis.first_beat) * rate for note in analysis.notes]
        return onsets, [note.duration * rate for note in analysis.notes], rate
    beats = BeatMap(analysis.beats)
    onsets = [beats.beat(note.onset) * factor for note in analysis.notes]
    ends = [beats.beat(note.onset + note.duration) * factor for note in analysis.notes]
    return onsets, [end - onset for onset, end in zip(onsets, ends, strict=True)], rate


def quantise(
    onsets: list[float], lengths: list[float], phrases: Sequence[int], grid: float, *, rate: float, meter: Meter
) -> list[float]:
    """Return the notes' written starts in beats, strictly ascending; `rate` is beats per second of the recording."""
    starts: list[float] = []
    for first, last in pairwise((*phrases, len(onsets))):
        lowest = floor(starts[-1] / grid + 1e-6) + 1 if starts else -(10**9)
        moved = _shifted(onsets[first:last], lengths[first:last], grid)
        lines = _likeliest_lines(moved, grid, lowest, _LOOSE * rate, meter)
        starts += _softened(moved, lines, lengths[first:last])
    return starts


def _shifted(onsets: list[float], lengths: list[float], grid: float) -> list[float]:
    """Return the phrase moved as a whole, by half a grid line at most, to where its long notes fit best."""

    weight = sum(lengths)

    def cost(shift: float) -> float:
        distances = _distances(onsets, shift, grid)
        return float(sum(map(mul, lengths, map(mul, distances, distances)))) + 0.5 * weight * shift**2

    best = min((grid * step / 16 for step in range(-8, 9)), key=lambda shift: (cost(shift), abs(shift)))
    return [onset + best for onset in onsets]


def _likeliest_lines(onsets: list[float], grid: float, lowest: int, spread: float, meter: Meter) -> list[float]:
    """Return a line of the grid for each onset, strictly ascending from `lowest`, by the Viterbi algorithm.

    Onsets are normally distributed around their lines. Lines on beats are likelier than those on eighths, which are
    likelier than the rest.
    """
    first = lowest - 1
    in_beat = _prices(grid, meter)
    reached: list[_Path] = [(0.0, ())]  # the best path to the line `first`, to the one after it, and so on
    for index, onset in enumerate(onsets):
        best = list(accumulate(reached, min))  # to that line or one before it
        nearest = max(round(onset / grid), first + 1)
        lines = range(max(nearest - _REACH, first + 1), nearest + _REACH + 1)
        weight = _START if index == 0 else 1.0
        prices = [((line * grid - onset) / spread) ** 2 / 2 + weight * in_beat[line % len(in_beat)] for line in lines]
        paths = [best[min(line - first, len(best)) - 1] for line in lines]
        first = lines[0]
        reached = [(path[0] + price, (*path[1], line)) for path, price, line in zip(paths, prices, lines, strict=True)]
    return [line * grid for line in min(reached)[1]]


@lru_cache
def _prices(grid: float, meter: Meter) -> tuple[float, ...]:
    """Return the price of each line of a beat; they repeat with each beat."""
    return tuple(_price(line * grid, meter) for line in range(round(1 / grid)))


def _price(beat: float, meter: Meter) -> float:
    if _on(beat, 1.0):
        return 0.0
    return _OFF_BEAT if _on(beat, meter.step) else _OFF_STEP


def _on(beat: float, grid: float) -> bool:
    return abs(remainder(beat, grid)) < 1e-6


def _softened(onsets: list[float], lines: list[float], lengths: list[float]) -> list[float]:
    """Return starts on their lines for the first note and the strong ones; the others keep some of their own timing."""
    usual = median(lengths)
    strong = [index for index in range(len(onsets)) if index == 0 or lengths[index] >= usual]
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

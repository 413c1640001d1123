"""A contour becomes notes: the cheapest explanation by dynamic programming, then repeated notes parted.

The cost model is that of SwiftF0's `segment_notes` (Nieradzik 2025) at twice its time resolution; repeated notes, which
its pitch-led costs miss, are parted where the voice closes and opens again.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d

from adapters.audio.analysis.pitch import STEP, Contour
from adapters.audio.arrays import Floats, Indices
from domain.music.model import HummedNote

NOTE_COST: Final = 8.0
"""What a note costs: a semitone's change must last 64 ms to be a note, a return to the old note twice that."""

OFF_PITCH_CAP: Final = 2.0
UNVOICED_WEIGHT: Final = 0.5
QUIET_WEIGHT: Final = 0.5
QUIET_REACH: Final = 8
FAINT_DB: Final = 38.0
"""Below the loudest parts: a room's echo or another voice, not the singer."""

GRID: Final = 0.1
SHORTEST: Final = 8
LATENESS: Final = 0.008
"""Seconds by which a note is recognised after it began (median over 120 synthetic hums)."""

REOPENING: Final = 2.4
"""dip^0.4 · flux^0.6 from which a closing of the voice parts two notes (logistic fit on 150 synthetic hums)."""


class Span(NamedTuple):
    """Frames [start, end) of a note."""

    start: int
    end: int


def notes_of(contour: Contour) -> tuple[HummedNote, ...]:
    """Return the notes of a contour in order, not overlapping; none where nothing was sung."""
    if not np.any(contour.confidence >= 0.5):
        return ()
    spans = [part for span in _explain(contour) for part in _part_repeats(span, contour)]
    spans = [span for span in spans if span.end - span.start >= SHORTEST]
    levels = [float(np.percentile(contour.level[span.start : span.end], 75)) for span in spans]
    return tuple(
        HummedNote(
            onset=max(0.0, span.start * STEP - LATENESS),
            duration=(span.end - span.start) * STEP,
            pitch=_centre(span, contour),
            loudness=10 ** ((level - max(levels)) / 20),
        )
        for span, level in zip(spans, levels, strict=True)
    )


def _explain(contour: Contour) -> list[Span]:
    """Return the spans that minimise the cost of notes, off-pitch, unvoiced and quiet frames; gaps are free.

    Viterbi over one state per tenth of a semitone and one for the gap: O(frames · states).
    """
    states = _states(contour)
    frame_cost = _frame_costs(contour)
    running, began = np.full(len(states), np.inf), np.zeros(len(states), dtype=np.intp)
    back, best = np.full(len(frame_cost) + 1, -1, dtype=np.intp), 0.0
    for frame, (pitch, weight, cost) in enumerate(zip(contour.pitch, contour.confidence, frame_cost, strict=True)):
        entry = best + NOTE_COST
        began[entry < running] = frame
        np.minimum(running, entry, out=running)
        running += np.minimum(np.abs(states - pitch), OFF_PITCH_CAP) * weight + cost
        winner = int(np.argmin(running))
        if running[winner] < best:
            best = float(running[winner])
            back[frame + 1] = began[winner]
    return _trace(back)


def _trace(back: Indices) -> list[Span]:
    spans, end = list[Span](), len(back) - 1
    while end > 0:
        start = int(back[end])
        if start < 0:
            end -= 1
            continue
        spans.append(Span(start, end))
        end = start
    return spans[::-1]


def _states(contour: Contour) -> Floats:
    low, high = np.percentile(contour.pitch[contour.confidence >= 0.5], [1, 99])
    return np.arange(low - 1, high + 1 + GRID / 2, GRID)


def _frame_costs(contour: Contour) -> Floats:
    """Return what a frame costs a note whatever its pitch: negative where it is surely sung."""
    sure = np.clip(contour.confidence, 0.01, 0.99)
    size = 2 * QUIET_REACH + 1
    before = maximum_filter1d(contour.level, size, origin=QUIET_REACH)
    after = maximum_filter1d(contour.level, size, origin=-QUIET_REACH)
    quiet = np.maximum(np.minimum(before, after) - contour.level - 3, 0)
    faint = np.maximum(np.percentile(contour.level, 95) - FAINT_DB - contour.level, 0)
    return np.asarray(-UNVOICED_WEIGHT * np.log(sure / (1 - sure)) + QUIET_WEIGHT * quiet + faint)


def _part_repeats(span: Span, contour: Contour) -> Iterator[Span]:
    start = span.start
    for frame in _reopenings(span, contour):
        if frame - start >= SHORTEST and span.end - frame >= SHORTEST:
            yield Span(start, frame)
            start = frame
    yield Span(start, span.end)


def _reopenings(span: Span, contour: Contour) -> Iterator[int]:
    """Yield the frames inside a span where the mouth opens again after closing."""
    for frame in range(span.start + SHORTEST, span.end - SHORTEST):
        around = contour.dip[max(0, frame - 8) : frame + 9]
        if contour.dip[frame] < around.max():
            continue
        change = contour.flux[max(0, frame - 3) : frame + 10]
        if (contour.dip[frame] + 0.5) ** 0.4 * (change.max() + 0.1) ** 0.6 > REOPENING:
            yield max(0, frame - 3) + int(np.argmax(change))


def _centre(span: Span, contour: Contour) -> float:
    """Return the median pitch of the stable middle: neither the scoop at the start nor the fall at the end."""
    length = span.end - span.start
    inside = slice(span.start + min(8, length // 4), span.end - length // 6)
    return float(np.median(contour.pitch[inside]))

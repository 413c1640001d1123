"""Segments the features of a hum into notes: Viterbi decoding, then a split of repeated notes.

The cost model is that of SwiftF0's `segment_notes` (Nieradzik 2025) at twice its time resolution. Its costs depend on
pitch and miss repeated notes, so a second step splits notes where the mouth closes and opens again.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d

from adapters.audio.analysis.pitch import STEP, HumFeatures
from adapters.audio.arrays import Floats, Indices
from domain.music.model import HummedNote

NOTE_COST: Final = 8.0
"""Cost of a new note: a change by a semitone must last 64 ms to be a note, an excursion and return twice that."""

OFF_PITCH_CAP: Final = 2.0
UNVOICED_WEIGHT: Final = 0.5
QUIET_WEIGHT: Final = 0.5
QUIET_REACH: Final = 8
FAINT_DB: Final = 38.0
"""dB below the loudest parts from which sound is taken for reverberation or another voice."""

GRID: Final = 0.1
SHORTEST: Final = 8
LATENESS: Final = 0.008
"""Seconds by which a note is detected after its onset (median over 120 synthetic hums)."""

REONSET: Final = 2.4
"""Threshold of dip^0.4 · flux^0.6 for a new onset within a note (logistic fit on 150 synthetic hums)."""


class NoteSpan(NamedTuple):
    """Frames [start, end) of a note."""

    start: int
    end: int


def segment_notes(features: HumFeatures) -> tuple[HummedNote, ...]:
    """Return the notes in order, not overlapping; none where no frame is voiced."""
    if not np.any(features.confidence >= 0.5):
        return ()
    spans = [part for span in _best_segmentation(features) for part in _split_repeated_notes(span, features)]
    spans = [span for span in spans if span.end - span.start >= SHORTEST]
    levels = [float(np.percentile(features.level[span.start : span.end], 75)) for span in spans]
    return tuple(
        HummedNote(
            onset=max(0.0, span.start * STEP - LATENESS),
            duration=(span.end - span.start) * STEP,
            pitch=_median_pitch(span, features),
            loudness=10 ** ((level - max(levels)) / 20),
        )
        for span, level in zip(spans, levels, strict=True)
    )


def _best_segmentation(features: HumFeatures) -> list[NoteSpan]:
    """Return the spans that minimise the cost of notes, off-pitch, unvoiced and quiet frames; gaps are free.

    Viterbi over one state per tenth of a semitone and one for the gap: O(frames · states).
    """
    states = _states(features)
    frame_cost = _frame_costs(features)
    running, began = np.full(len(states), np.inf), np.zeros(len(states), dtype=np.intp)
    back, best = np.full(len(frame_cost) + 1, -1, dtype=np.intp), 0.0
    for frame, (pitch, weight, cost) in enumerate(zip(features.pitch, features.confidence, frame_cost, strict=True)):
        entry = best + NOTE_COST
        began[entry < running] = frame
        np.minimum(running, entry, out=running)
        running += np.minimum(np.abs(states - pitch), OFF_PITCH_CAP) * weight + cost
        winner = int(np.argmin(running))
        if running[winner] < best:
            best = float(running[winner])
            back[frame + 1] = began[winner]
    return _backtrack(back)


def _backtrack(back: Indices) -> list[NoteSpan]:
    spans, end = list[NoteSpan](), len(back) - 1
    while end > 0:
        start = int(back[end])
        if start < 0:
            end -= 1
            continue
        spans.append(NoteSpan(start, end))
        end = start
    return spans[::-1]


def _states(features: HumFeatures) -> Floats:
    low, high = np.percentile(features.pitch[features.confidence >= 0.5], [1, 99])
    return np.arange(low - 1, high + 1 + GRID / 2, GRID)


def _frame_costs(features: HumFeatures) -> Floats:
    """Return the pitch-independent cost of each frame in a note: negative where it is confidently voiced."""
    voicing = np.clip(features.confidence, 0.01, 0.99)
    size = 2 * QUIET_REACH + 1
    before = maximum_filter1d(features.level, size, origin=QUIET_REACH)
    after = maximum_filter1d(features.level, size, origin=-QUIET_REACH)
    quiet = np.maximum(np.minimum(before, after) - features.level - 3, 0)
    faint = np.maximum(np.percentile(features.level, 95) - FAINT_DB - features.level, 0)
    return np.asarray(-UNVOICED_WEIGHT * np.log(voicing / (1 - voicing)) + QUIET_WEIGHT * quiet + faint)


def _split_repeated_notes(span: NoteSpan, features: HumFeatures) -> Iterator[NoteSpan]:
    start = span.start
    for frame in _reonsets(span, features):
        if frame - start >= SHORTEST and span.end - frame >= SHORTEST:
            yield NoteSpan(start, frame)
            start = frame
    yield NoteSpan(start, span.end)


def _reonsets(span: NoteSpan, features: HumFeatures) -> Iterator[int]:
    """Yield the frames inside a span where the voice starts again after a dip."""
    for frame in range(span.start + SHORTEST, span.end - SHORTEST):
        around = features.dip[max(0, frame - 8) : frame + 9]
        if features.dip[frame] < around.max():
            continue
        change = features.flux[max(0, frame - 3) : frame + 10]
        if (features.dip[frame] + 0.5) ** 0.4 * (change.max() + 0.1) ** 0.6 > REONSET:
            yield max(0, frame - 3) + int(np.argmax(change))


def _median_pitch(span: NoteSpan, features: HumFeatures) -> float:
    """Return the median pitch of the stable middle, without the scoop at the start and the release at the end."""
    length = span.end - span.start
    inside = slice(span.start + min(8, length // 4), span.end - length // 6)
    return float(np.median(features.pitch[inside]))

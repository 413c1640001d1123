"""Segments a hum into notes: the likeliest sequence of notes and gaps, given what the note model tells and the pitch.

A semi-Markov model decoded by dynamic programming (the segmental Viterbi algorithm, Ostendorf et al. 1996). Notes may
start and end only where the model suspects it, so there are few segments to weigh: O(candidates² · pitches).
"""

from typing import Final, NamedTuple

import numpy as np

from adapters.audio.analysis.features import HumFeatures
from adapters.audio.analysis.note_model import NotePosteriors
from adapters.audio.arrays import Floats, Indices

SHORTEST: Final = 7
"""Frames of the shortest note, 56 ms."""

LONGEST: Final = 1500
"""Frames of the longest note, 12 s, unless its onset is plain: doubtful ones would be too many to weigh."""

FAINTEST: Final = -4.0
"""Log odds of an onset or an end below which nothing is a candidate."""

GRID: Final = 0.2
"""Semitones between the pitches that are weighed."""


class Costs(NamedTuple):
    """How evidence is weighed; fitted by `python -m training.notes.decoding`.

    Attributes:
        onset: Weight of the log odds of an onset.
        note: Cost of a note: what its onset's weighted log odds must exceed.
        active: Weight of the log odds that a frame sounds.
        off_pitch: Cost of a frame one semitone off its note's pitch, times its confidence.
        cap: Semitones from which a frame costs no more: an octave error, a click.
    """

    onset: float = 1.2
    note: float = 1.7
    active: float = 0.12
    off_pitch: float = 0.15
    cap: float = 1.2


COSTS: Final = Costs()


class NoteSpan(NamedTuple):
    """Frames of a note; with fractions, because an onset lies between two frames."""

    start: float
    end: float


class _Evidence(NamedTuple):
    """What decides between segments; everything but `bounds` is in units of log odds.

    Attributes:
        bounds: Frames where notes may start or end, in order.
        begin: Per bound, what a note that starts there gains.
        sounding: Per bound, what notes have gained up to there if all frames belong to notes.
        misfit: Per bound and pitch, what a note of this pitch has missed up to there.
    """

    bounds: Indices
    begin: Floats
    sounding: Floats
    misfit: Floats


def best_spans(features: HumFeatures, posteriors: NotePosteriors, costs: Costs = COSTS) -> list[NoteSpan]:
    """Return the notes in order, not overlapping."""
    onsets, bounds = _candidates(posteriors)
    begin = np.full(len(bounds), -np.inf)
    begin[np.searchsorted(bounds, onsets)] = costs.onset * posteriors.onset[onsets] - costs.note
    sounding = costs.active * np.clip(posteriors.active, -6, 6)
    evidence = _Evidence(bounds, begin, _sums(sounding)[bounds], _sums(_misfit(features, costs))[bounds])
    return _backtrack(bounds, _best_starts(evidence), posteriors)


def _candidates(posteriors: NotePosteriors) -> tuple[Indices, Indices]:
    """Return the frames where notes may start, and those where they may start or end; both in order."""
    onsets = _peaks(posteriors.onset, FAINTEST)
    sounds = posteriors.active >= 0
    falls = np.flatnonzero(sounds[:-1] & ~sounds[1:]) + 1
    ends = np.concatenate([[0], falls, _peaks(posteriors.offset, FAINTEST), [len(sounds)]])
    return onsets, np.union1d(onsets, ends).astype(np.intp)


def _peaks(values: Floats, floor: float) -> Indices:
    """Return where values are above those of two frames on either side, and above a floor."""
    padded = np.pad(values, 2, constant_values=-np.inf)
    before = np.maximum(padded[1:-3], padded[:-4])
    after = np.maximum(padded[3:-1], padded[4:])
    return np.flatnonzero((values > before) & (values >= after) & (values > floor))


def _misfit(features: HumFeatures, costs: Costs) -> Floats:
    """Return what each pitch misses of the voice, shape (frames, pitches)."""
    voiced = features.confidence >= 0.5
    low, high = np.percentile(features.pitch[voiced], [1, 99]) if voiced.any() else (60.0, 60.0)
    pitches = np.arange(low - 0.5, high + 0.5 + GRID / 2, GRID)
    off = np.minimum(np.abs(features.pitch[:, None] - pitches), costs.cap)
    return np.asarray(costs.off_pitch * off * features.confidence[:, None])


def _sums(values: Floats) -> Floats:
    """Return the sums of all frames before each frame, and of all."""
    return np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])


def _best_starts(evidence: _Evidence) -> Indices:
    """Return, per bound, the index of the bound where the note that ends there starts; −1 in a gap."""
    bounds, begin, sounding, misfit = evidence
    best, back = np.zeros(len(bounds)), np.full(len(bounds), -1, dtype=np.intp)
    may_start = np.isfinite(begin)
    for end in range(1, len(bounds)):
        best[end] = best[end - 1] - (sounding[end] - sounding[end - 1])
        lengths = bounds[end] - bounds[:end]
        near = (lengths <= LONGEST) | (begin[:end] > 0)
        starts = np.flatnonzero(may_start[:end] & (lengths >= SHORTEST) & near)
        if len(starts):
            missed = np.min(misfit[end] - misfit[starts], axis=1)
            scores = best[starts] + begin[starts] + sounding[end] - sounding[starts] - missed
            winner = int(np.argmax(scores))
            if scores[winner] > best[end]:
                best[end], back[end] = scores[winner], starts[winner]
    return back


def _backtrack(bounds: Indices, back: Indices, posteriors: NotePosteriors) -> list[NoteSpan]:
    spans, end = list[NoteSpan](), len(bounds) - 1
    while end > 0:
        start = int(back[end])
        if start >= 0:
            limit = spans[-1].start if spans else np.inf
            first = _between(posteriors.onset, int(bounds[start]))
            spans.append(NoteSpan(first, min(float(bounds[end]), limit)))
        end = start if start >= 0 else end - 1
    return spans[::-1]


def _between(values: Floats, peak: int) -> float:
    """Return the place of a peak between frames, by a parabola through three values."""
    if not 0 < peak < len(values) - 1:
        return float(peak)
    left, middle, right = values[peak - 1 : peak + 2]
    bend = left - 2 * middle + right
    return peak + float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else float(peak)

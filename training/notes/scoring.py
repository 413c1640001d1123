"""Scores transcriptions against labels, as note transcription is scored in MIR.

A note is right when its onset lies within 50 ms and its pitch within 50 cents (Molina et al., "Evaluation framework for
automatic singing transcription", ISMIR 2014; mir_eval's `transcription`). `with_offsets` asks for the end as well,
within 20 % of the duration. Figures are means over recordings.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import mir_eval
import numpy as np
from numpy.typing import NDArray

from domain.music.hum import HummedNote
from domain.music.theory.pitch import to_hz

Notes = Sequence[HummedNote]
Pair = tuple[Notes, Notes]
"""The labels of a recording, and the notes that were heard in it."""

LOOSE_SECONDS: Final = 0.15
"""Onsets further apart than this are those of different notes, when biases and octave errors are measured."""


class Figures(NamedTuple):
    """Scores of a set of recordings, 0..1, and how far matched notes lie from their labels.

    Attributes:
        f1: Onset and pitch right.
        with_offsets: Onset, pitch and end right.
        onset_f1: Onset right, whatever the pitch.
        octave_errors: Share of notes heard at the right time, but an octave or more away.
        lateness_ms: Median of heard minus labelled onsets.
        sharpness_cents: Median of heard minus labelled pitches.
    """

    f1: float
    with_offsets: float
    onset_f1: float
    octave_errors: float
    lateness_ms: float
    sharpness_cents: float


def score(pairs: Sequence[Pair]) -> Figures:
    """Return the figures of several recordings.

    Raises:
        ValueError: When there are no recordings.
    """
    if not pairs:
        raise ValueError("no recordings to score")
    f1, with_offsets, onset_f1 = np.mean([_f1s(labels, heard) for labels, heard in pairs], axis=0)
    moves = np.concatenate([_moves(labels, heard) for labels, heard in pairs])
    near = np.abs(moves[:, 1]) < 0.5
    return Figures(
        f1=float(f1),
        with_offsets=float(with_offsets),
        onset_f1=float(onset_f1),
        octave_errors=float(np.mean(np.abs(moves[:, 1]) > 11)) if len(moves) else 0.0,
        lateness_ms=float(np.median(moves[near, 0]) * 1000) if near.any() else 0.0,
        sharpness_cents=float(np.median(moves[near, 1]) * 100) if near.any() else 0.0,
    )


def f1(labels: Notes, heard: Notes, offset_ratio: float | None = None) -> float:
    """Return the note F1 of one recording; ends count where `offset_ratio` says how near they must be."""
    if not labels or not heard:
        return float(not labels and not heard)
    scores = mir_eval.transcription.precision_recall_f1_overlap(
        *_arrays(labels), *_arrays(heard), onset_tolerance=0.05, pitch_tolerance=50.0, offset_ratio=offset_ratio
    )
    return float(scores[2])


def _f1s(labels: Notes, heard: Notes) -> tuple[float, float, float]:
    if not labels or not heard:
        return (float(not labels and not heard),) * 3
    onsets = mir_eval.transcription.onset_precision_recall_f1(_arrays(labels)[0], _arrays(heard)[0])
    return f1(labels, heard), f1(labels, heard, 0.2), float(onsets[2])


def _arrays(notes: Notes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    spans = np.array([[note.onset, note.onset + max(note.duration, 0.01)] for note in notes])
    return spans, np.array([to_hz(note.pitch) for note in notes])


def _moves(labels: Notes, heard: Notes) -> NDArray[np.float64]:
    """Return, for each label, how late and how sharp the nearest heard note is; shape (matched, 2)."""
    onsets = np.array([note.onset for note in heard])
    rows = []
    for note in labels:
        if len(onsets) and np.min(np.abs(onsets - note.onset)) <= LOOSE_SECONDS:
            nearest = heard[int(np.argmin(np.abs(onsets - note.onset)))]
            rows.append((nearest.onset - note.onset, nearest.pitch - note.pitch))
    return np.array(rows).reshape(-1, 2)

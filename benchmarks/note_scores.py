"""Scores of note transcription as mir_eval has them (Raffel et al., ISMIR 2014), raw and corrected for bias.

A note is right whose onset is within 50 ms and whose pitch is within 50 cents; with offsets, its end must also be
within 20 % of its duration or 50 ms. F1 is averaged over recordings. Annotators have their own bias; the corrected
scores take away each method's median distance in pitch and onset.
"""

from collections.abc import Sequence

import mir_eval
import msgspec
import numpy as np

from adapters.audio.arrays import Floats
from domain.music.hum import HummedNote

Notes = tuple[HummedNote, ...]


class Scores(msgspec.Struct, frozen=True):
    """What a method reaches on a set; F1 in per cent.

    Attributes:
        cpu: Seconds of CPU per minute of sound.
        cents: Median distance of the pitches from the labels, and `ms` of the onsets.
    """

    plain: float
    offsets: float
    corrected: float
    corrected_offsets: float
    cents: float
    ms: float
    cpu: float


def scores(labels: Sequence[Notes], heard: Sequence[Notes], cpu: float) -> Scores:
    """Return the scores of what was heard in recordings with these labels."""
    pairs = list(zip(labels, heard, strict=True))
    distances = np.concatenate([np.zeros((0, 2)), *(_distances(*pair) for pair in pairs)])
    cents, onset = np.median(distances, axis=0) if len(distances) else (0.0, 0.0)
    moved = [(label, _moved(notes, float(cents), float(onset))) for label, notes in pairs]
    return Scores(
        plain=_f1(pairs, None),
        offsets=_f1(pairs, 0.2),
        corrected=_f1(moved, None),
        corrected_offsets=_f1(moved, 0.2),
        cents=float(cents),
        ms=1000 * float(onset),
        cpu=cpu,
    )


def _f1(pairs: Sequence[tuple[Notes, Notes]], offset_ratio: float | None) -> float:
    return 100 * float(np.mean([_one_f1(label, notes, offset_ratio) for label, notes in pairs]))


def _one_f1(label: Notes, notes: Notes, offset_ratio: float | None) -> float:
    if not label or not notes:
        return float(not label and not notes)
    _, _, f1, _ = mir_eval.transcription.precision_recall_f1_overlap(
        *_arrays(label), *_arrays(notes), offset_ratio=offset_ratio
    )
    return float(f1)


def _distances(label: Notes, notes: Notes) -> Floats:
    """Return pitch (cents) and onset (seconds) of matched notes minus their labels', shape (matches, 2)."""
    if not label or not notes:
        return np.zeros((0, 2))
    matched = mir_eval.transcription.match_notes(
        *_arrays(label), *_arrays(notes), onset_tolerance=0.1, pitch_tolerance=100.0, offset_ratio=None
    )
    rows = [(100 * (notes[j].pitch - label[i].pitch), notes[j].onset - label[i].onset) for i, j in matched]
    return np.array(rows).reshape(-1, 2)


def _moved(notes: Notes, cents: float, seconds: float) -> Notes:
    return tuple(
        HummedNote(max(0.0, note.onset - seconds), note.duration, note.pitch - cents / 100, note.loudness)
        for note in notes
    )


def _arrays(notes: Notes) -> tuple[Floats, Floats]:
    """Return intervals in seconds and pitches in Hz, as mir_eval wants them."""
    intervals = np.array([(note.onset, note.onset + note.duration) for note in notes])
    return intervals, np.array([440 * 2 ** ((note.pitch - 69) / 12) for note in notes])

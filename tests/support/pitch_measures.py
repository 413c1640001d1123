"""Measures the pitch of rendered stems against the written notes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from adapters.audio.analysis.features import HumFeatures, extract_features
from adapters.audio.analysis.pitch import STEP
from adapters.audio.analysis.spectrum import RATE
from domain.music.score import ScoreNote
from domain.music.sung import SungNote, WordNote

Floats = NDArray[np.float64]
VOICED = 0.5


def features_of(path: Path) -> HumFeatures:
    """Return the features of a stem, as the transcriber computes them."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return extract_features(soxr.resample(samples.mean(axis=1), rate, RATE).astype(np.float32))


def cents_off(features: HumFeatures, notes: Sequence[SungNote | WordNote], border: float = 0.05) -> Floats:
    """Return the distance of every voiced frame from its written note, in cents.

    Frames within `border` seconds of a note's beginning or end are between two notes and belong to neither.
    """
    times = np.arange(len(features.pitch)) * STEP
    distances = []
    for note in notes:
        inside = (times > note.start + border) & (times < note.start + note.duration - border)
        voiced = inside & (features.confidence >= VOICED)
        distances.append(100 * np.abs(features.pitch[voiced] - note.pitch))
    return np.concatenate(distances)


def heard_pitch(features: HumFeatures, start: float, end: float) -> float:
    """Return the median pitch of the middle of a span as a MIDI number, NaN where nothing is voiced."""
    edge = 0.2 * (end - start)
    times = np.arange(len(features.pitch)) * STEP
    voiced = (times > start + edge) & (times < end - edge) & (features.confidence >= VOICED)
    return float(np.median(features.pitch[voiced])) if voiced.any() else float("nan")


def share_in_tune(features: HumFeatures, notes: list[ScoreNote], cents: float = 50) -> float:
    """Return the share of notes whose pitch class the tracker finds."""
    heard = np.array([heard_pitch(features, note.start, note.start + note.duration) for note in notes])
    written = np.array([note.pitch for note in notes])
    distance = np.abs((heard - written + 6) % 12 - 6)
    return float(np.mean(100 * distance <= cents))

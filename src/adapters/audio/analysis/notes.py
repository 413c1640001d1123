"""From the spans of notes to notes: pitch of the steady part, loudness, times in seconds."""

from typing import Final

import numpy as np

from adapters.audio.analysis.features import HumFeatures
from adapters.audio.analysis.note_model import NotePosteriors
from adapters.audio.analysis.pitch import STEP
from adapters.audio.analysis.segmentation import NoteSpan
from adapters.audio.arrays import Floats
from domain.music.hum import HummedNote

SCOOP_FRAMES: Final = 10
SCOOP_SHARE: Final = 0.25
RELEASE_SHARE: Final = 0.15
"""What is left out of a note's pitch: up to 80 ms and a quarter of it at its start, the last 15 % at its end."""

STEADY: Final = 0.15
"""Semitones per 16 ms; a frame that moves this fast counts half."""

SHORTEST_SECONDS: Final = 0.05

LATENESS: Final = 0.005
"""Seconds by which the model tells onsets late; measured were 2 to 8 ms, by the set of recordings."""


def to_notes(spans: list[NoteSpan], features: HumFeatures, posteriors: NotePosteriors) -> tuple[HummedNote, ...]:
    """Return the notes of spans; those without a voiced frame are left out."""
    steadiness = _steadiness(features, posteriors)
    sounding = [span for span in spans if steadiness[_inside(span)].sum() > 0]
    levels = [float(np.percentile(features.level[_inside(span)], 75)) for span in sounding]
    return tuple(
        HummedNote(
            onset=(onset := max(0.0, span.start * STEP - LATENESS)),
            duration=max(SHORTEST_SECONDS, span.end * STEP - LATENESS - onset),
            pitch=_pitch(span, features.pitch, steadiness),
            loudness=10 ** ((level - max(levels)) / 20),
        )
        for span, level in zip(sounding, levels, strict=True)
    )


def _inside(span: NoteSpan) -> slice:
    return slice(round(span.start), max(round(span.end), round(span.start) + 1))


def _steadiness(features: HumFeatures, posteriors: NotePosteriors) -> Floats:
    """Return the weight of each frame in its note's pitch: voiced, sounding and not moving."""
    moves = np.abs(np.gradient(features.pitch)) * 2
    sounding = 1 / (1 + np.exp(-posteriors.active))
    voiced = np.where(features.confidence >= 0.3, features.confidence, 0.0)
    return np.asarray(voiced * (0.1 + sounding) / (1 + (moves / STEADY) ** 2))


def _pitch(span: NoteSpan, pitch: Floats, steadiness: Floats) -> float:
    """Return the weighted median of the part between scoop and release."""
    length = span.end - span.start
    first = round(span.start + min(SCOOP_FRAMES, SCOOP_SHARE * length))
    middle = slice(first, max(round(span.end - RELEASE_SHARE * length), first + 1))
    if steadiness[middle].sum() <= 0:
        middle = _inside(span)
    return _weighted_median(pitch[middle], steadiness[middle])


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])

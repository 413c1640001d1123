"""The choice of notes from what the note model tells, on posteriors made by hand."""

import numpy as np
import pytest

from adapters.audio.analysis.features import HumFeatures
from adapters.audio.analysis.note_model import NotePosteriors
from adapters.audio.analysis.segmentation import best_spans
from adapters.audio.arrays import Floats

FRAMES = 400


def features(pitch: Floats) -> HumFeatures:
    ones = np.ones(FRAMES)
    return HumFeatures(
        pitch, ones, -20 * ones, 0 * ones, 0 * ones, np.zeros((FRAMES, 3)), np.zeros((FRAMES, 32), np.float32)
    )


def posteriors(onsets: dict[float, float], sounds: slice) -> NotePosteriors:
    """Return onsets as peaks of given log odds, 16 ms wide, and sound in one stretch."""
    frames = np.arange(FRAMES)
    onset = np.full(FRAMES, -8.0)
    for place, height in onsets.items():
        onset = np.maximum(onset, height - (frames - place) ** 2 / 4)
    active = np.full(FRAMES, -5.0)
    active[sounds] = 5.0
    return NotePosteriors(onset, active, np.full(FRAMES, -8.0))


def test_a_note_lasts_as_long_as_it_sounds() -> None:
    (span,) = best_spans(features(np.full(FRAMES, 60.0)), posteriors({50: 3.0}, slice(50, 300)))
    assert span == pytest.approx((50, 300), abs=1)


def test_a_sure_onset_repeats_a_note() -> None:
    spans = best_spans(features(np.full(FRAMES, 60.0)), posteriors({50: 3.0, 150: 3.0}, slice(50, 300)))
    assert [span.start for span in spans] == pytest.approx([50, 150], abs=1)


def test_an_unsure_onset_needs_another_pitch() -> None:
    heard = posteriors({50: 3.0, 150: 0.0}, slice(50, 300))
    assert len(best_spans(features(np.full(FRAMES, 60.0)), heard)) == 1
    assert len(best_spans(features(np.where(np.arange(FRAMES) < 150, 60.0, 62.0)), heard)) == 2


def test_onsets_lie_between_frames() -> None:
    (span,) = best_spans(features(np.full(FRAMES, 60.0)), posteriors({50.4: 3.0}, slice(50, 300)))
    assert span.start == pytest.approx(50.4, abs=0.05)


def test_notes_do_not_overlap() -> None:
    onsets = {50.4: 3.0, 149.6: 3.0, 220.3: 3.0}
    first, second, third = best_spans(features(np.full(FRAMES, 60.0)), posteriors(onsets, slice(50, 300)))
    assert first.end <= second.start
    assert second.end <= third.start


def test_nothing_sounds() -> None:
    assert best_spans(features(np.full(FRAMES, 60.0)), posteriors({50: 0.0}, slice(0, 0))) == []

"""What the note model is trained towards, and how transcriptions are scored."""

import numpy as np
import pytest

from adapters.audio.analysis.pitch import STEP
from domain.music.hum import HummedNote
from training.notes.batches import EXCERPT, disturb, targets_of
from training.notes.scoring import score

NOTES = (HummedNote(0.5, 0.4, 60.0, 1.0), HummedNote(0.9, 0.6, 62.0, 0.8))


def moved(late: float = 0.0, sharp: float = 0.0, longer: float = 0.0) -> tuple[HummedNote, ...]:
    return tuple(HummedNote(n.onset + late, n.duration + longer, n.pitch + sharp, n.loudness) for n in NOTES)


def test_targets_peak_at_onsets_and_ends() -> None:
    targets = targets_of(NOTES, 250)
    onset, active, offset = targets.T
    assert {round(frame * STEP, 1) for frame in np.flatnonzero(onset > 0.95)} == {0.5, 0.9}
    assert active.sum() * STEP == pytest.approx(1.0, abs=2 * STEP)
    assert {round(frame * STEP, 1) for frame in np.flatnonzero(offset > 0.95)} == {0.9, 1.5}


def test_disturbed_features_stay_near() -> None:
    excerpt = np.zeros((EXCERPT, 45), dtype=np.float32)
    disturb(excerpt, np.random.default_rng(1))
    assert 0 < np.abs(excerpt).mean() < 0.5


def test_perfect_notes_score_one() -> None:
    figures = score([(NOTES, NOTES)])
    assert (figures.f1, figures.with_offsets, figures.onset_f1, figures.octave_errors) == (1, 1, 1, 0)


def test_what_is_off_is_told_apart() -> None:
    late, sharp, long, octave = (
        score([(NOTES, heard)]) for heard in (moved(late=0.06), moved(sharp=0.4), moved(longer=0.3), moved(sharp=12.0))
    )
    assert (late.f1, round(late.lateness_ms)) == (0, 60)
    assert (sharp.f1, round(sharp.sharpness_cents)) == (1, 40)
    assert (long.f1, long.with_offsets) == (1, 0)
    assert (octave.f1, octave.onset_f1, octave.octave_errors) == (0, 1, 1)


def test_nothing_heard_scores_nothing() -> None:
    assert score([(NOTES, ())]).f1 == 0
    assert score([((), ())]).f1 == 1
    with pytest.raises(ValueError, match="no recordings"):
        score([])

"""The note model, its card and the code belong together."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from adapters.audio.analysis import note_model
from adapters.audio.analysis.features import COLUMNS, FEATURES_VERSION
from training.notes import evaluation, probe

CARD = (Path(__file__).parents[2] / "training" / "notes" / "MODEL_CARD.md").read_text(encoding="utf-8")
MODEL = note_model.MODEL_FILE.read_bytes()


@pytest.fixture(scope="module")
def metadata() -> dict[str, str]:
    loaded: dict[str, str] = note_model.session().get_modelmeta().custom_metadata_map
    return loaded


def test_is_small() -> None:
    assert len(MODEL) <= 1_000_000


def test_the_card_is_that_of_the_model() -> None:
    assert f"`{hashlib.sha256(MODEL).hexdigest()}`" in CARD


def test_reads_the_features_of_this_code(metadata: dict[str, str]) -> None:
    assert metadata["features_version"] == str(FEATURES_VERSION)
    assert note_model.session().get_inputs()[0].shape[1] == COLUMNS
    assert note_model.session().get_outputs()[0].shape[1] == len(note_model.NotePosteriors._fields)
    trained_on, now = (np.array(json.loads(text)) for text in (metadata["probe"], probe.fingerprint()))
    assert np.max(np.abs(trained_on - now)) < probe.TOLERANCE


def test_the_card_names_the_data_that_the_model_names(metadata: dict[str, str]) -> None:
    assert f"`{metadata['data']}`" in CARD


def test_the_scores_are_those_of_the_model() -> None:
    """A few hums are scored again: another model, or other decoding, scores otherwise."""
    found = re.search(r"F1 of five hums at 0 dB, for the test: ([\d.]+)\.\n", CARD)
    assert found
    assert evaluation.check() == pytest.approx(float(found[1]), abs=0.01)


def test_refuses_a_model_for_other_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_model, "FEATURES_VERSION", FEATURES_VERSION + 1)
    with pytest.raises(RuntimeError, match="make train"):
        note_model.load(note_model.MODEL_FILE)

"""The scripts under training/ run, and what they fit is what the code has."""

import numpy as np
import pytest

from adapters.audio.codecs.encoding import output_formats
from adapters.audio.instruments import PATCHES
from domain.jobs.output_formats import OutputFormat
from domain.music.instruments import Instrument
from domain.music.listening.reading_weights import WEIGHTS
from domain.music.listening.readings import FEATURES
from training import listening_scores, metre_weights
from training.encoder_scale import measured_scale
from training.instrument_levels import fitted_level
from training.listening_weights import FIGURES, constants, evaluate, replaced, report, scaled


@pytest.mark.parametrize("instrument", [Instrument.PIANO, Instrument.SUPERSAW, Instrument.LOFI_KIT])
def test_instrument_levels_are_those_that_the_script_fits(instrument: Instrument) -> None:
    assert fitted_level(instrument) == pytest.approx(PATCHES[instrument].level_db, abs=0.1)


@pytest.mark.parametrize("name", ["mp3_44100_128", "mp3_44100_320"])
def test_the_encoders_scale_is_the_one_that_the_script_measures(name: OutputFormat) -> None:
    chosen = output_formats()[name]
    assert measured_scale(chosen.bit_rate) == pytest.approx(chosen.preset_scale, abs=0.01)


def test_the_constants_of_listening_are_found_and_restored() -> None:
    found = {
        f"{module.__name__.rpartition('.')[2]}.{name}": (module, name, value) for module, name, value in constants()
    }
    assert {name.partition(".")[0] for name in found} >= {
        "beat_tracking",
        "degrees",
        "key",
        "phrases",
        "rhythm",
        "tempo_likelihood",
    }
    module, name, value = next(iter(found.values()))
    with replaced(module, name, scaled(value, 2.0)):
        assert getattr(module, name) != value
    assert getattr(module, name) == value


def test_the_figures_are_shares_and_the_table_has_a_line_per_factor() -> None:
    figures = evaluate(2)
    assert set(figures) == set(FIGURES)
    assert all(0 <= share <= 100 for share in figures.values())
    head, present, *changes = report(2, "phrases")
    assert (head.split()[0], present.split()[0]) == ("key", "as")
    assert len(changes) % 4 == 0


def test_every_feature_of_a_reading_has_a_weight() -> None:
    assert tuple(WEIGHTS) == FEATURES


def test_weights_that_are_fitted_choose_the_right_readings() -> None:
    examples = metre_weights.tune_examples(70, 12)
    fitted = metre_weights.fit(examples)
    assert metre_weights.scores(examples, fitted)["tempo"] >= 70
    assert metre_weights.scores(examples, -fitted)["tempo"] < 50
    compiled = compile(metre_weights.source(fitted), "reading_weights.py", "exec")
    assert "WEIGHTS" in compiled.co_names


def test_scores_of_listening_are_shares() -> None:
    kinds = (
        listening_scores.tunes(3),
        listening_scores.tunes(3, listening_scores.steady),
        listening_scores.hums(2, 15.0, 40.0),
    )
    rows = [listening_scores.results(case) for kind in kinds for case in kind]
    assert len(rows) == 8
    assert all(
        set(row) == set(listening_scores.FIGURES) and all(0 <= share <= 1 for share in row.values()) for row in rows
    )
    assert np.mean([row["moved"] for row in rows]) > 0.9


def test_plain_examples_have_a_right_reading() -> None:
    plain = metre_weights.plain_examples(41, 4)
    assert all(example.rank.max() == 3 for example in plain)
    assert plain[0].features.shape == (len(plain[0].rank), len(FEATURES))

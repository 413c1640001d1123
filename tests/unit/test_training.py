"""The scripts under training/ run, and what they fit is what the code has."""

import pytest

from adapters.audio.codecs.encoding import output_formats
from adapters.audio.instruments import PATCHES
from application.ports.mastering import OutputFormat
from domain.music.instruments import Instrument
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

"""CONTRIBUTING's example style: one file, found by the registry, composed, played by the band and mastered."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from adapters.audio.codecs.decoding import decode
from adapters.audio.mix.band import play
from adapters.audio.mix.mastering import master
from application.ports.mastering import MasterReport
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.music.composition.arrangement import compose
from domain.music.score import Score
from domain.music.styles.registry import DEFAULT_STYLE, STYLES, resolve_style
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum
from tests.support.pitch_measures import features_of, share_in_tune
from tests.support.styles import EXAMPLES, styles_in

EXAMPLE = "musicbox"


class Rendered(msgspec.Struct, frozen=True):
    """A finished preview in the example style."""

    score: Score
    instrumental: Path
    final: Path
    report: MasterReport


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rendered]:
    """Render the example through the real studio, registered for the tests of this module."""
    folder, kind = tmp_path_factory.mktemp(EXAMPLE), OutputKind.PREVIEW
    with styles_in(EXAMPLES):
        analysis = hum(ODE, phrases=ODE_PHRASES)
        blueprint = complete({"style": "Music Box"}, analysis, blueprint_id="b", kind=kind, voice_id="v", seed=7)
        score = compose(brief_of(blueprint, kind))
        instrumental, final = folder / "instrumental.flac", folder / "final.mp3"
        play(score, instrumental)
        report = master(None, instrumental, final, "mp3_44100_192")
        yield Rendered(score, instrumental, final, report)


def test_one_file_makes_a_style(rendered: Rendered) -> None:
    assert next(iter(STYLES)) == DEFAULT_STYLE
    assert EXAMPLE in STYLES
    assert resolve_style("Music Box").name == EXAMPLE
    assert rendered.score.style == EXAMPLE
    assert not STYLES[EXAMPLE].has_drums
    assert not STYLES[EXAMPLE].has_bass


def test_every_channel_plays_within_its_instruments_range(rendered: Rendered) -> None:
    assert {part.name for part in rendered.score.parts} == set(STYLES[EXAMPLE].channels)
    for part in rendered.score.parts:
        assert all(part.instrument.low <= note.pitch <= part.instrument.high for note in part.notes)


def test_the_tune_can_be_heard(rendered: Rendered) -> None:
    lead = next(part for part in rendered.score.parts if part.name == rendered.score.lead)
    assert share_in_tune(features_of(rendered.instrumental), list(lead.notes)) >= 0.6


def test_the_master_is_as_loud_and_as_long_as_any_other(rendered: Rendered) -> None:
    assert abs(rendered.report.lufs - -14) <= 0.5
    assert rendered.report.true_peak_dbtp <= -1
    assert 15 <= rendered.report.duration <= 30
    samples = decode(rendered.final)
    assert np.max(np.abs(samples[-441:])) < 1e-3

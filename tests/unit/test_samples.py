"""Samples of styles: one short tune, in every style, under names of this version."""

import pytest

from application.samples import edition, sample_key, sample_order, style_ordered
from domain.blueprints.briefing import brief_of
from domain.blueprints.sample import KIND, sample_blueprint
from domain.jobs.keys import owner_of
from domain.music.composition.arrangement import compose
from domain.music.styles.registry import STYLES
from domain.music.styles.style import Style


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_sample_is_the_tune_in_its_style_and_short(style: Style) -> None:
    score = compose(brief_of(sample_blueprint(style), KIND))
    assert (score.style, score.key) == (style.name, "C")
    assert 7.0 <= score.duration <= 11.0
    assert score.duration + score.tail <= 12.5  # 200 kB
    assert [note.pitch % 12 for note in score.sheet.melody[:3]] == [4, 7, 0]


def test_keys_belong_to_no_job_and_orders_to_one_version() -> None:
    assert owner_of(sample_key("lofi")) is None
    assert edition() in sample_key("lofi")
    assert style_ordered(sample_order("lofi")) == "lofi"
    assert style_ordered(sample_order("lofi").replace(edition(), "0.0.1-abcd")) is None
    assert style_ordered(sample_order("polka")) is None
    assert style_ordered("wav_44100") is None

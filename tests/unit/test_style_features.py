"""Styles are told apart by what is heard: the same hum in each, every pair clearly different in two features."""

from itertools import combinations

import pytest

from domain.music.hum import Analysis
from domain.music.styles.registry import STYLES
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum
from tests.support.style_features import MARGINS, features_of_style, separations
from tests.unit.test_variation import hummed

pytestmark = pytest.mark.music

Table = dict[str, dict[str, float]]


def table_of(analysis: Analysis) -> Table:
    return {style: features_of_style(analysis, style) for style in STYLES}


@pytest.fixture(scope="module")
def heard() -> Table:
    """Give the features of every style for one hum."""
    return table_of(hum(ODE, phrases=ODE_PHRASES))


def test_every_pair_of_styles_differs_in_two_features(heard: Table) -> None:
    close = {
        f"{one} {other}": separations(heard[one], heard[other])
        for one, other in combinations(STYLES, 2)
        if len(separations(heard[one], heard[other])) < 2
    }
    assert not close


def test_every_feature_tells_some_styles_apart(heard: Table) -> None:
    for name, margin in MARGINS.items():
        values = [features[name] for features in heard.values()]
        assert max(values) - min(values) >= margin, name


def test_styles_sound_as_musicians_describe_them(heard: Table) -> None:
    def most(feature: str) -> str:
        return max(heard, key=lambda style: heard[style][feature])

    def least(feature: str) -> str:
        return min(heard, key=lambda style: heard[style][feature])

    assert most("tail") == least("onsets") == "ambient"
    assert most("slope") == most("onsets") == "chiptune"
    assert least("highs") == most("swing") == "lofi"
    assert most("pitches") == "bossa"
    assert most("percussion") == "pop"
    assert heard["rock"]["brightness"] > heard["acoustic"]["brightness"] > heard["orchestral"]["brightness"]


@pytest.mark.parametrize("seed", range(300, 305))
def test_styles_differ_whatever_is_hummed(seed: int) -> None:
    heard = table_of(hummed(seed))
    assert all(len(separations(heard[one], heard[other])) >= 2 for one, other in combinations(STYLES, 2))

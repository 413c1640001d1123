"""Durations as text."""

import pytest

from domain.jobs.durations import duration_of, seconds_in


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1H", 3600),
        ("P30D", 2_592_000),
        ("P2W", 1_209_600),
        ("P1DT2H3M4S", 93_784),
        ("PT0S", 0),
        ("P0D", 0),
        ("PT90M", 5400),
    ],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert seconds_in(text) == seconds


NO_DURATIONS = ["", "P", "PT", "P1DT", "1H", "P1M", "P1Y", "PT1.5H", "-PT1H", "P1W2D", "PT1M1H", "pt1h", "PT1H\n"]


@pytest.mark.parametrize("text", [*NO_DURATIONS, "PT\u0661H", f"PT{'9' * 400}S"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert seconds_in(text) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "PT0S"), (3600, "PT1H"), (86_400, "P1D"), (93_784, "P1DT2H3M4S"), (61, "PT1M1S")]
)
def test_durations_are_written_in_the_greatest_units(seconds: int, text: str) -> None:
    assert duration_of(seconds) == text
    assert seconds_in(text) == seconds

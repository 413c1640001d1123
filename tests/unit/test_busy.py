"""When a busy server is called again, whatever it says."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from adapters.mcp.busy import DEFAULT_SECONDS, LONGEST_SECONDS, SHORTEST_SECONDS, delay_of


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        (3, 3.0),
        (2.5, 2.5),
        ("7", 7.0),
        (" 7 ", 7.0),
        (0, SHORTEST_SECONDS),
        ("0", SHORTEST_SECONDS),
        (86_400, LONGEST_SECONDS),
        ("1e400", LONGEST_SECONDS),
        (10**400, DEFAULT_SECONDS),
        (float("inf"), LONGEST_SECONDS),
        (float("nan"), DEFAULT_SECONDS),
        ("nan", DEFAULT_SECONDS),
        (-1, DEFAULT_SECONDS),
        ("", DEFAULT_SECONDS),
        ("soon", DEFAULT_SECONDS),
        (None, DEFAULT_SECONDS),
        (True, DEFAULT_SECONDS),
        ({"seconds": 3}, DEFAULT_SECONDS),
        ("Wed, 21 Oct 2015 07:28:00 GMT", SHORTEST_SECONDS),
        ("Wed, 99 Oct 2015 07:28:00 GMT", DEFAULT_SECONDS),
    ],
)
def test_the_delay_is_within_bounds(stated: Any, seconds: float) -> None:
    assert delay_of(stated) == seconds


def test_a_date_is_a_delay() -> None:
    assert delay_of(format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)) == LONGEST_SECONDS
    assert 1 < delay_of(format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)) <= 40

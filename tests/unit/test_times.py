"""Times that clients name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from application.times import EARLIEST, LATEST, in_utc

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (None, None),
        (NOON.replace(tzinfo=None), NOON),
        (NOON.replace(tzinfo=EAST), NOON - timedelta(hours=14)),
        (datetime.min.replace(tzinfo=EAST), EARLIEST),
        (datetime.max.replace(tzinfo=WEST), LATEST),
    ],
)
def test_every_time_is_one_in_utc(at: datetime | None, expected: datetime | None) -> None:
    found = in_utc(at)
    assert found == expected
    assert found is None or found.tzinfo is UTC

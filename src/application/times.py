"""Times that clients name."""

from datetime import UTC, datetime
from typing import Final

EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)
"""No job is older or newer, and both can be written in any time zone."""


def in_utc(at: datetime | None) -> datetime | None:
    """Return a time in UTC, which it is without a zone; one that UTC has no date for, as the first or the last."""
    if at is None:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(at, EARLIEST), LATEST).astimezone(UTC)

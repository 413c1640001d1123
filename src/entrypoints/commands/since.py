"""A point in the past as people write it: `30min`, `2h`, `7d`, or ISO 8601."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

UNITS: Final = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_AGO: Final = re.compile(rf"(\d+)\s*({'|'.join(UNITS)})")


class Since(click.ParamType):  # type: ignore[type-arg] # generic only in click's stubs
    """Reads a point in the past; one without a time zone is in UTC."""

    name = "time"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time; fail with a usage error if it is none."""
        if isinstance(value, datetime):
            return value
        try:
            if ago := _AGO.fullmatch(value.strip()):
                return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
            at = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is neither an age ({', '.join(f'2{unit}' for unit in UNITS)}) nor a time in ISO 8601",
                param,
                ctx,
            )
        return at if at.tzinfo else at.replace(tzinfo=UTC)

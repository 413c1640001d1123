"""Durations as text (ISO 8601-1:2019, section 5.5.2): weeks, days, hours, minutes and seconds, which are never longer
on one day than on another."""

import re
from typing import Final

DAY: Final = 86_400
HOUR: Final = 3_600

_LONGEST_NUMBER: Final = 9
_NUMBER: Final = rf"(\d{{1,{_LONGEST_NUMBER}}})"
_TIME: Final = f"T(?=[0-9])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?"
_DURATION: Final = re.compile(rf"P(?=[0-9T])(?:{_NUMBER}W|(?:{_NUMBER}D)?(?:{_TIME})?)", re.ASCII)
_SECONDS: Final = (7 * DAY, DAY, HOUR, 60, 1)


def seconds_in(duration: str) -> int | None:
    """Return the seconds in a duration such as `PT1H30M` or `P7D`; None for what is none."""
    if (found := _DURATION.fullmatch(duration)) is None:
        return None
    return sum(int(number or 0) * unit for number, unit in zip(found.groups(), _SECONDS, strict=True))


def duration_of(seconds: int) -> str:
    """Return the duration of so many seconds."""
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, 60)
    day = f"{days}D" if days else ""
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if number)
    return f"P{day}T{time}" if time else f"P{day}" if day else "PT0S"

"""How far two clocks may be apart, and how far they are."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from entrypoints.doctor.report import ProbeResult, Verdict

TOO_SKEWED: Final = timedelta(minutes=15)
"""S3 refuses what was signed further from its own time than this (`RequestTimeTooSkewed`), as Ceph does."""

SET_THE_CLOCK: Final = "set this machine's clock by NTP (`timedatectl set-ntp true`)"


class Stopwatch:
    """Compares a clock elsewhere with ours: what it said lies between asking and being answered."""

    def __init__(self) -> None:
        self._asked = datetime.now(UTC)

    def skew(self, theirs: datetime) -> timedelta:
        """Return by how much we are ahead; the round trip is halved. Call it as soon as the answer is there."""
        return self._asked + (datetime.now(UTC) - self._asked) / 2 - theirs


def date_of(header: str) -> datetime | None:
    """Return an HTTP `Date`, which drops fractions: half a second is added. None if there is none."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) + timedelta(seconds=0.5)
    except ValueError:
        return None


def url_limit(url_expiry: float) -> timedelta:
    """Return the skew at which signed URLs fail; they are handed out for half their life."""
    return min(TOO_SKEWED, timedelta(seconds=url_expiry / 2))


def skew_result(skew: timedelta, *, warn: timedelta, fail: timedelta, why: str) -> ProbeResult:
    """Return what a skew means: `why` says what suffers."""
    seconds = skew.total_seconds()
    if abs(skew) <= warn:
        return ProbeResult(f"{abs(seconds):.1f} s apart")
    verdict = Verdict.FAIL if abs(skew) >= fail else Verdict.WARN
    side = "ahead of" if seconds > 0 else "behind"
    return ProbeResult(f"this machine is {abs(seconds):.0f} s {side} it: {why}", verdict, SET_THE_CLOCK)

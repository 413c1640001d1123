"""Clock skew: how much there is, and how much is harmless."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from entrypoints.doctor.report import ProbeResult, Verdict

TOO_SKEWED: Final = timedelta(minutes=15)
"""S3 and Ceph reject requests whose signing time is further from theirs (`RequestTimeTooSkewed`)."""

SET_THE_CLOCK: Final = "synchronise this machine's clock by NTP (`timedatectl set-ntp true`)"


class Stopwatch:
    """Compares a remote clock with ours: its time was read between request and response."""

    def __init__(self) -> None:
        self._requested_at = datetime.now(UTC)

    def skew(self, theirs: datetime) -> timedelta:
        """Return how far we are ahead, assuming the middle of the round trip; call it on the response's arrival."""
        return self._requested_at + (datetime.now(UTC) - self._requested_at) / 2 - theirs


def date_of(header: str) -> datetime | None:
    """Return the time of an HTTP `Date` header, or None. It has whole seconds: half a second is added."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) + timedelta(seconds=0.5)
    except ValueError:
        return None


def url_limit(url_expiry: float) -> timedelta:
    """Return the skew at which signed URLs fail: they may be cached for half their validity."""
    return min(TOO_SKEWED, timedelta(seconds=url_expiry / 2))


def skew_result(skew: timedelta, *, warn: timedelta, fail: timedelta, why: str) -> ProbeResult:
    """Return the result for a skew; `why` names what it affects."""
    seconds = skew.total_seconds()
    if abs(skew) <= warn:
        return ProbeResult(f"{abs(seconds):.1f} s apart")
    verdict = Verdict.FAIL if abs(skew) >= fail else Verdict.WARN
    side = "ahead of" if seconds > 0 else "behind"
    return ProbeResult(f"this machine is {abs(seconds):.0f} s {side} it: {why}", verdict, SET_THE_CLOCK)

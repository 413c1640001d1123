"""What owners of keys have used, by calendar month (UTC)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Protocol

import msgspec

from application.access import Caller
from domain.errors import MomentError


class QuotaExceeded(MomentError):
    """The owner has used up what they may in this month.

    Attributes:
        retry_after: Seconds until the next month begins; 0 if that is not known.
    """

    code = "quota_exceeded"

    def __init__(self, retry_after: int = 0) -> None:
        super().__init__("the quota of this month is used up; see /v1/usage")
        self.retry_after = retry_after


RequireQuota = Callable[[Caller], Awaitable[None]]
"""Raises `QuotaExceeded` if a caller may send no more."""


async def unlimited(_: Caller) -> None:
    """Let everybody in."""


class MonthUsage(msgspec.Struct, frozen=True):
    """What an owner has used in a month.

    Attributes:
        month: Its first day.
        moments: How many jobs were accepted, remixes too; a retry is none.
        seconds: How long the music is that was completed.
    """

    month: date
    moments: int
    seconds: float


class Spent(msgspec.Struct, frozen=True):
    """What an owner has used in the present month, and how many seconds are left of it."""

    moments: int
    seconds: float
    rest: int


class Usage(Protocol):
    """Counted use. Jobs count themselves where they are stored. Every method may raise `DatabaseUnavailable`."""

    async def open_month(self, owner: str, most: int | None) -> Spent:
        """Return what was used in the present month; from now on, an owner's jobs are stored up to this many.

        Args:
            most: None for no limit. `JobRepository.add` raises `QuotaExceeded` for one job more.
        """

    async def months(self, owner: str, limit: int) -> Sequence[MonthUsage]:
        """Return the last months in which anything was used, newest first."""

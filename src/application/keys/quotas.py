"""Quotas: how many moments, and how much music, an owner may have in a month."""

from typing import Final

import msgspec

from application.access import Caller
from application.ports.usage import MonthUsage, QuotaExceeded, Usage

MONTHS_SHOWN: Final = 24


class Quota(msgspec.Struct, frozen=True):
    """What an owner may use in a month; None for no limit.

    Attributes:
        moments: How many may be accepted.
        seconds: Of music: once so many are completed, no more moments are accepted.
    """

    moments: int | None = None
    seconds: int | None = None


class UsageReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner has used, and what they may.

    Attributes:
        owner: Whose keys.
        quota: In each calendar month (UTC).
        months: Months in which anything was used, newest first.
    """

    owner: str
    quota: Quota
    months: tuple[MonthUsage, ...]


class Quotas:
    """Holds owners to their quotas: those of the key, else the service's.

    Args:
        usual: Of keys that have none of their own.
    """

    def __init__(self, usage: Usage, usual: Quota) -> None:
        self._usage = usage
        self._usual = usual

    async def require(self, caller: Caller) -> None:
        """Return if the caller may send one more moment; one of several at once may still be refused when it is stored.

        Raises:
            QuotaExceeded: They have used up their quota.
            DatabaseUnavailable: Their use cannot be read now.
        """
        quota = self._of(caller)
        if not caller.owner:
            return
        spent = await self._usage.open_month(caller.owner, quota.moments)
        if (quota.moments is not None and spent.moments >= quota.moments) or (
            quota.seconds is not None and spent.seconds >= quota.seconds
        ):
            raise QuotaExceeded(spent.rest)

    async def report(self, caller: Caller) -> UsageReport:
        """Return what the caller has used. Raises `DatabaseUnavailable`."""
        months = await self._usage.months(caller.owner, MONTHS_SHOWN)
        return UsageReport(owner=caller.owner, quota=self._of(caller), months=tuple(months))

    def _of(self, caller: Caller) -> Quota:
        own = caller.limits
        return Quota(
            self._usual.moments if own.moments is None else own.moments,
            self._usual.seconds if own.seconds is None else own.seconds,
        )

"""What owners have used, in memory: what triggers count in Postgres."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from application.ports.clock import Clock
from application.ports.usage import MonthUsage, QuotaExceeded, Spent
from tests.support.fake_faults import Faults, faulty


class Counted(msgspec.Struct):
    """A row."""

    moments: int = 0
    seconds: float = 0.0
    most: int | None = None


class Counts:
    """Counts what the repository stores."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.rows: dict[tuple[str, datetime], Counted] = {}

    def row(self, owner: str) -> Counted:
        return self.rows.setdefault((owner, self.month()), Counted())

    def month(self) -> datetime:
        return self._clock().replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def add(self, owner: str) -> None:
        row = self.row(owner)
        if row.most is not None and row.moments >= row.most:
            raise QuotaExceeded
        row.moments += 1


class InMemoryUsage:
    """Port `Usage`."""

    def __init__(self, counts: Counts, clock: Clock) -> None:
        self._counts = counts
        self._clock = clock
        self.faults = Faults()

    @faulty
    async def open_month(self, owner: str, most: int | None) -> Spent:
        row = self._counts.row(owner)
        if most is None or row.moments < most:
            row.most = most
        rest = (self._counts.month() + timedelta(days=32)).replace(day=1) - self._clock()
        return Spent(row.moments, row.seconds, round(rest.total_seconds()))

    @faulty
    async def months(self, owner: str, limit: int) -> Sequence[MonthUsage]:
        rows = [(month, row) for (whose, month), row in self._counts.rows.items() if whose == owner]
        rows.sort(key=lambda found: found[0], reverse=True)
        return [MonthUsage(month.date(), row.moments, row.seconds) for month, row in rows[:limit]]

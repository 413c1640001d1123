"""What owners of keys have used, in Postgres: triggers count, a constraint holds the quota."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.usage import MonthUsage, QuotaExceeded, Spent

OPEN_MONTH: Final = load_sql("open_month")
READ_USAGE: Final = load_sql("read_usage")

QUOTA: Final = "usage_within_quota"
"""The constraint that an insert of too many jobs violates."""


@contextmanager
def quota_kept() -> Iterator[None]:
    """Translate the error of a job that is too many.

    Raises:
        QuotaExceeded: Nothing of the statement was written.
    """
    try:
        yield
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != QUOTA:
            raise
        raise QuotaExceeded from error


class PostgresUsage:
    """Implements `Usage`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def open_month(self, owner: str, most: int | None) -> Spent:
        """Write the quota into the row, and read the rest of it."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(OPEN_MONTH, owner, most)
        return Spent(row["moments"], row["seconds"], round(row["rest"].total_seconds()))

    async def months(self, owner: str, limit: int) -> Sequence[MonthUsage]:
        """Read rows."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(READ_USAGE, owner, limit)
        return [MonthUsage(row["month"], row["moments"], row["seconds"]) for row in rows]

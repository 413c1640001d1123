"""Jobs as housekeeping sees them, in Postgres."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

import asyncpg

from adapters.postgres.jobs import read_if_possible
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from domain.jobs.job import Job, JobId

BEGIN_MAINTENANCE: Final = load_sql("begin_maintenance")
END_MAINTENANCE: Final = load_sql("end_maintenance")
EXPIRE_JOBS: Final = load_sql("expire_jobs")
FORGET_JOBS: Final = load_sql("forget_jobs")
FIND_JOBS: Final = load_sql("find_jobs")


class PostgresRetentionStore:
    """Implements `RetentionStore`. The maintenance lease is a row: session locks fail behind a transaction pooler."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def begin_maintenance(self, pause: timedelta) -> str | None:
        """Set the time of the next round, if this one is due."""
        async with connected(self._pool) as connection:
            cursor: str | None = await connection.fetchval(BEGIN_MAINTENANCE, pause)
        return cursor

    async def end_maintenance(self, cursor: str) -> None:
        """Store the cursor."""
        async with connected(self._pool) as connection:
            await connection.execute(END_MAINTENANCE, cursor)

    async def expire(self, age: timedelta, limit: int, skip: Collection[JobId] = ()) -> Sequence[JobId]:
        """Mark the oldest rows."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(EXPIRE_JOBS, age, limit, list(skip))
        return [JobId(row["id"]) for row in rows]

    async def forget(self, job_ids: Collection[JobId], age: timedelta) -> int:
        """Delete rows."""
        if not job_ids:
            return 0
        async with connected(self._pool) as connection:
            return len(await connection.fetch(FORGET_JOBS, list(job_ids), age))

    async def find(self, job_ids: Collection[JobId]) -> dict[JobId, Job | None]:
        """Read the documents."""
        if not job_ids:
            return {}
        async with connected(self._pool) as connection:
            rows = await connection.fetch(FIND_JOBS, list(job_ids))
        return {JobId(row["id"]): read_if_possible(row) for row in rows}

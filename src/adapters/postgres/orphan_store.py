"""The bucket of this database and the quarantine of objects without a job, in Postgres."""

from collections.abc import Collection
from typing import Final

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.maintenance import MaintenanceRound
from application.ports.orphans import Installation, Orphan
from domain.jobs.job import JobId

READ_INSTALLATION: Final = load_sql("read_installation")
REMEMBER_BUCKET: Final = load_sql("remember_bucket")
FIND_ORPHANS: Final = load_sql("find_orphans")
RECORD_ORPHANS: Final = load_sql("record_orphans")
RELEASE_ORPHANS: Final = load_sql("release_orphans")
READ_ROUND: Final = load_sql("read_round")


class PostgresOrphanStore:
    """Implements `OrphanStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def installation(self) -> Installation:
        """Read the one row that a migration has written."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(READ_INSTALLATION)
        return Installation(id=row["id"], bucket=row["bucket"])

    async def remember_bucket(self, place: str) -> None:
        """Update the row."""
        async with connected(self._pool) as connection:
            await connection.execute(REMEMBER_BUCKET, place)

    async def find(self, job_ids: Collection[JobId]) -> dict[JobId, Orphan]:
        """Read rows."""
        if not job_ids:
            return {}
        async with connected(self._pool) as connection:
            rows = await connection.fetch(FIND_ORPHANS, list(job_ids))
        return {JobId(row["job_id"]): Orphan(row["seen_at"], row["accepted"]) for row in rows}

    async def record(self, job_ids: Collection[JobId], *, accepted: bool = False) -> None:
        """Insert rows."""
        if job_ids:
            async with connected(self._pool) as connection:
                await connection.execute(RECORD_ORPHANS, list(job_ids), accepted)

    async def release(self, job_ids: Collection[JobId]) -> None:
        """Delete rows."""
        if job_ids:
            async with connected(self._pool) as connection:
                await connection.execute(RELEASE_ORPHANS, list(job_ids))

    async def next_round(self) -> MaintenanceRound:
        """Read the maintenance lease."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(READ_ROUND)
        return MaintenanceRound(row["cursor"], row["now"], row["due_at"])

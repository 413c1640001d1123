"""Jobs as housekeeping sees them, in Postgres."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

import asyncpg

from adapters.postgres.documents import DOCUMENT_FORMAT, read_if_possible, write_document
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected, count_rows
from application.ports.maintenance import MaintenanceRound
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import AudioRemoved

BEGIN_MAINTENANCE: Final = load_sql("begin_maintenance")
END_MAINTENANCE: Final = load_sql("end_maintenance")
EXPIRE_JOBS: Final = load_sql("expire_jobs")
FORGET_JOBS: Final = load_sql("forget_jobs")
FORGET_TURNS: Final = load_sql("forget_turns")
LOCK_REFUSED: Final = load_sql("lock_refused")
GIVE_UP_AUDIO: Final = load_sql("give_up_audio")
FIND_JOBS: Final = load_sql("find_jobs")


class PostgresRetentionStore:
    """Implements `RetentionStore`. The maintenance lease is a row: session locks fail behind a transaction pooler."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def begin_maintenance(self, turn: timedelta) -> MaintenanceRound | None:
        """Set the time of the next round, if this one is due."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(BEGIN_MAINTENANCE, turn)
        return MaintenanceRound(row["cursor"], row["now"], row["due_at"]) if row else None

    async def end_maintenance(self, begun: MaintenanceRound, pause: timedelta) -> None:
        """Store the cursor and the time of the next round, unless a worker has set that since."""
        async with connected(self._pool) as connection:
            await connection.execute(END_MAINTENANCE, begun.cursor, pause, begun.until)

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

    async def forget_turns(self, limit: int) -> int:
        """Delete rows of lines that have passed them."""
        return await count_rows(self._pool, FORGET_TURNS, limit)

    async def give_up_audio(self, age: timedelta, limit: int) -> Sequence[JobId]:
        """Apply the event `AudioRemoved` to locked rows; one that this version cannot read is left to others."""
        async with connected(self._pool) as connection, connection.transaction():
            rows = await connection.fetch(LOCK_REFUSED, age, limit, DOCUMENT_FORMAT)
            jobs = [job.on(AudioRemoved(), row["now"]) for row in rows if (job := read_if_possible(row))]
            documents = [write_document(job) for job in jobs]
            ids, versions = [job.id for job in jobs], [job.version for job in jobs]
            await connection.execute(GIVE_UP_AUDIO, ids, documents, versions, DOCUMENT_FORMAT)
        return ids

    async def find(self, job_ids: Collection[JobId]) -> dict[JobId, Job | None]:
        """Read the documents."""
        if not job_ids:
            return {}
        async with connected(self._pool) as connection:
            rows = await connection.fetch(FIND_JOBS, list(job_ids))
        return {JobId(row["id"]): read_if_possible(row) for row in rows}

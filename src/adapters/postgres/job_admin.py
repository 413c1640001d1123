"""Jobs as the operator sees them, in Postgres."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from adapters.postgres.jobs import LOCK_JOB, read_document, write_document
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.job_admin import JobEntry, QueueStats
from application.ports.jobs import JobNotFound
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus, Retried

LIST_ENTRIES: Final = load_sql("list_entries")
SHOW_ENTRY: Final = load_sql("show_entry")
RETRY_FAILED: Final = load_sql("retry_failed")
COUNT_JOBS: Final = load_sql("count_jobs")


class PostgresJobAdmin:
    """Implements `JobAdmin`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def list_jobs(self, status: JobStatus | None, limit: int) -> Sequence[JobEntry]:
        """Read the newest rows."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(LIST_ENTRIES, status, limit)
        return [_entry(row) for row in rows]

    async def show(self, job_id: JobId) -> JobEntry:
        """Read a row."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SHOW_ENTRY, job_id)
        if row is None:
            raise JobNotFound(job_id)
        return _entry(row)

    async def retry(self, job_id: JobId) -> Job:
        """Apply the event `Retried` under a row lock."""
        async with connected(self._pool) as connection, connection.transaction():
            row = await connection.fetchrow(LOCK_JOB, job_id)
            if row is None:
                raise JobNotFound(job_id)
            job = read_document(row["document"]).on(Retried(), row["now"])
            if await connection.fetchrow(RETRY_FAILED, job_id, write_document(job), job.status, job.version) is None:
                raise JobNotFound(job_id)  # it has expired, and its objects are being deleted
        return job

    async def stats(self) -> QueueStats:
        """Count in the database."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(COUNT_JOBS)
        return QueueStats(**row)


def _entry(row: asyncpg.Record) -> JobEntry:
    return JobEntry(
        job=read_document(row["document"]),
        priority=row["priority"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        due_at=row["run_at"],
        leased_until=row["lease_expires_at"],
        worker=row["worker"],
        token=row["lease_token"],
        cancel_requested=row["cancel_requested"],
        progress=row["progress"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        now=row["now"],
    )

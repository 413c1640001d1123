"""Jobs as the operator sees them, in Postgres."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from adapters.postgres.documents import DOCUMENT_FORMAT, read_if_possible, read_or_raise, write_document
from adapters.postgres.jobs import LOCK_JOB
from adapters.postgres.load_sql import load_sql
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import connected
from adapters.postgres.queue_counts import count
from adapters.postgres.schema import SchemaConnection
from application.ports.job_admin import JobEntry, JobFilter, JobPage, JobPlace, QueueStats
from application.ports.jobs import JobNotFound
from application.times import EARLIEST, LATEST, in_utc
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus, Retried

_REMOVED_AT: Final = datetime.min  # noqa: DTZ901 - what the driver makes of -infinity, and takes for it

LIST_ENTRIES: Final = load_sql("list_entries")
LIST_HELD: Final = load_sql("list_held")
SHOW_ENTRY: Final = load_sql("show_entry")
RETRY_FAILED: Final = load_sql("retry_failed")
DELETE_JOB: Final = load_sql("delete_job")
PAUSE_KINDS: Final = load_sql("pause_kinds")
RESUME_KINDS: Final = load_sql("resume_kinds")

LOOKED_AT: Final = 5000
"""Rows that one page looks at, where not all of them are wanted."""

LAST_ID: Final = JobId(UUID(int=2**128 - 1))


class PostgresJobAdmin:
    """Implements `JobAdmin`.

    Args:
        pool: The connections.
        notifier: Told of jobs that are retried, for those who watch.
    """

    def __init__(self, pool: asyncpg.Pool, notifier: Notifier | None = None) -> None:
        self._pool = pool
        self._notifier = notifier

    async def list_jobs(self, which: JobFilter, limit: int, after: JobPlace | None = None) -> JobPage:
        """Walk the indexes."""
        async with connected(self._pool) as connection:
            if which.worker or which.leased:
                return await _held(connection, which, limit, after)
            return await _walked(connection, which, limit, after)

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
            job = read_or_raise(job_id, row["document"]).on(Retried(), row["now"])
            facts = job.status, job.version, DOCUMENT_FORMAT
            if await connection.fetchrow(RETRY_FAILED, job_id, write_document(job), *facts) is None:
                raise JobNotFound(job_id)  # it has expired, and its objects are being deleted
        if self._notifier:
            self._notifier.changed([job])
        return job

    async def delete(self, job_id: JobId) -> None:
        """Mark the row as expired."""
        async with connected(self._pool) as connection:
            if await connection.fetchrow(DELETE_JOB, job_id) is None:
                raise JobNotFound(job_id)

    async def pause(self, kinds: Collection[OutputKind]) -> None:
        """Insert the pauses."""
        async with connected(self._pool) as connection:
            await connection.execute(PAUSE_KINDS, list(kinds))

    async def resume(self, kinds: Collection[OutputKind]) -> None:
        """Delete the pauses and notify the workers."""
        async with connected(self._pool) as connection:
            await connection.execute(RESUME_KINDS, list(kinds))

    async def stats(self) -> QueueStats:
        """Count in the database, or read what was counted lately."""
        async with connected(self._pool) as connection:
            return await count(connection)


async def _walked(connection: SchemaConnection, which: JobFilter, limit: int, after: JobPlace | None) -> JobPage:
    """Return a page of all jobs, newest first."""
    wanted = which.status, which.code, which.since or EARLIEST, limit + 1
    most = LOOKED_AT if which.is_selective else limit + 1
    rows = await connection.fetch(LIST_ENTRIES, *wanted, *_before(after), bool(after and after.ended), most)
    page = _page([row for row in rows if row["id"]], limit)
    if page.following or not (rows and rows[0]["more"]):
        return page
    last = rows[0]
    at = in_utc(last["last_at"]) or EARLIEST
    return JobPage(page.entries, JobPlace(at, JobId(last["last_id"]), ended=last["last_ended"]))


async def _held(connection: SchemaConnection, which: JobFilter, limit: int, after: JobPlace | None) -> JobPage:
    """Return a page of those that workers hold: there are no more than the workers have slots."""
    if after and after.ended:
        return JobPage([], None)
    wanted = which.status, which.code, which.since or EARLIEST, which.worker, which.leased
    return _page(await connection.fetch(LIST_HELD, *wanted, *_before(after), limit + 1), limit)


def _before(place: JobPlace | None) -> tuple[datetime, JobId]:
    return (_at(place), place.job_id) if place else (LATEST, LAST_ID)


def _page(rows: Sequence[asyncpg.Record], limit: int) -> JobPage:
    entries = [_entry(row) for row in rows[:limit]]
    return JobPage(entries, entries[-1].place if len(rows) > limit else None)


def _at(place: JobPlace) -> datetime:
    """Return the time of a place as the driver takes it: the end of jobs that are being removed is -infinity."""
    return _REMOVED_AT if place.at == EARLIEST else place.at


def _entry(row: asyncpg.Record) -> JobEntry:
    return JobEntry(
        id=JobId(row["id"]),
        status=JobStatus(row["status"]),
        job=read_if_possible(row),
        priority=row["priority"],
        attempt=row["attempt"],
        errors=row["errors"],
        max_attempts=row["max_attempts"],
        crashes=row["crashes"],
        breaks=row["breaks"],
        worked=(row["worked"] + _current(row)).total_seconds(),
        waiting_for=row["waiting_for"],
        due_at=row["run_at"],
        leased_until=row["lease_expires_at"],
        worker=row["worker"],
        token=row["lease_token"],
        cancel_requested=row["cancel_requested"],
        expiring=row["expiring"],
        progress=row["progress"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        finished_at=in_utc(row["finished_at"]),
        now=row["now"],
    )


def _current(row: asyncpg.Record) -> timedelta:
    """Return how long the present claim has lasted."""
    held = row["lease_expires_at"] is not None and row["claimed_at"] is not None
    return row["now"] - row["claimed_at"] if held else timedelta(0)

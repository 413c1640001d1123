"""Jobs as the API sees them, in Postgres."""

from collections.abc import Collection
from typing import Final

import asyncpg
import msgspec

from adapters.postgres.documents import DOCUMENT_FORMAT, read_or_raise, write_document
from adapters.postgres.load_sql import load_sql
from adapters.postgres.migrate import pending
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import connected
from adapters.postgres.usage import quota_kept
from adapters.toolkit.batcher import Batcher
from application.moments.style_resolved import StyleResolved
from application.ports.jobs import (
    JobNotFound,
    JobView,
    Revision,
    SchemaOutdated,
    Standing,
    TooManyWaiting,
)
from application.telemetry import NO_TELEMETRY, JobEnded, Telemetry, about
from domain.jobs.job import Job, JobId, Request
from domain.jobs.transitions import Cancelled
from domain.webhooks.events import ENDINGS

ADD_JOBS: Final = load_sql("add_jobs")
GET_JOBS: Final = load_sql("get_jobs")
GET_OWNERS: Final = load_sql("get_owners")
GET_REVISIONS: Final = load_sql("get_revisions")
LOCK_JOB: Final = load_sql("lock_job")
CANCEL_JOB: Final = load_sql("cancel_job")
REQUEST_CANCEL: Final = load_sql("request_cancel")

_Addition = tuple[Job, int | None]
"""A new job, and how many of its client may wait."""

_Known = tuple[JobId, int]
"""A job and the version of it that is known, `NOTHING` if none is."""

NOTHING: Final = -1
"""The version of a job of which none is known."""

_encoder: Final = msgspec.json.Encoder()


class PostgresJobs:
    """Implements `JobRepository`."""

    def __init__(self, pool: asyncpg.Pool, notifier: Notifier, telemetry: Telemetry = NO_TELEMETRY) -> None:
        self._pool = pool
        self._notifier = notifier
        self._telemetry = telemetry
        self._adding: Batcher[_Addition, bool] = Batcher(self._add_all)
        self._getting: Batcher[_Known, asyncpg.Record | None] = Batcher(self._get_all)
        self._owners: Batcher[JobId, str | None] = Batcher(self._get_owners)

    async def add(self, job: Job, most_waiting: int | None = None) -> None:
        """Insert the job and notify the workers."""
        let_in = await self._adding((job, most_waiting))
        if most_waiting is not None and not let_in:
            raise TooManyWaiting(most_waiting)
        self._notifier.notify()

    async def get(self, job_id: JobId) -> JobView:
        """Read the job, its progress and what it waits for."""
        return _view_of(await self._row(job_id, NOTHING))

    async def get_unless_ended(self, job_id: JobId, version: int) -> JobView | None:
        """Read the row, without its document if it has ended and the version is known."""
        row = await self._row(job_id, version)
        return None if row["document"] is None else _view_of(row)

    async def _row(self, job_id: JobId, known: int) -> asyncpg.Record:
        if (row := await self._getting((job_id, known))) is None:
            raise JobNotFound(job_id)
        return row

    async def owner(self, job_id: JobId) -> str:
        """Read the owner."""
        if (owner := await self._owners(job_id)) is None:
            raise JobNotFound(job_id)
        return owner

    async def revisions(self, job_ids: Collection[JobId]) -> dict[JobId, Revision]:
        """Read the revisions in one statement."""
        async with connected(self._pool) as connection:
            rows = await connection.fetch(GET_REVISIONS, list(job_ids))
        return {JobId(row["id"]): Revision(row["version"], row["progress"]) for row in rows}

    async def cancel(self, job_id: JobId) -> Job:
        """Cancel a waiting job under a row lock, or leave a request for the worker that holds the lease."""
        async with connected(self._pool) as connection, connection.transaction():
            row = await connection.fetchrow(LOCK_JOB, job_id)
            if row is None:
                raise JobNotFound(job_id)
            job = read_or_raise(job_id, row["document"])
            if row["running"]:
                await connection.execute(REQUEST_CANCEL, job_id)
                return job
            if row["finished"]:
                return job
            job = job.on(Cancelled(), row["now"])
            await connection.execute(CANCEL_JOB, job_id, write_document(job), job.status, job.version)
        self._notifier.changed([job])
        with about(job):
            self._telemetry.emit(JobEnded.of(job, row["attempt"]))
        return job

    async def ping(self) -> None:
        """Compare the applied migrations with ours."""
        if missing := await pending(self._pool):
            raise SchemaOutdated(f"the database lacks the migrations {', '.join(missing)}: run `moment migrate`")

    async def _add_all(self, additions: list[_Addition]) -> list[bool]:
        rows = [(*_row_of(job), most_waiting) for job, most_waiting in additions]
        async with connected(self._pool) as connection:
            with quota_kept():
                added = await connection.fetch(ADD_JOBS, *zip(*rows, strict=True), DOCUMENT_FORMAT)
        return [row["let_in"] for row in added]

    async def _get_all(self, wanted: list[_Known]) -> list[asyncpg.Record | None]:
        async with connected(self._pool) as connection:
            rows = await connection.fetch(GET_JOBS, *zip(*set(wanted), strict=True))
        found = {(row["id"], row["known"]): row for row in rows}
        return [found.get(known) for known in wanted]

    async def _get_owners(self, job_ids: list[JobId]) -> list[str | None]:
        async with connected(self._pool) as connection:
            rows = await connection.fetch(GET_OWNERS, job_ids)
        owners = {row["id"]: row["owner"] for row in rows}
        return [owners.get(job_id) for job_id in job_ids]


def _view_of(row: asyncpg.Record) -> JobView:
    return JobView(
        read_or_raise(JobId(row["id"]), row["document"]),
        row["progress"],
        row["waiting_for"],
        Standing(row["standing"]),
        row["attempt"],
        row["finished_at"],
    )


def _webhook_of(request: Request) -> str | None:
    """Return what a request says of its webhook, as the trigger of transitions reads it."""
    if not request.webhook:
        return None
    events = request.webhook_events or ENDINGS
    return _encoder.encode({"url": request.webhook, "events": events, "whole": request.webhook_whole}).decode()


def _row_of(job: Job) -> tuple[object, ...]:
    """Return what `add_jobs.sql` inserts for a job."""
    request = job.request
    return (
        job.id, job.status, job.version, request.output_kind, write_document(job), request.owner, request.client,
        request.client_reference, request.deadline, request.kept, request.parent_id, request.urgent,
        _webhook_of(request), StyleResolved.of(request.blueprint).style,
    )  # fmt: skip

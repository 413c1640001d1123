"""Lists of owners' jobs, in Postgres."""

from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.job_lists import JobPage, ListedJob, Position, Wanted
from application.times import EARLIEST, LATEST
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus

LIST_OWNED_JOBS: Final = load_sql("list_owned_jobs")

LOOKED_AT: Final = 1000
"""Rows that one page looks at, where not all of them are wanted."""

FIRST: Final = JobId(UUID(int=0))


class PostgresJobLists:
    """Implements `JobLists`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def page(self, owner: str, wanted: Wanted, start: Position | None, limit: int) -> JobPage:
        """Walk the index."""
        most = LOOKED_AT if wanted.is_selective else limit + 1
        start = _earlier(start, wanted.before)
        filters = wanted.status, wanted.style, wanted.reference
        async with connected(self._pool) as connection:
            rows = await connection.fetch(
                LIST_OWNED_JOBS, owner, start.at, start.job_id, wanted.after or EARLIEST, *filters, limit + 1, most
            )
        jobs = [_listed(row) for row in rows if row["id"]]
        if len(jobs) > limit:
            return JobPage(jobs[:limit], Position(jobs[limit - 1].created_at, jobs[limit - 1].id))
        more = bool(rows) and rows[0]["looked_at"] == most
        return JobPage(jobs, Position(rows[0]["last_at"], JobId(rows[0]["last_id"])) if more else None)


def _earlier(start: Position | None, before: datetime | None) -> Position:
    bound = Position(before or LATEST, FIRST)
    return bound if start is None or bound.at < start.at else start


def _listed(row: asyncpg.Record) -> ListedJob:
    return ListedJob(
        id=JobId(row["id"]),
        status=JobStatus(row["status"]),
        output_kind=OutputKind(row["output_kind"]),
        style=row["style"],
        client_reference=row["client_reference"] or None,
        progress=round(row["progress"], 3),
        error_code=row["reason"] or None if row["status"] == JobStatus.FAILED else None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        finished_at=row["finished_at"],
    )

"""The table of the Celery version in our database, whatever its columns are called."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from adapters.postgres.documents import DOCUMENT_FORMAT, write_document
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.celery_jobs import CeleryJob
from domain.errors import MomentError
from domain.jobs.job import Job

LIST_COLUMNS: Final = load_sql("list_columns")
IMPORT_JOB: Final = load_sql("import_job")

NAMES: Final[Mapping[str, Sequence[str]]] = {
    "id": ("id", "job_id"),
    "status": ("status", "state"),
    "original": ("original_audio_url", "original_key", "original_url"),
    "final": ("final_audio_url", "final_key", "final_url"),
    "blueprint": ("blueprint_json", "blueprint"),
    "error": ("error_message", "error"),
    "created_at": ("created_at",),
    "updated_at": ("updated_at", "created_at"),
}
"""By field, the columns that may have it; the first one that there is does."""


class PostgresCeleryJobs:
    """Implements `CeleryJobs`.

    Args:
        table: Its name, with its schema.
    """

    def __init__(self, pool: asyncpg.Pool, table: str = "public.jobs") -> None:
        self._pool = pool
        self._table = table
        self._statement = ""

    async def read(self, after: str, limit: int) -> Sequence[CeleryJob]:
        """Read a page of rows."""
        async with connected(self._pool) as connection:
            self._statement = self._statement or await self._select(connection)
            rows = await connection.fetch(self._statement, after, limit)
        return [_read(row) for row in rows]

    async def add(self, job: Job) -> bool:
        """Insert the row, unless it is there."""
        facts = job.id, job.history[0].at, job.status, job.version, job.request.output_kind
        async with connected(self._pool) as connection:
            return await connection.fetchrow(IMPORT_JOB, *facts, write_document(job), DOCUMENT_FORMAT) is not None

    async def _select(self, connection: asyncpg.Connection) -> str:
        """Return the statement that reads a page; the names in it come from the catalogue, quoted by the server."""
        columns = {row["name"]: row["quoted"] for row in await connection.fetch(LIST_COLUMNS, self._table)}
        chosen = {
            field: next((columns[name] for name in names if name in columns), "") for field, names in NAMES.items()
        }
        if not (chosen["id"] and chosen["status"]) or "document" in columns:  # the last one is our own table
            message = f"{self._table} is no table of the Celery version: it needs the columns id and status"
            raise MomentError(message, code="celery_table_missing")
        selected = ", ".join(f'{column}::text AS "{field}"' for field, column in chosen.items() if column)
        table = (await connection.fetchrow("SELECT to_regclass($1)::text AS name", self._table))["name"]
        order = f"{chosen['id']}::text"
        return f"SELECT {selected} FROM {table} WHERE {order} > $1 ORDER BY {order} LIMIT $2"  # noqa: S608 - as above


def _read(row: asyncpg.Record) -> CeleryJob:
    texts: dict[str, Any] = {field: row.get(field) or "" for field in NAMES}
    times = {field: _time(texts[field]) for field in ("created_at", "updated_at")}
    return CeleryJob(**{**texts, "blueprint": texts["blueprint"] or None, **times})


def _time(text: str) -> datetime | None:
    """Return a time; one without a zone is UTC, as SQLAlchemy's defaults are."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)

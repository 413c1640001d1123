"""The queue of what is made on demand in Postgres: claimed like jobs, and a format is part of its job's document."""

from datetime import timedelta
from typing import Final

import asyncpg

from adapters.postgres.documents import DOCUMENT_FORMAT, read_if_possible, write_document
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected, count_rows, fetch_row
from application.ports.conversions import (
    ANEW_AFTER,
    MOST_OF_CLIENT,
    NO_JOB,
    SPACING,
    Conversion,
    TooManyConversions,
)
from domain.error_codes import Code
from domain.jobs.artifacts import Artifact
from domain.jobs.conversions import ordered
from domain.jobs.job import JobId
from domain.jobs.transitions import Converted

REQUEST_CONVERSION: Final = load_sql("request_conversion")
CLAIM_CONVERSION: Final = load_sql("claim_conversion")
RENEW_CONVERSION: Final = load_sql("renew_conversion")
RETURN_CONVERSION: Final = load_sql("return_conversion")
FAIL_CONVERSION: Final = load_sql("fail_conversion")
END_CONVERSION: Final = load_sql("end_conversion")
LOCK_MUSIC: Final = load_sql("lock_music")
ADD_MUSIC: Final = load_sql("add_music")
FORGET_CONVERSIONS: Final = load_sql("forget_conversions")


class PostgresConversions:
    """Implements `Conversions`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def request(self, job_id: JobId, order: str) -> str:
        """Insert a row, or read the one that is there."""
        limits = ANEW_AFTER, SPACING, NO_JOB, MOST_OF_CLIENT
        row = await fetch_row(self._pool, REQUEST_CONVERSION, job_id, order, *limits)
        if row and row["refused"]:
            raise TooManyConversions
        return row["reason"] if row else ""

    async def claim(self, lease: timedelta) -> Conversion | None:
        """Lease a row."""
        row = await fetch_row(self._pool, CLAIM_CONVERSION, lease)
        if row is None:
            return None
        return Conversion(
            job_id=JobId(row["job_id"]),
            order=row["output_format"],
            attempt=row["attempt"],
            errors=row["errors"],
        )

    async def renew(self, conversion: Conversion, lease: timedelta) -> bool:
        """Update the row."""
        return await fetch_row(self._pool, RENEW_CONVERSION, *_claim(conversion), lease, NO_JOB) is not None

    async def give_back(self, conversion: Conversion, after: timedelta, *, counted: bool) -> None:
        """Update the row."""
        await fetch_row(self._pool, RETURN_CONVERSION, *_claim(conversion), after, counted)

    async def fail(self, conversion: Conversion, reason: Code) -> None:
        """Update the row."""
        await fetch_row(self._pool, FAIL_CONVERSION, *_claim(conversion), reason)

    async def finish(self, conversion: Conversion, artifact: Artifact) -> bool:
        """Delete the row and write the document in one transaction, under a lock of the job."""
        if conversion.job_id == NO_JOB:
            return await fetch_row(self._pool, END_CONVERSION, *_claim(conversion)) is not None
        if (wanted := ordered(conversion.order)) is None:
            return False
        async with connected(self._pool) as connection, connection.transaction():
            row = await connection.fetchrow(LOCK_MUSIC, conversion.job_id)
            job = read_if_possible({"id": conversion.job_id, **row}) if row else None
            if job is None or await connection.fetchrow(END_CONVERSION, *_claim(conversion)) is None:
                return False
            job = job.on(Converted(wanted.name, artifact), row["now"])
            await connection.execute(ADD_MUSIC, job.id, write_document(job), job.version, DOCUMENT_FORMAT)
        return True

    async def forget_old(self, age: timedelta, limit: int) -> int:
        """Delete rows."""
        return await count_rows(self._pool, FORGET_CONVERSIONS, age, limit, NO_JOB)


def _claim(conversion: Conversion) -> tuple[JobId, str, int]:
    return conversion.job_id, conversion.order, conversion.attempt

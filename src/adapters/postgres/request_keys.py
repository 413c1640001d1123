"""Idempotency keys in Postgres: a claim is one statement, so that of two requests at once one has it."""

from typing import Final

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected, count_rows
from application.ports.request_keys import HELD, KEPT, Claim, Fingerprint, Kept, KeyInUse, KeyReused
from domain.jobs.job import JobId

CLAIM_KEY: Final = load_sql("claim_key")
READ_KEY: Final = load_sql("read_key")
ANSWER_KEY: Final = load_sql("answer_key")
RELEASE_KEY: Final = load_sql("release_key")
FORGET_KEY: Final = load_sql("forget_key")
FORGET_OLD_KEYS: Final = load_sql("forget_old_keys")


class PostgresRequestKeys:
    """Implements `RequestKeys`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find(self, key: bytes, body: bytes) -> Kept | None:
        """Read the row."""
        row = await self._read(key)
        return _kept(row) if row and row["body"] == body else None

    async def claim(self, fingerprint: Fingerprint, job_id: JobId) -> Claim | Kept:
        """Insert or take over the row; if it is another one's, read it."""
        digests = (fingerprint.key, fingerprint.payload, fingerprint.body)
        async with connected(self._pool) as connection:
            claimed = await connection.fetchval(CLAIM_KEY, *digests, job_id, HELD, KEPT)
        if claimed is not None:
            return Claim(JobId(claimed), again=claimed != job_id)
        row = await self._read(fingerprint.key)
        if row and row["payload"] != fingerprint.payload:
            raise KeyReused
        if kept := _kept(row):
            return kept
        raise KeyInUse

    async def answer(self, key: bytes, kept: Kept) -> None:
        """Update the row."""
        await self._execute(ANSWER_KEY, key, kept.job_id, kept.answer)

    async def release(self, key: bytes, job_id: JobId) -> None:
        """Update the row."""
        await self._execute(RELEASE_KEY, key, job_id)

    async def forget(self, key: bytes, job_id: JobId) -> None:
        """Delete the row."""
        await self._execute(FORGET_KEY, key, job_id)

    async def forget_old(self, limit: int) -> int:
        """Delete rows."""
        return await count_rows(self._pool, FORGET_OLD_KEYS, KEPT, limit)

    async def _read(self, key: bytes) -> asyncpg.Record | None:
        async with connected(self._pool) as connection:
            return await connection.fetchrow(READ_KEY, key, KEPT)

    async def _execute(self, statement: str, *arguments: object) -> None:
        async with connected(self._pool) as connection:
            await connection.execute(statement, *arguments)


def _kept(row: asyncpg.Record | None) -> Kept | None:
    return Kept(JobId(row["job_id"]), row["answer"]) if row and row["answer"] is not None else None

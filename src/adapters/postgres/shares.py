"""Links to music in Postgres: a token is found by its digest, so that the time of a search says nothing about it."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected, fetch_row
from application.ports.jobs import JobNotFound
from application.ports.shares import Share
from domain.jobs.job import JobId

ADD_SHARE: Final = load_sql("add_share")
CONFIRM_SHARE: Final = load_sql("confirm_share")
FIND_SHARE: Final = load_sql("find_share")
REVOKE_SHARE: Final = load_sql("revoke_share")
DEAD_SHARES: Final = load_sql("dead_shares")
FORGET_SHARE: Final = load_sql("forget_share")


class PostgresShares:
    """Implements `Shares`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def add(self, job_id: JobId, token: str, key: str) -> Share:
        """Insert a row, or read the one that is there."""
        if (row := await fetch_row(self._pool, ADD_SHARE, _digest(token), token, job_id, key)) is None:
            raise JobNotFound(job_id)
        return _share(row)

    async def confirm(self, token: str) -> bool:
        """Update the row."""
        return await fetch_row(self._pool, CONFIRM_SHARE, _digest(token)) is not None

    async def find(self, token: str) -> Share | None:
        """Read the row."""
        row = await fetch_row(self._pool, FIND_SHARE, _digest(token))
        return _share(row) if row else None

    async def revoke(self, job_id: JobId) -> Share | None:
        """Update the row."""
        row = await fetch_row(self._pool, REVOKE_SHARE, job_id)
        return _share(row) if row else None

    async def dead(self, limit: int) -> Sequence[Share]:
        """Read rows."""
        async with connected(self._pool) as connection:
            return [_share(row) for row in await connection.fetch(DEAD_SHARES, limit)]

    async def forget(self, token: str) -> None:
        """Delete the row."""
        await fetch_row(self._pool, FORGET_SHARE, _digest(token))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _share(row: asyncpg.Record) -> Share:
    return Share(
        token=row["token"],
        job_id=JobId(row["job_id"]),
        key=row["key"],
        stored=row["stored"],
        created_at=row["created_at"],
    )

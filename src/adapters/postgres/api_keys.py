"""Keys of the API in Postgres."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from adapters.toolkit.batcher import Batcher
from application.access import KeyId, Limits, Permission
from application.ports.api_keys import ApiKey, KeyNotFound

FIND_KEYS: Final = load_sql("find_keys")
ADD_KEY: Final = load_sql("add_key")
LIST_KEYS: Final = load_sql("list_keys")
REVOKE_KEY: Final = load_sql("revoke_key")


class PostgresApiKeys:
    """Implements `ApiKeys`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._finding: Batcher[tuple[str, bytes], ApiKey | None] = Batcher(self._find_all)

    async def find(self, prefix: str, digest: bytes) -> ApiKey | None:
        """Read the row; lookups at the same time share a statement."""
        return await self._finding((prefix, digest))

    async def add(self, key: ApiKey) -> None:
        """Insert a row."""
        limits = key.limits
        async with connected(self._pool) as connection:
            await connection.execute(
                ADD_KEY, key.id, key.prefix, key.digest, key.owner, key.name, sorted(key.permissions), key.may_hurry,
                limits.waiting, limits.moments, limits.seconds, key.created_at,
            )  # fmt: skip

    async def list_keys(self, owner: str, limit: int) -> Sequence[ApiKey]:
        """Read rows."""
        async with connected(self._pool) as connection:
            return [_key(row) for row in await connection.fetch(LIST_KEYS, owner, limit)]

    async def revoke(self, named: str) -> ApiKey:
        """Update the row."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(REVOKE_KEY, named)
        if row is None:
            raise KeyNotFound(named)
        return _key(row)

    async def _find_all(self, asked: list[tuple[str, bytes]]) -> list[ApiKey | None]:
        prefixes, digests = zip(*asked, strict=True)
        async with connected(self._pool) as connection:
            rows = await connection.fetch(FIND_KEYS, prefixes, digests)
        found = {row["prefix"]: _key(row) for row in rows}
        return [found.get(prefix) for prefix in prefixes]


def _key(row: asyncpg.Record) -> ApiKey:
    """Return a row as a key; a newer version may know more scopes."""
    known = set(Permission)
    return ApiKey(
        id=KeyId(row["id"]),
        prefix=row["prefix"],
        digest=row["digest"],
        owner=row["owner"],
        name=row["name"],
        permissions=frozenset(Permission(scope) for scope in row["scopes"] if scope in known),
        may_hurry=row["may_hurry"],
        limits=Limits(waiting=row["waiting"], moments=row["moments_per_month"], seconds=row["seconds_per_month"]),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
    )

"""Inspecting a database: its version, its clock, its migrations, whether notifications arrive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import uuid4

import anyio
import asyncpg
import msgspec

from adapters.postgres.certificates import check_files
from adapters.postgres.connection import open_connection
from adapters.postgres.dsn import Dsn
from adapters.postgres.load_sql import load_sql
from adapters.postgres.migrate import pending
from adapters.postgres.pool import connected, open_pool
from adapters.postgres.route import Pooling, examine, is_direct

COMMAND_SECONDS: Final = 5.0

COUNT_CONNECTIONS: Final = load_sql("count_connections")
NOTIFY_CHANNEL: Final = load_sql("notify_channel")
READ_VITALS: Final = load_sql("read_vitals")


class Vitals(msgspec.Struct, frozen=True):
    """What a server reports about itself.

    Attributes:
        now: The server's clock.
        read_only: Whether it is a standby, or refuses writes for another reason.
    """

    version: str
    now: datetime
    read_only: bool


async def read_vitals(dsn: Dsn) -> Vitals:
    """Return what the server reports about itself.

    Raises:
        DatabaseUnavailable: The server did not answer.
        InvalidDatabaseUrl: A certificate that the URL names cannot be used.
    """
    async with _connected(dsn) as connection:
        return Vitals(**dict(await connection.fetchrow(READ_VITALS)))


class SchemaState(msgspec.Struct, frozen=True):
    """The schema of our tables.

    Attributes:
        name: Quoted if need be.
        missing: The names of the migrations that are still to be applied.
    """

    name: str
    missing: list[str]


async def read_schema(dsn: Dsn) -> SchemaState:
    """Return which schema our tables are in, and how far it is migrated.

    Raises:
        MigrationChanged: A migration differs from what was applied under its name.
        DatabaseUnavailable: The server did not answer.
        InvalidDatabaseUrl: A certificate that the URL names cannot be used.
    """
    async with open_pool(dsn, min_size=0, max_size=1, statement_cache_size=0) as pool:
        async with connected(pool) as connection:
            name = connection.schema
        return SchemaState(name, await pending(pool))


class ConnectionCount(msgspec.Struct, frozen=True):
    """Connections to a server.

    Attributes:
        granted: How many the server grants to roles like ours, by the smallest of its limits.
        others: How many other applications hold.
        apis: How many apis are connected.
        workers: How many workers are connected.
    """

    granted: int
    others: int
    apis: int
    workers: int


async def count_connections(dsn: Dsn) -> ConnectionCount:
    """Return how many connections there may be, and who holds some.

    Raises:
        DatabaseUnavailable: The server did not answer.
        InvalidDatabaseUrl: A certificate that the URL names cannot be used.
    """
    async with _connected(dsn) as connection:
        return ConnectionCount(**dict(await connection.fetchrow(COUNT_CONNECTIONS)))


async def notification_arrives(listening: Dsn, notifying: Dsn, seconds: float) -> bool:
    """Return whether a notification that one connection sends reaches another in time.

    Two connections, because a transaction pooler does deliver what a connection sends to itself.

    Raises:
        DatabaseUnavailable: One of them could not be opened.
        InvalidDatabaseUrl: A certificate that a URL names cannot be used.
    """
    arrived = asyncio.Event()
    channel = f"moment_doctor_{uuid4().hex}"
    async with _connected(listening) as listener, _connected(notifying) as notifier:
        await listener.add_listener(channel, lambda *_: arrived.set())
        await notifier.execute(NOTIFY_CHANNEL, channel)
        with anyio.move_on_after(seconds):
            await arrived.wait()
    return arrived.is_set()


async def read_pooling(dsn: Dsn) -> Pooling:
    """Return what stands between us and the server, whether the URL declares it or not.

    Raises:
        DatabaseUnavailable: A connection could not be opened.
        InvalidDatabaseUrl: A certificate that the URL names cannot be used.
    """
    async with _connected(dsn) as connection:
        return Pooling.NONE if await is_direct(connection) else await examine(dsn)


@asynccontextmanager
async def _connected(dsn: Dsn) -> AsyncIterator[asyncpg.Connection]:
    check_files(dsn)
    async with open_connection(dsn, COMMAND_SECONDS) as connection:
        yield connection

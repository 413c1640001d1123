"""The connection pool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from adapters.postgres.certificates import check_files
from adapters.postgres.connection import CONNECT_TIMEOUT, connection_settings, translated
from adapters.postgres.dsn import Dsn
from adapters.postgres.route import Route
from adapters.postgres.schema import SchemaConnection

ACQUIRE_TIMEOUT: Final = 10.0
"""Seconds to wait for a connection of the pool to be free."""

IDLE_SECONDS: Final = 10.0
"""Seconds after which an unused connection is closed: a small server grants few, and others may need it."""

RELEASE_TIMEOUT: Final = 2.0
"""Seconds for the server to confirm the cancellation of a slow statement; after that the connection is closed."""


@asynccontextmanager
async def connected(pool: asyncpg.Pool) -> AsyncIterator[SchemaConnection]:
    """Yield a connection of the pool that knows where our tables are; errors in the block are translated.

    Raises:
        DatabaseUnavailable: No connection was free in time, or a statement failed for a reason that may pass.
    """
    with translated():
        connection = await pool.acquire(timeout=ACQUIRE_TIMEOUT)
        try:
            if not connection.schema_found:
                await connection.find_schema()
            yield connection
        except asyncpg.ReadOnlySQLTransactionError:  # it leads to a standby, and would for ever
            await pool.expire_connections()
            raise
        finally:
            await pool.release(connection, timeout=RELEASE_TIMEOUT)


async def fetch_row(pool: asyncpg.Pool, statement: str, *arguments: object) -> asyncpg.Record | None:
    """Return the first row of a statement, in a connection of the pool. Raises as `connected` does."""
    async with connected(pool) as connection:
        return await connection.fetchrow(statement, *arguments)


async def count_rows(pool: asyncpg.Pool, statement: str, *arguments: object) -> int:
    """Execute a statement that changes rows; return how many. Raises `DatabaseUnavailable`."""
    async with connected(pool) as connection:
        status = await connection.execute(statement, *arguments)
    return int(status.rpartition(" ")[2])


@asynccontextmanager
async def open_pool(
    dsn: Dsn,
    *,
    min_size: int = 1,
    max_size: int = 10,
    command_timeout: float = 10.0,
    statement_cache_size: int = 100,
    idle_seconds: float = IDLE_SECONDS,
    route: Route | None = None,
    after: asyncpg.Pool | None = None,
) -> AsyncIterator[asyncpg.Pool]:
    """Yield a pool, and close it at the end of the block.

    Args:
        dsn: Where.
        min_size: Connections that are opened at once.
        max_size: Connections at most.
        command_timeout: Seconds that a statement may take, by the client's clock.
        statement_cache_size: Prepared statements kept per connection; none behind a transaction pooler that mixes them
            up, whether `dsn` declares it or not.
        idle_seconds: When an unused connection is closed; 0 keeps it.
        route: What is known of the way to `dsn`, where several pools share it.
        after: A pool whose first connection must be open before this one opens any.

    Raises:
        DatabaseUnavailable: The first connection failed.
        InvalidDatabaseUrl: A certificate that `dsn` names cannot be used.
    """
    check_files(dsn)
    connect = (route or Route(dsn)).connect

    async def connect_after(*arguments: Any, **options: Any) -> SchemaConnection:
        if after is not None and after.get_size() == 0:
            await after.release(await after.acquire(timeout=ACQUIRE_TIMEOUT))
        with translated(dsn.server):  # whoever acquires a connection does not know where it leads
            return await connect(*arguments, **options)

    with translated():
        pool = await asyncpg.create_pool(
            min_size=min_size,
            max_size=max_size,
            command_timeout=command_timeout,
            statement_cache_size=0 if dsn.pooled else statement_cache_size,
            max_inactive_connection_lifetime=idle_seconds,
            connect=connect_after,
            reset=_keep,
            **connection_settings(dsn),
        )
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), CONNECT_TIMEOUT)
        except OSError:  # TimeoutError among them
            pool.terminate()


async def _keep(_: object) -> None:
    """Skip the round trip of RESET ALL: nothing here sets session state."""

"""The connection pool, and the one place where a driver's error becomes the port's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import asyncpg

from adapters.postgres.dsn import Dsn
from application.ports import DatabaseUnavailable

CONNECT_TIMEOUT: Final = 5.0
"""Seconds to open a connection, or to close the pool."""

ACQUIRE_TIMEOUT: Final = 10.0
"""Seconds to wait for a connection of the pool to be free."""

_UNAVAILABLE: Final = (
    OSError,  # TimeoutError and ssl.SSLError among them
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, cancelled by the administrator
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,  # after a failover, until the pool has found the new primary
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TargetServerAttributeNotMatched,
    asyncpg.InvalidCachedStatementError,  # a migration ran beside us; the statement is prepared anew next time
    asyncpg.OutdatedSchemaCacheError,
    asyncpg.InterfaceError,  # the connection or the pool is closed
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise `DatabaseUnavailable` for what another try may mend; bugs (constraints, syntax, types) pass."""
    try:
        yield
    except asyncpg.DataError:  # an InterfaceError by descent, a bug by nature
        raise
    except _UNAVAILABLE as error:
        raise DatabaseUnavailable(f"the database did not answer ({type(error).__name__})") from error


@asynccontextmanager
async def connected(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection of the pool while the block lasts; errors in it are translated."""
    with translated():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            yield connection


@asynccontextmanager
async def open_pool(
    dsn: Dsn,
    *,
    min_size: int = 1,
    max_size: int = 10,
    command_timeout: float = 10.0,
    statement_cache_size: int = 100,
) -> AsyncIterator[asyncpg.Pool]:
    """Give a pool while the block lasts.

    Args:
        dsn: Where.
        min_size: Connections opened before the block begins.
        max_size: Connections at most.
        command_timeout: Seconds that a statement may take, as the client counts.
        statement_cache_size: Prepared statements kept per connection; 0 behind a transaction pooler, which is also
            what a pooled `dsn` makes it.

    Raises:
        DatabaseUnavailable: The first connection failed.
    """
    with translated():
        pool = await asyncpg.create_pool(
            min_size=min_size,
            max_size=max_size,
            command_timeout=command_timeout,
            statement_cache_size=0 if dsn.pooled else statement_cache_size,
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


def connection_settings(dsn: Dsn) -> dict[str, Any]:
    """Return what every connection has in common, as arguments of `asyncpg.connect`."""
    return {"dsn": dsn.url, "timeout": CONNECT_TIMEOUT, "server_settings": {"timezone": "UTC"}}


async def _keep(_: object) -> None:
    """Skip the round trip of RESET ALL: nothing here sets session state."""

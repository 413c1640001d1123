"""The way that a database URL takes to its server: directly, or through a transaction pooler that it does not declare.

A transaction pooler lends a connection to the server for one transaction. What a client leaves in it, others find: a
prepared statement of the same name may be another worker's. So the way is examined before the first statement is
prepared, by what poolers do, not by their names.
"""

import asyncio
import logging
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

import anyio
import asyncpg

from adapters.postgres.connection import open_connection
from adapters.postgres.dsn import Dsn
from adapters.postgres.load_sql import load_sql
from adapters.postgres.schema import SchemaConnection

NOTIFIED_WITHIN: Final = 1.0
"""Seconds that a notification may take to another connection; without a transaction pooler it takes milliseconds."""

EXAMINATION_TIMEOUT: Final = 5.0
"""Seconds that one statement may take."""

NOTIFY_CHANNEL: Final = load_sql("notify_channel")
IS_STATEMENT_KNOWN: Final = load_sql("is_statement_known")

log: Final = logging.getLogger(__name__)


class Pooling(StrEnum):
    """What stands in the way. The value says what is done without."""

    NONE = ""
    """Nothing, or a pooler that keeps one connection to the server for each client."""

    TRACKED = "notifications"
    """A transaction pooler that prepares a client's statements wherever they are needed (PgBouncer 1.21)."""

    BARE = "prepared statements and notifications"
    """A transaction pooler that does not."""


class Route:
    """The way to a database, shared by the connections of a process.

    Args:
        dsn: The database.
        variable: The name of the setting that `dsn` comes from, for the log.
    """

    def __init__(self, dsn: Dsn, variable: str = "DATABASE_URL") -> None:
        self._dsn = dsn
        self._variable = variable
        self._examining = asyncio.Lock()
        self._found: Pooling | None = None

    async def connect(self, *arguments: Any, statement_cache_size: int, **options: Any) -> SchemaConnection:
        """Connect as `asyncpg.connect` does, but keep prepared statements only where they work."""
        if statement_cache_size and self._found is not Pooling.BARE:
            connection: SchemaConnection = await asyncpg.connect(
                *arguments, statement_cache_size=statement_cache_size, **options
            )
            if await self._checked(connection) is not Pooling.BARE:
                return connection
            connection.terminate()
        plain: SchemaConnection = await asyncpg.connect(*arguments, statement_cache_size=0, **options)
        return plain

    async def pooling(self, connection: SchemaConnection) -> Pooling:
        """Return what stands between a fresh connection and the server; the first time, log what to set.

        Raises:
            DatabaseUnavailable: It could not be found out.
        """
        if await is_direct(connection):
            return Pooling.NONE
        async with self._examining:
            if self._found is None:
                self._found = await examine(self._dsn)
                self._log(self._found)
        return self._found

    async def _checked(self, connection: SchemaConnection) -> Pooling:
        try:
            return await self.pooling(connection)
        except BaseException:
            connection.terminate()
            raise

    def _log(self, found: Pooling) -> None:
        if found is not Pooling.NONE:
            log.warning(
                "%s leads through a transaction pooler: going on without %s; %s", self._variable, found, advice(found)
            )


def advice(found: Pooling) -> str:
    """Return what to set behind a pooler that was not declared."""
    direct = "set DATABASE_DIRECT_URL to the server itself, for notifications"
    return direct if found is Pooling.TRACKED else f"add ?pgbouncer=true to DATABASE_URL, or {direct}"


async def is_direct(connection: SchemaConnection) -> bool:
    """Return whether the server's process is the one that the server announced when the connection was opened.

    A pooler announces a number of its own. The simple protocol prepares nothing; the count of rows is the answer.
    """
    announced = connection.get_server_pid()
    status = await connection.execute(f"SELECT WHERE pg_backend_pid() = {announced:d}")
    return status == "SELECT 1"


async def examine(dsn: Dsn) -> Pooling:
    """Return what stands in the way, tried out on two connections.

    Raises:
        DatabaseUnavailable: They could not be opened.
    """
    async with (
        open_connection(dsn, EXAMINATION_TIMEOUT) as connection,
        open_connection(dsn, EXAMINATION_TIMEOUT) as other,
    ):
        if await _reaches(connection, other):
            return Pooling.NONE
        return Pooling.TRACKED if await _tracks_statements(connection) else Pooling.BARE


async def _reaches(listening: SchemaConnection, notifying: SchemaConnection) -> bool:
    """Return whether a notification arrives: never through a transaction pooler, which keeps nobody listening."""
    arrived, channel = anyio.Event(), f"moment_route_{uuid4().hex}"
    await listening.add_listener(channel, lambda *_: arrived.set())
    await notifying.execute(NOTIFY_CHANNEL, channel)
    with anyio.move_on_after(NOTIFIED_WITHIN):
        await arrived.wait()
    return arrived.is_set()


async def _tracks_statements(connection: SchemaConnection) -> bool:
    name = f"moment_route_{uuid4().hex}"
    try:
        statement = await connection.prepare(IS_STATEMENT_KNOWN, name=name)
        return not await statement.fetchval(name)
    except asyncpg.InvalidSQLStatementNameError:  # the pooler took another connection to the server
        return False

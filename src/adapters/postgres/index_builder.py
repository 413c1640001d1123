"""Building an index while the service works, outside a transaction.

CREATE INDEX CONCURRENTLY waits for old transactions, but nobody waits behind it. So there is no short lock_timeout: it
would throw a finished index away because of one old reader, and it would stay in a pooler's connection. If the migrator
is killed, the server builds on: the next migrator waits for it, and finds a valid index or one that it must drop.
"""

import logging
from contextlib import suppress
from typing import Final

from adapters.postgres.connection import open_connection
from adapters.postgres.dsn import Dsn
from adapters.postgres.load_sql import load_sql
from adapters.postgres.migration_errors import MigrationBlocked
from adapters.postgres.schema import SchemaConnection
from adapters.postgres.shipped_migrations import Migration

BUILD_TIMEOUT: Final = 3600.0
"""Seconds that the build may take, its waiting for old transactions included."""

CLOSE_TIMEOUT: Final = 5.0
"""Seconds to cancel a build at the server; after that it goes on until it ends by itself."""

FIND_INVALID_INDEX: Final = load_sql("find_invalid_index")

log: Final = logging.getLogger(__name__)


async def build_index(dsn: Dsn, migration: Migration) -> None:
    """Build the index of a migration on a connection of its own; nothing if it is there and valid.

    The caller sees to it that no other migrator does so.

    Raises:
        MigrationBlocked: It was not finished in time.
        DatabaseUnavailable: The database did not answer.
    """
    async with open_connection(dsn, BUILD_TIMEOUT) as connection:
        await connection.find_schema()
        log.info("building the index %s; this may take minutes, and the service goes on", migration.index)
        try:
            await _drop_invalid(connection, migration)
            await connection.execute(migration.script)
        except TimeoutError as error:
            with suppress(OSError):  # TimeoutError among them
                await connection.close(timeout=CLOSE_TIMEOUT)  # sends the cancellation, which `terminate` would not
            raise MigrationBlocked(migration.name) from error


async def _drop_invalid(connection: SchemaConnection, migration: Migration) -> None:
    if leftover := await connection.fetchval(FIND_INVALID_INDEX, migration.index, connection.schema):
        log.info("dropping %s, which an interrupted migration left behind", leftover)
        await connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {leftover}")

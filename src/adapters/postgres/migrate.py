"""Migrations: bring the schema up to date.

A migration that needs a table which a long transaction uses must not wait in line: whoever reads the table later would
wait behind it. So each attempt waits 2 s at most, and the readers have their turn between two attempts.
"""

import logging
import random
from typing import Final

import anyio
import asyncpg

from adapters.postgres.certificates import check_files
from adapters.postgres.connection import open_connection
from adapters.postgres.dsn import Dsn
from adapters.postgres.index_builder import build_index
from adapters.postgres.load_sql import load_sql
from adapters.postgres.migration_errors import MigrationBlocked, MigrationChanged, MigrationDenied
from adapters.postgres.pool import connected
from adapters.postgres.schema import NEW_SCHEMA, SchemaConnection
from adapters.postgres.shipped_migrations import Migration, shipped
from domain.jobs.retry import jittered

TIMEOUT: Final = 60.0
"""Seconds that one statement may take."""

ATTEMPTS: Final = 17
"""How often a migration is tried while others hold a lock that it needs: about a minute in all."""

PAUSE: Final = 2.0
"""The longest pause between two attempts, in seconds."""

ALLOW_IDLING: Final = load_sql("allow_idling")
LIMIT_LOCK_WAITS: Final = load_sql("limit_lock_waits")
LIST_MIGRATIONS: Final = load_sql("list_migrations")
CREATE_SCHEMA: Final = load_sql("create_schema")
CREATE_MIGRATIONS: Final = load_sql("create_migrations")
SET_SEARCH_PATH: Final = load_sql("set_search_path")
RECORD_MIGRATION: Final = load_sql("record_migration")
LOCK_MIGRATIONS: Final = load_sql("lock_migrations")

log: Final = logging.getLogger(__name__)


async def migrate(dsn: Dsn) -> list[str]:
    """Apply the pending migrations, each completely or not at all; return the names of those that were applied.

    Several processes may run it at once. If nothing is pending, it needs no locks and no rights but to read the list.

    Raises:
        MigrationChanged: A file differs from what was applied under its name.
        MigrationBlocked: Other sessions held a lock for about a minute; what was applied stays applied.
        MigrationDenied: The role of `dsn` may not change the schema.
        DatabaseUnavailable: The database did not answer; what was applied stays applied.
        InvalidDatabaseUrl: A certificate that `dsn` names cannot be used.
    """
    check_files(dsn)
    async with open_connection(dsn, TIMEOUT) as connection:
        await connection.find_schema()
        try:
            todo = await _pending(connection)
        except asyncpg.InsufficientPrivilegeError:
            todo = shipped()  # the first attempt reports what the role may not do
        return [migration.name for migration in todo if await _insist(dsn, connection, migration)]


async def pending(pool: asyncpg.Pool) -> list[str]:
    """Return the names of the migrations that are still to be applied.

    Raises:
        MigrationChanged: A file differs from what was applied under its name.
        DatabaseUnavailable: The database did not answer.
    """
    async with connected(pool) as connection:
        return [migration.name for migration in await _pending(connection)]


async def _pending(connection: SchemaConnection) -> list[Migration]:
    """Return what is still to be applied: all of it, if there is no list yet."""
    try:
        rows = await connection.fetch(LIST_MIGRATIONS)
    except asyncpg.UndefinedTableError:
        rows = []
    return [migration for migration in shipped() if not _applied(migration, dict(rows))]


async def _insist(dsn: Dsn, connection: SchemaConnection, migration: Migration) -> bool:
    """Apply a migration, in as many attempts as it takes to get its locks."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await _apply(dsn, connection, migration)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.InternalServerError):
            # The last one is "tuple concurrently updated": the server still builds the index of a migrator that died.
            log.info("the migration %s waits for a lock (attempt %d of %d)", migration.name, attempt, ATTEMPTS)
        except asyncpg.InsufficientPrivilegeError as error:
            raise MigrationDenied(migration.name, str(error.args[0])) from error
        if attempt < ATTEMPTS:
            await anyio.sleep(jittered(PAUSE, random.random()))  # noqa: S311 - no secret
    raise MigrationBlocked(migration.name)


async def _apply(dsn: Dsn, connection: SchemaConnection, migration: Migration) -> bool:
    """Apply a migration unless it is applied already; return whether it was.

    The transaction holds the lock of migrations, also while another connection builds an index. It keeps no snapshot
    meanwhile, for which the index would wait: hence its isolation.
    """
    async with connection.transaction(isolation="read_committed"):
        await connection.execute(LIMIT_LOCK_WAITS)
        await connection.execute(LOCK_MIGRATIONS)
        await _prepare_schema(connection)
        if _applied(migration, dict(await connection.fetch(LIST_MIGRATIONS))):
            return False
        if migration.index is None:
            await connection.execute(migration.script)
        else:
            await connection.execute(ALLOW_IDLING)
            await build_index(dsn, migration)
        await connection.execute(RECORD_MIGRATION, migration.name, migration.checksum)
        return True


async def _prepare_schema(connection: SchemaConnection) -> None:
    """Create what is missing for the first migration, in the schema that the transaction then uses."""
    await connection.find_schema()  # under the lock: another migrator may have created it meanwhile
    if connection.schema == NEW_SCHEMA:
        await connection.execute(CREATE_SCHEMA)
    await connection.execute(CREATE_MIGRATIONS)
    await connection.execute(SET_SEARCH_PATH, connection.schema)


def _applied(migration: Migration, checksums: dict[str, str]) -> bool:
    checksum = checksums.get(migration.name)
    if checksum is not None and checksum != migration.checksum:
        raise MigrationChanged(migration.name)
    return checksum is not None

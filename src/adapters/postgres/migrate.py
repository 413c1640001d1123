"""Migrations: bring the schema up to date."""

from hashlib import sha256
from importlib.resources import files
from typing import Final

import asyncpg
import msgspec

from adapters.postgres.dsn import Dsn, check_files
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected, open_connection
from domain.errors import MomentError

TIMEOUT: Final = 60.0
"""Seconds that one migration may take, waiting for another migrator included."""

LIST_MIGRATIONS: Final = load_sql("list_migrations")
CREATE_MIGRATIONS: Final = load_sql("create_migrations")
RECORD_MIGRATION: Final = load_sql("record_migration")
LOCK_MIGRATIONS: Final = load_sql("lock_migrations")


class MigrationChanged(MomentError):
    """An applied migration differs from the shipped one: the schema is not what the code expects."""

    code = "migration_changed"
    permanent = True

    def __init__(self, name: str) -> None:
        super().__init__(f"the migration {name} was changed after it was applied")


class Migration(msgspec.Struct, frozen=True):
    """A file of SQL that is applied once and never edited."""

    name: str
    script: str

    @property
    def checksum(self) -> str:
        """The digest that shows whether the file was edited after it was applied."""
        return sha256(self.script.encode()).hexdigest()


def shipped() -> list[Migration]:
    """Return the shipped migrations in order."""
    folder = files(__package__) / "migrations"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return [Migration(name.removesuffix(".sql"), (folder / name).read_text(encoding="utf-8")) for name in names]


async def migrate(dsn: Dsn) -> list[str]:
    """Apply the pending migrations, each in a transaction; return the names of those that were applied.

    Several processes may run it at once.

    Raises:
        MigrationChanged: A file differs from what was applied under its name.
        DatabaseUnavailable: The database did not answer; what was applied stays applied.
        InvalidDatabaseUrl: A certificate that `dsn` names cannot be used.
    """
    check_files(dsn)
    async with open_connection(dsn, TIMEOUT) as connection:
        return [migration.name for migration in shipped() if await _apply(connection, migration)]


async def pending(pool: asyncpg.Pool) -> list[str]:
    """Return the names of the migrations that are still to be applied.

    Raises:
        MigrationChanged: A file differs from what was applied under its name.
        DatabaseUnavailable: The database did not answer.
    """
    async with connected(pool) as connection:
        try:
            rows = await connection.fetch(LIST_MIGRATIONS)
        except asyncpg.UndefinedTableError:
            rows = []
    return [migration.name for migration in shipped() if not _applied(migration, dict(rows))]


async def _apply(connection: asyncpg.Connection, migration: Migration) -> bool:
    async with connection.transaction():
        await connection.execute(LOCK_MIGRATIONS)
        await connection.execute(CREATE_MIGRATIONS)
        if _applied(migration, dict(await connection.fetch(LIST_MIGRATIONS))):
            return False
        await connection.execute(migration.script)
        await connection.execute(RECORD_MIGRATION, migration.name, migration.checksum)
        return True


def _applied(migration: Migration, checksums: dict[str, str]) -> bool:
    checksum = checksums.get(migration.name)
    if checksum is not None and checksum != migration.checksum:
        raise MigrationChanged(migration.name)
    return checksum is not None

"""Migrations on a real server: fresh, again, side by side, after a death, after an edit."""

import anyio
import asyncpg
import pytest

from adapters.postgres.doorbell import Doorbell
from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.migrate import LOCK_MIGRATIONS, MigrationChanged, migrate, pending, shipped
from adapters.postgres.pool import open_pool
from application.ports import DatabaseUnavailable

pytestmark = pytest.mark.anyio

NAMES = [migration.name for migration in shipped()]


async def test_a_fresh_database_gets_everything_once(empty_database_url: str) -> None:
    dsn = normalise(empty_database_url)
    async with open_pool(dsn) as pool:
        assert await pending(pool) == NAMES
        with pytest.raises(DatabaseUnavailable, match=NAMES[0]):
            await PostgresJobs(pool, Doorbell(pool)).ping()
        assert await migrate(dsn) == NAMES
        assert await migrate(dsn) == []
        assert await pending(pool) == []
        await PostgresJobs(pool, Doorbell(pool)).ping()


async def test_migrators_side_by_side_apply_each_file_once(empty_database_url: str) -> None:
    applied: list[str] = []

    async def run() -> None:
        applied.extend(await migrate(normalise(empty_database_url)))

    async with anyio.create_task_group() as migrators:
        for _ in range(4):
            migrators.start_soon(run)
    assert sorted(applied) == NAMES


async def test_a_migrator_that_died_stops_nobody(empty_database_url: str) -> None:
    dsn = normalise(empty_database_url)
    dead = await asyncpg.connect(dsn.url, timeout=5, command_timeout=5)
    await dead.execute("BEGIN")
    await dead.execute(LOCK_MIGRATIONS)
    await dead.execute("CREATE TABLE jobs (half integer)")
    dead.terminate()
    with anyio.fail_after(10):
        assert await migrate(dsn) == NAMES


async def test_an_edited_migration_is_refused(database_url: str) -> None:
    dsn = normalise(database_url)
    async with open_pool(dsn) as pool:
        await pool.execute("UPDATE schema_migrations SET checksum = 'other'")
        with pytest.raises(MigrationChanged, match=NAMES[0]):
            await pending(pool)
    with pytest.raises(MigrationChanged):
        await migrate(dsn)


async def test_a_newer_schema_is_none_of_our_business(database_url: str) -> None:
    async with open_pool(normalise(database_url)) as pool:
        await pool.execute("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_future', 'x')")
        assert await pending(pool) == []

"""Migrations that build an index outside a transaction: beside a working service, side by side, after a death."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import anyio
import asyncpg
import pytest

import adapters.postgres.index_builder
import adapters.postgres.migrate
from adapters.postgres.dsn import Dsn, normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.migrate import migrate
from adapters.postgres.migration_errors import MigrationBlocked
from adapters.postgres.notifier import Notifier
from adapters.postgres.shipped_migrations import Migration, shipped
from domain.jobs.job import JobId
from tests.support.database import ON_EVERY_SERVER
from tests.support.jobs import a_job
from tests.support.processes import ROOT, eventually

pytestmark = pytest.mark.anyio

SCRIPT = """-- outside a transaction
-- Serves a test.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_worker ON moment.jobs (worker) WHERE worker IS NOT NULL;
"""
NEW = Migration("9000_index", SCRIPT)
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('moment.jobs_worker')"
BUILDING = """
SELECT pid
FROM pg_stat_activity
WHERE datname = current_database() AND state = 'active' AND query LIKE '%CREATE INDEX CONCURRENTLY%jobs_worker%'
    AND pid <> pg_backend_pid()
"""
RECORDED = "SELECT count(*) FROM moment.schema_migrations WHERE name = '9000_index'"

MIGRATOR = """
import sys, anyio
import adapters.postgres.migrate as migrate
from adapters.postgres.dsn import Dsn, normalise
from adapters.postgres.shipped_migrations import Migration
known = migrate.shipped()
migrate.shipped = lambda: [*known, Migration("9000_index", sys.argv[2])]
anyio.run(migrate.migrate, normalise(sys.argv[1]))
"""


@pytest.fixture
def dsn(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Dsn:
    """Provide the migrated database, and ship one migration more than it has."""
    known = shipped()
    monkeypatch.setattr(adapters.postgres.migrate, "shipped", lambda: [*known, NEW])
    return normalise(database_url)


@asynccontextmanager
async def an_old_transaction(dsn: Dsn) -> AsyncIterator[Any]:
    """Keep a snapshot, for which every index must wait; yield the connection, whose ROLLBACK ends it."""
    reader: Any = await asyncpg.connect(dsn.url, timeout=5, command_timeout=10)
    try:
        await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await reader.fetch("SELECT count(*) FROM moment.jobs")
        yield reader
    finally:
        await reader.close()


async def builders(pool: asyncpg.Pool) -> list[int]:
    return [row["pid"] for row in await pool.fetch(BUILDING)]


async def is_building(pool: asyncpg.Pool) -> bool:
    return bool(await builders(pool)) and await pool.fetchval(VALID) is False


async def nobody_builds(pool: asyncpg.Pool) -> bool:
    return not await builders(pool)


async def leave_an_invalid_index(dsn: Dsn, pool: asyncpg.Pool) -> None:
    async with an_old_transaction(dsn), anyio.create_task_group() as group:

        async def build() -> None:
            with pytest.raises(asyncpg.QueryCanceledError):
                await pool.execute(SCRIPT)

        group.start_soon(build)
        await eventually(partial(is_building, pool))
        for pid in await builders(pool):
            await pool.execute("SELECT pg_cancel_backend($1)", pid)
    assert await pool.fetchval(VALID) is False


@ON_EVERY_SERVER
async def test_it_is_built_and_recorded_once(dsn: Dsn, pool: asyncpg.Pool) -> None:
    assert await migrate(dsn) == [NEW.name]
    assert await pool.fetchval(VALID) is True
    assert await migrate(dsn) == []


async def test_through_a_transaction_pooler(dsn: Dsn, pooled_url: str, pool: asyncpg.Pool) -> None:
    assert await migrate(normalise(pooled_url)) == [NEW.name]
    assert await pool.fetchval(VALID) is True


async def test_in_the_schema_of_an_older_installation(dsn: Dsn, pool: asyncpg.Pool) -> None:
    await pool.execute("ALTER SCHEMA moment RENAME TO older")
    await pool.execute(f"ALTER DATABASE {await pool.fetchval('SELECT current_database()')} SET search_path = older")
    assert await migrate(dsn) == [NEW.name]
    assert await pool.fetchval(VALID.replace("moment.", "older.")) is True


@ON_EVERY_SERVER
async def test_nobody_waits_behind_it(dsn: Dsn, pool: asyncpg.Pool) -> None:
    jobs = PostgresJobs(pool, Notifier(pool))
    async with an_old_transaction(dsn) as reader, anyio.create_task_group() as group:
        group.start_soon(migrate, dsn)
        await eventually(partial(is_building, pool))
        await jobs.add(a_job(job_id := JobId(uuid4())))  # commits while the index waits
        assert (await jobs.get(job_id)).job.id == job_id
        assert await pool.fetchval(RECORDED) == 0
        await reader.execute("ROLLBACK")
    assert await pool.fetchval(VALID) is True


@ON_EVERY_SERVER
async def test_an_invalid_index_is_dropped_first(dsn: Dsn, pool: asyncpg.Pool) -> None:
    await leave_an_invalid_index(dsn, pool)
    assert await migrate(dsn) == [NEW.name]
    assert await pool.fetchval(VALID) is True


@ON_EVERY_SERVER
async def test_two_migrators_do_not_build_at_once(dsn: Dsn, pool: asyncpg.Pool) -> None:
    applied: list[str] = []

    async def run() -> None:
        applied.extend(await migrate(dsn))

    async with an_old_transaction(dsn) as reader, anyio.create_task_group() as group:
        group.start_soon(run)
        await eventually(partial(is_building, pool))
        group.start_soon(run)
        await anyio.sleep(3)  # longer than the second one's first attempt
        assert len(await builders(pool)) == 1
        await reader.execute("ROLLBACK")
    assert applied == [NEW.name]
    assert await pool.fetchval(VALID) is True


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_migrator_is_killed_in_the_middle(dsn: Dsn, pool: asyncpg.Pool, cancelled: bool) -> None:
    async with an_old_transaction(dsn) as reader:
        command = [sys.executable, "-c", MIGRATOR, dsn.url, SCRIPT]
        path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
        with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}) as killed:  # noqa: ASYNC220 - returns at once
            await eventually(partial(is_building, pool))
            killed.kill()
        assert len(await builders(pool)) == 1, "the server does not notice"
        if cancelled:
            await pool.execute("SELECT pg_cancel_backend($1)", (await builders(pool))[0])
            await eventually(partial(nobody_builds, pool))
        async with anyio.create_task_group() as group:
            group.start_soon(migrate, dsn)
            await anyio.sleep(1)
            assert await pool.fetchval(RECORDED) == 0
            await reader.execute("ROLLBACK")
    assert await pool.fetchval(VALID) is True
    assert await pool.fetchval(RECORDED) == 1


async def test_a_build_that_takes_too_long_is_given_up_and_may_be_repeated(
    dsn: Dsn, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters.postgres.index_builder, "BUILD_TIMEOUT", 0.5)
    async with an_old_transaction(dsn):
        with pytest.raises(MigrationBlocked, match=NEW.name):
            await migrate(dsn)
        await eventually(partial(nobody_builds, pool))
        assert await pool.fetchval(RECORDED) == 0
    monkeypatch.setattr(adapters.postgres.index_builder, "BUILD_TIMEOUT", 60)
    assert await migrate(dsn) == [NEW.name]
    assert await pool.fetchval(VALID) is True


@pytest.mark.parametrize(
    "script",
    [
        SCRIPT.replace("CONCURRENTLY ", ""),
        SCRIPT.replace("IF NOT EXISTS ", ""),
        SCRIPT.replace("moment.", ""),
        SCRIPT + "SELECT 1;",
        SCRIPT.replace("CREATE", "DROP INDEX x; CREATE"),
        "-- outside a transaction\nVACUUM",
    ],
)
def test_anything_but_one_index_is_refused(script: str) -> None:
    with pytest.raises(ValueError, match="must be one CREATE INDEX CONCURRENTLY"):
        _ = Migration("1", script).index


def test_what_is_shipped_can_be_applied() -> None:
    assert [
        migration.name for migration in shipped() if "CONCURRENTLY" in migration.script and not migration.index
    ] == []

"""The pool: what another try may mend is `DatabaseUnavailable`, what is a bug stays what it is."""

from uuid import uuid4

import anyio
import asyncpg
import msgspec
import pytest

from adapters.postgres.dsn import Dsn, normalise
from adapters.postgres.job_admin import PostgresJobAdmin
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import connected, open_pool
from adapters.postgres.queue import PostgresQueue
from application.ports.jobs import DatabaseUnavailable, SchemaOutdated
from domain.jobs.job import JobId
from tests.support.jobs import NOW, STARTED, a_job, room_for

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cret@127.0.0.1:1/db",
        "postgresql://u:s3cret@/db?host=/nowhere",
        "postgresql://u:s3cret@no.invalid/db",
    ],
)
async def test_a_server_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(DatabaseUnavailable) as raised:
        async with open_pool(normalise(url)):
            pass
    assert "s3cret" not in str(raised.value)


async def test_the_pool_survives_its_connections(pool: asyncpg.Pool) -> None:
    jobs = PostgresJobs(pool, Notifier(pool))
    with pytest.raises(DatabaseUnavailable):
        async with connected(pool) as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    await jobs.add(a_job())


async def test_a_bug_stays_a_bug(pool: asyncpg.Pool) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with connected(pool) as connection:
            await connection.fetch("SELECT 1 / 0")
    with pytest.raises(asyncpg.DataError):
        async with connected(pool) as connection:
            await connection.fetch("SELECT $1::uuid", "no uuid")


async def test_a_database_that_is_not_migrated_says_what_to_do(pool: asyncpg.Pool) -> None:
    await pool.execute("ALTER TABLE moment.jobs DROP COLUMN reason")
    for action in (PostgresJobs(pool, Notifier(pool)).get(JobId(uuid4())), PostgresJobAdmin(pool).stats()):
        with pytest.raises(SchemaOutdated, match="run `moment migrate`") as raised:
            await action
        assert raised.value.code == "schema_outdated"


async def test_a_migration_beside_us_costs_one_failed_claim_at_most(pool: asyncpg.Pool) -> None:
    queue = PostgresQueue(pool, lease_seconds=30)
    assert await queue.claim(room_for("w", 1)) == []
    await pool.execute("ALTER TABLE moment.jobs ADD COLUMN mood text")
    try:
        await queue.claim(room_for("w", 1))
    except DatabaseUnavailable:
        assert await queue.claim(room_for("w", 1)) == []


async def test_everything_works_without_prepared_statements(database_url: str) -> None:
    async with open_pool(normalise(f"{database_url}&pgbouncer=true"), max_size=1) as pool:
        jobs, queue = PostgresJobs(pool, Notifier(pool)), PostgresQueue(pool, lease_seconds=30)
        job = a_job(JobId(uuid4()))
        await jobs.add(job)
        (claim,) = await queue.claim(room_for("w", 1))
        await queue.save(claim.lease, job.on(STARTED, NOW))
        assert len(await queue.heartbeat([claim.lease], {job.id: 0.5})) == 1
        view = await jobs.get(job.id)
        assert (view.job, view.progress) == (job.on(STARTED, NOW), 0.5)
        assert await pool.fetchval("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''") == 0


OURS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"


def named(url: str, name: str) -> Dsn:
    return msgspec.structs.replace(normalise(url), application_name=name)


async def test_unused_connections_are_closed_and_opened_again(pool: asyncpg.Pool, database_url: str) -> None:
    dsn = named(database_url, "moment worker here-1")
    async with open_pool(dsn, min_size=0, max_size=3, idle_seconds=0.1) as idle, anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(idle.fetchval, "SELECT pg_sleep(0.05)")
        with anyio.fail_after(20):
            while idle.get_size() < 3 and not await pool.fetchval(OURS, dsn.application_name):
                await anyio.sleep(0.005)
            while idle.get_size() or await pool.fetchval(OURS, dsn.application_name):
                await anyio.sleep(0.02)
        assert await idle.fetchval("SELECT 1") == 1


async def test_a_connection_that_is_kept_stays(database_url: str) -> None:
    async with open_pool(normalise(database_url), min_size=0, max_size=1, idle_seconds=0) as kept:
        backend = await kept.fetchval("SELECT pg_backend_pid()")
        await anyio.sleep(0.1)
        assert await kept.fetchval("SELECT pg_backend_pid()") == backend


async def test_the_connection_that_others_depend_on_comes_first(database_url: str) -> None:
    dsn = normalise(database_url)
    async with (
        open_pool(dsn, min_size=0, max_size=1, idle_seconds=0) as first,
        open_pool(dsn, min_size=0, max_size=2, after=first) as second,
    ):
        assert (first.get_size(), second.get_size()) == (0, 0)
        await second.fetchval("SELECT 1")
        assert (first.get_size(), second.get_size()) == (1, 1)
        assert first.get_idle_size() == 1


async def test_without_the_first_connection_there_is_no_second(database_url: str) -> None:
    async with (
        open_pool(normalise("postgresql://u@127.0.0.1:1/db"), min_size=0, max_size=1) as away,
        open_pool(normalise(database_url), min_size=0, after=away) as second,
    ):
        with pytest.raises(DatabaseUnavailable):
            async with connected(second):
                pass
        assert second.get_size() == 0


@pytest.mark.parametrize(("field", "name"), [("", "moment api here-1"), ("&application_name=mine", "mine")])
async def test_the_server_shows_who_is_connected(database_url: str, field: str, name: str) -> None:
    async with open_pool(named(f"{database_url}{field}", "moment api here-1")) as pool:
        assert await pool.fetchval("SELECT current_setting('application_name')") == name

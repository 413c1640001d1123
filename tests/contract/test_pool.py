"""The pool: what another try may mend is `DatabaseUnavailable`, what is a bug stays what it is."""

from uuid import uuid4

import asyncpg
import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import Notifier
from adapters.postgres.pool import connected, open_pool
from adapters.postgres.queue import PostgresQueue
from application.ports.jobs import DatabaseUnavailable
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
    jobs = PostgresJobs(pool, Notifier(pool))
    await jobs.add(a_job())
    with pytest.raises(asyncpg.UniqueViolationError):
        await jobs.add(a_job())
    with pytest.raises(asyncpg.DataError):
        async with connected(pool) as connection:
            await connection.fetch("SELECT $1::uuid", "no uuid")


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

"""Behind a transaction-pooling PgBouncer: everything works but LISTEN, which has its own way or does without."""

from uuid import uuid4

import anyio
import asyncpg
import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.listener import PollingListener, open_listener
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from application.worker.work_loop import WorkConfig
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.fake_store import InMemoryStore
from tests.support.fake_tools import FakeMusicTools, into
from tests.support.jobs import a_job
from tests.support.pgbouncer import SERVER_CONNECTIONS
from tests.support.pipeline import a_work_loop
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio


async def test_the_pooler_stands_in_between(pooled_url: str, pool: asyncpg.Pool) -> None:
    async with open_pool(normalise(pooled_url), max_size=6) as pooled:
        async with anyio.create_task_group() as clients:
            for _ in range(6):
                clients.start_soon(pooled.fetchval, "SELECT pg_sleep(0.05)")
        backends = await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%'"
            " AND pid <> pg_backend_pid()"
        )
        assert pooled.get_size() == 6
    assert 1 <= backends <= SERVER_CONNECTIONS


async def test_hints_take_the_direct_way(pgbouncer_bench: Bench, shared_database_url: str) -> None:
    async with open_listener(normalise(shared_database_url)) as listener:
        with anyio.fail_after(10):
            await listener.wait(60)  # the first says that it listens
            await pgbouncer_bench.jobs.add(a_job(JobId(uuid4())))
            await listener.wait(60)


async def test_through_the_pooler_nobody_listens_and_polling_finds_the_work(pooled_url: str) -> None:
    store = InMemoryStore()
    tools = FakeMusicTools(into(store))
    async with (
        open_pool(normalise(pooled_url), max_size=6) as pool,
        open_notifier(pool) as notifier,
        open_listener(normalise(pooled_url)) as listener,
    ):
        assert isinstance(listener, PollingListener)
        jobs, queue = PostgresJobs(pool, notifier), PostgresQueue(pool, lease_seconds=10)
        config = WorkConfig(worker="w", slots=4, poll=0.05, beat=0.1, grace=0)
        ids = [JobId(uuid4()) for _ in range(12)]
        for job_id in ids:
            await jobs.add(a_job(job_id))
        async with anyio.create_task_group() as group:
            for _ in range(2):
                group.start_soon(a_work_loop(queue, listener, tools, store, config).run, anyio.Event())
            with anyio.fail_after(20):
                while {(await jobs.get(job_id)).job.status for job_id in ids} != {JobStatus.COMPLETED}:
                    await anyio.sleep(0.02)
            group.cancel_scope.cancel()

"""Hints: they arrive, they are kept, they come back after the connection broke."""

import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import asyncpg
import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.listener import PollingListener, PostgresListener, open_listener
from adapters.postgres.notifier import WORK, open_notifier
from application.worker.work_loop import WorkConfig
from domain.errors import JobError
from domain.jobs.job import JobId
from domain.jobs.transitions import Failed, JobStatus
from entrypoints.local.network import free_port
from tests.support.database import ON_EVERY_SERVER
from tests.support.fake_store import InMemoryStore
from tests.support.fake_tools import FakeMusicTools, into
from tests.support.jobs import NOW, a_job, room_for
from tests.support.pipeline import a_work_loop
from tests.support.queue_bench import Bench
from tests.support.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.anyio

NEVER = 60.0
GIVEN_UP = Failed(JobError("tools_unavailable", "the studio is closed"))


@pytest.fixture
async def listener(database_url: str) -> AsyncIterator[PostgresListener]:
    """Give a listener whose connection stands."""
    async with open_listener(normalise(database_url)) as listener:
        assert isinstance(listener, PostgresListener)
        await hinted(listener)  # the first hint says that it listens
        yield listener


async def hinted(listener: PostgresListener) -> None:
    with anyio.fail_after(10):
        await listener.wait(NEVER)


async def silent(listener: PostgresListener) -> bool:
    with anyio.move_on_after(0.05) as scope:
        await listener.wait(NEVER)
    return scope.cancelled_caught


@ON_EVERY_SERVER
async def test_an_added_job_gives_a_hint(listener: PostgresListener, pool: asyncpg.Pool) -> None:
    assert await silent(listener)
    async with open_notifier(pool) as notifier:
        await PostgresJobs(pool, notifier).add(a_job(JobId(uuid4())))
        await hinted(listener)


async def test_a_hint_before_the_wait_is_kept_and_used_up(listener: PostgresListener, pool: asyncpg.Pool) -> None:
    listener.set()
    await hinted(listener)
    assert await silent(listener)


async def test_without_a_hint_the_wait_ends_by_itself(listener: PostgresListener) -> None:
    begin = time.monotonic()
    await listener.wait(0.05)
    await PollingListener().wait(0.05)
    assert time.monotonic() - begin >= 0.09


async def test_many_jobs_at_once_make_few_hints(listener: PostgresListener, pool: asyncpg.Pool) -> None:
    heard: list[object] = []
    connection = await pool.acquire()
    await connection.add_listener(WORK, lambda *about: heard.append(about))
    async with open_notifier(pool) as notifier:
        for _ in range(1000):
            notifier.notify()
        await hinted(listener)
        await anyio.sleep(0.05)
    await connection.reset()
    await pool.release(connection)
    assert 1 <= len(heard) <= 2


@ON_EVERY_SERVER
async def test_a_broken_connection_is_replaced(listener: PostgresListener, pool: asyncpg.Pool) -> None:
    killed = await pool.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE '%pg_notify%' AND pid <> pg_backend_pid()"
    )
    assert killed == 1
    await hinted(listener)  # it listens again
    assert await silent(listener)
    await pool.execute("SELECT pg_notify($1, '')", WORK)
    await hinted(listener)


async def test_a_database_that_is_away_gives_no_hint_and_no_error() -> None:
    async with open_listener(normalise("postgresql://postgres@127.0.0.1:1/none")) as listener:
        assert isinstance(listener, PostgresListener)
        assert await silent(listener)


async def test_a_database_that_is_away_is_one_line_and_its_return_another(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="adapters.postgres.listening")
    port = free_port()
    database = urlsplit(database_url).path.removeprefix("/")
    async with open_listener(normalise(f"postgresql://postgres@127.0.0.1:{port}/{database}")) as listener:
        assert isinstance(listener, PostgresListener)
        with anyio.fail_after(30):
            while len(caplog.records) < 3:
                await anyio.sleep(0.01)
        async with tcp_proxy(database_url, port=port):
            with anyio.fail_after(60):
                await listener.wait(NEVER)
                while caplog.records[-1].levelno == logging.DEBUG:
                    await anyio.sleep(0.01)
            seen = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert "cannot listen for new jobs, polling instead" in seen[0][1]
    assert [level for level, _ in seen] == [logging.WARNING, *[logging.DEBUG] * (len(seen) - 2), logging.INFO]
    assert seen[-1][1] == "listening for new jobs again"


async def cancel_hinted(listener: PostgresListener) -> None:
    with anyio.fail_after(10):
        await listener.wait_for_cancel(NEVER)


@ON_EVERY_SERVER
async def test_cancelling_a_running_job_gives_a_hint_once(listener: PostgresListener, postgres_bench: Bench) -> None:
    waiting, running = JobId(uuid4()), JobId(uuid4())
    await postgres_bench.jobs.add(a_job(running))
    await postgres_bench.queue.claim(room_for("w", 1))
    await postgres_bench.jobs.add(a_job(waiting))
    await postgres_bench.jobs.cancel(running)
    await cancel_hinted(listener)
    await postgres_bench.jobs.cancel(running)
    await postgres_bench.jobs.cancel(waiting)
    with anyio.move_on_after(0.1) as scope:
        await listener.wait_for_cancel(NEVER)
    assert scope.cancelled_caught


@pytest.mark.parametrize("way", ["release", "retry", "cancel"])
async def test_jobs_that_are_given_back_give_a_hint(
    listener: PostgresListener, postgres_bench: Bench, way: str
) -> None:
    await postgres_bench.jobs.add(a_job(JobId(uuid4())))
    (claim,) = await postgres_bench.queue.claim(room_for("w", 1))
    await hinted(listener)
    assert await silent(listener)
    if way == "release":
        await postgres_bench.queue.release([claim.lease])
    elif way == "cancel":
        await postgres_bench.jobs.cancel(claim.job.id)
        await postgres_bench.queue.retry(claim.lease, timedelta(hours=1))
    else:
        await postgres_bench.queue.save(claim.lease, claim.job.on(GIVEN_UP, NOW))
        await postgres_bench.job_admin.retry(claim.job.id)
    await hinted(listener)
    await postgres_bench.queue.release([claim.lease])
    assert await silent(listener)


@ON_EVERY_SERVER
async def test_a_running_job_is_cancelled_long_before_its_next_heartbeat(
    listener: PostgresListener, postgres_bench: Bench
) -> None:
    store, jobs, queue = InMemoryStore(), postgres_bench.jobs, postgres_bench.queue
    tools = FakeMusicTools(into(store))
    tools.hold("render_vocals")
    config = WorkConfig(worker="w", lease=90, beat=30, poll=1, grace=0)
    await jobs.add(a_job(job_id := JobId(uuid4())))
    async with anyio.create_task_group() as group:
        group.start_soon(a_work_loop(queue, listener, tools, store, config).run, anyio.Event())
        with anyio.fail_after(10):
            await tools.entered["render_vocals"].wait()
            await jobs.cancel(job_id)
            while not (await jobs.get(job_id)).job.status.terminal:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    assert (await jobs.get(job_id)).job.status is JobStatus.CANCELLED
    assert tools.cancelled == ["render_vocals"]

"""Hints: they arrive, they are kept, they come back after the connection broke."""

import time
from collections.abc import AsyncIterator
from uuid import uuid4

import anyio
import asyncpg
import pytest

from adapters.postgres.doorbell import WORK, open_doorbell
from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.wakeups import PollingWakeups, PostgresWakeups, open_wakeups
from domain.job import JobId
from tests.support.jobs import a_job

pytestmark = pytest.mark.anyio

NEVER = 60.0


@pytest.fixture
async def wakeups(database_url: str) -> AsyncIterator[PostgresWakeups]:
    """Give a listener whose connection stands."""
    async with open_wakeups(normalise(database_url)) as wakeups:
        await hinted(wakeups)  # the first hint says that it listens
        yield wakeups


async def hinted(wakeups: PostgresWakeups) -> None:
    with anyio.fail_after(10):
        await wakeups.wait(NEVER)


async def silent(wakeups: PostgresWakeups) -> bool:
    with anyio.move_on_after(0.05) as scope:
        await wakeups.wait(NEVER)
    return scope.cancelled_caught


async def test_an_added_job_gives_a_hint(wakeups: PostgresWakeups, pool: asyncpg.Pool) -> None:
    assert await silent(wakeups)
    async with open_doorbell(pool) as doorbell:
        await PostgresJobs(pool, doorbell).add(a_job(JobId(uuid4())))
        await hinted(wakeups)


async def test_a_hint_before_the_wait_is_kept_and_used_up(wakeups: PostgresWakeups, pool: asyncpg.Pool) -> None:
    wakeups.give()
    await hinted(wakeups)
    assert await silent(wakeups)


async def test_without_a_hint_the_wait_ends_by_itself(wakeups: PostgresWakeups) -> None:
    begin = time.monotonic()
    await wakeups.wait(0.05)
    await PollingWakeups().wait(0.05)
    assert time.monotonic() - begin >= 0.09


async def test_many_jobs_at_once_make_few_hints(wakeups: PostgresWakeups, pool: asyncpg.Pool) -> None:
    heard: list[object] = []
    listener = await pool.acquire()
    await listener.add_listener(WORK, lambda *about: heard.append(about))
    async with open_doorbell(pool) as doorbell:
        for _ in range(1000):
            doorbell.ring()
        await hinted(wakeups)
        await anyio.sleep(0.05)
    await listener.reset()
    await pool.release(listener)
    assert 1 <= len(heard) <= 2


async def test_a_broken_connection_is_replaced(wakeups: PostgresWakeups, pool: asyncpg.Pool) -> None:
    killed = await pool.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE '%pg_notify%' AND pid <> pg_backend_pid()"
    )
    assert killed == 1
    await hinted(wakeups)  # it listens again
    assert await silent(wakeups)
    await pool.execute("SELECT pg_notify($1, '')", WORK)
    await hinted(wakeups)


async def test_a_database_that_is_away_gives_no_hint_and_no_error() -> None:
    async with open_wakeups(normalise("postgresql://postgres@127.0.0.1:1/none")) as wakeups:
        assert await silent(wakeups)

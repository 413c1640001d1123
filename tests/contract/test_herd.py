"""Idle workers do not all wake for one job; and no job waits because the chosen one is busy or has died."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from uuid import uuid4

import anyio
import asyncpg
import msgspec
import pytest

import adapters.postgres.work_event
from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.listener import PostgresListener, open_listener
from adapters.postgres.notifier import WORK, open_notifier
from adapters.postgres.queue import PostgresQueue
from application.worker.work_loop import WorkConfig
from domain.jobs.job import JobId
from tests.support.database import ON_EVERY_SERVER
from tests.support.fake_store import InMemoryStore
from tests.support.fake_tools import FakeMusicTools, into
from tests.support.jobs import a_job
from tests.support.pipeline import a_work_loop
from tests.support.processes import eventually

pytestmark = pytest.mark.anyio

NEVER = 3600.0
FLEET = 4


@pytest.fixture
async def listeners(database_url: str) -> AsyncIterator[list[PostgresListener]]:
    """Provide workers' listeners that know each other, and have nothing to do."""
    async with AsyncExitStack() as stack:
        fleet = []
        for number in range(FLEET):
            dsn = msgspec.structs.replace(normalise(database_url), application_name=f"moment listener here-{number}")
            listener = await stack.enter_async_context(open_listener(dsn))
            assert isinstance(listener, PostgresListener)
            with anyio.fail_after(10):
                await listener.wait(NEVER)  # it listens
            fleet.append(listener)
        pids = [listener.fleet._own for listener in fleet]
        assert sorted({fleet[-1].fleet._own, *fleet[-1].fleet._others}) == sorted(pids)  # it has found the others
        for listener in fleet:
            listener.fleet.set(listener.fleet._own, pids)  # as after their next probe
        yield fleet


def awake(listeners: list[PostgresListener]) -> list[PostgresListener]:
    return [listener for listener in listeners if listener.is_set]


def patient(monkeypatch: pytest.MonkeyPatch, *, taken: float = NEVER, runner_up: float = NEVER) -> None:
    monkeypatch.setattr(adapters.postgres.work_event, "TAKEN_WITHIN", taken)
    monkeypatch.setattr(adapters.postgres.work_event, "RUNNER_UP_SECONDS", (runner_up, runner_up))


async def notified(pool: asyncpg.Pool, listeners: list[PostgresListener], payload: str, woken: int) -> None:
    """Send a notification; wait until it has arrived everywhere, and check how many it woke."""
    await pool.execute("SELECT pg_notify($1, $2)", WORK, payload)
    await eventually(lambda: len(awake(listeners)) >= woken)
    await anyio.sleep(0.02)
    assert len(awake(listeners)) == woken
    for listener in awake(listeners):
        await listener.wait(0)


@ON_EVERY_SERVER
async def test_a_job_wakes_one(
    listeners: list[PostgresListener], pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch)
    for number in range(10):
        await notified(pool, listeners, f"{number} 1", 1)
    await notified(pool, listeners, "1 3", 3)
    await notified(pool, listeners, "1 9", FLEET)
    await notified(pool, listeners, "", FLEET)


async def test_a_burst_wakes_as_many_as_it_has_jobs(
    listeners: list[PostgresListener], pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch)
    async with open_notifier(pool) as notifier:
        for _ in range(3):
            notifier.notify()
        await eventually(lambda: len(awake(listeners)) == 3)


async def test_a_second_one_wakes_in_case_that_the_first_has_died(
    listeners: list[PostgresListener], pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch, runner_up=0)
    await notified(pool, listeners, "1 1", 2)


async def test_who_is_too_busy_wakes_all_others(
    listeners: list[PostgresListener], pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch, taken=0)
    await notified(pool, listeners, "1 1", FLEET)


async def test_no_job_waits_for_a_worker_without_a_free_slot(
    listeners: list[PostgresListener], pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch, taken=0.01)
    store = InMemoryStore()
    tools = FakeMusicTools(into(store))
    held = FakeMusicTools(into(store))
    held.hold("render_vocals")
    queue = PostgresQueue(pool, lease_seconds=90)
    async with open_notifier(pool) as notifier, anyio.create_task_group() as group:
        jobs = PostgresJobs(pool, notifier)

        async def work(listener: PostgresListener, with_tools: FakeMusicTools, slots: int) -> None:
            config = WorkConfig(worker="w", slots=slots, lease=90, beat=30, poll=NEVER, grace=0)
            await a_work_loop(queue, listener, with_tools, store, config).run(anyio.Event())

        async def added() -> JobId:
            await jobs.add(a_job(job_id := JobId(uuid4())))
            return job_id

        def held_jobs(count: int) -> bool:
            return held.calls["render_vocals"] == count

        async def is_done(job_id: JobId) -> bool:
            return (await jobs.get(job_id)).job.status.terminal

        for number, busy in enumerate(listeners[1:], 1):
            group.start_soon(work, busy, held, 1)
            await added()
            await eventually(partial(held_jobs, number))
        group.start_soon(work, listeners[0], tools, 4)
        for _ in range(8):
            await eventually(partial(is_done, await added()))
        group.cancel_scope.cancel()

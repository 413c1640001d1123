"""Postgres goes away and comes back; sockets break, or go silent: everything recovers by itself."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import asyncpg
import pytest

from adapters.postgres.connection import KEEP_ALIVE
from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import LOCK_JOB, PostgresJobs
from adapters.postgres.listener import open_listener
from adapters.postgres.migrate import migrate
from adapters.postgres.notifier import Notifier, open_notifier
from adapters.postgres.pool import connected, open_pool
from adapters.postgres.queue import PostgresQueue
from application.ports.jobs import DatabaseUnavailable
from application.worker.work_loop import WorkConfig, WorkLoop
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.database import execute
from tests.support.fake_store import InMemoryStore
from tests.support.fake_tools import FakeMusicTools, into
from tests.support.jobs import JOB_ID, a_job
from tests.support.pipeline import a_work_loop
from tests.support.restartable import RestartablePostgres
from tests.support.tcp_proxy import TcpProxy, tcp_proxy

pytestmark = pytest.mark.anyio

CONFIG = WorkConfig(worker="w", slots=3, lease=5, beat=0.2, poll=0.2, grace=0)


class Site:
    """An api's and a worker's half of one database."""

    def __init__(self, jobs: PostgresJobs, loop: WorkLoop) -> None:
        self.jobs = jobs
        self.loop = loop

    async def add(self, count: int) -> list[JobId]:
        ids = [JobId(uuid4()) for _ in range(count)]
        for job_id in ids:
            await self.jobs.add(a_job(job_id))
        return ids

    async def all_done(self, ids: list[JobId]) -> None:
        with anyio.fail_after(30):
            while {(await self.jobs.get(job_id)).job.status for job_id in ids} != {JobStatus.COMPLETED}:
                await anyio.sleep(0.02)

    async def ready(self) -> None:
        with anyio.fail_after(30):
            while True:
                try:
                    await self.jobs.ping()
                except DatabaseUnavailable:
                    await anyio.sleep(0.05)
                else:
                    return


@asynccontextmanager
async def working(url: str) -> AsyncIterator[Site]:
    store = InMemoryStore()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_pool(normalise(url), max_size=4, command_timeout=2))
        heart = await stack.enter_async_context(open_pool(normalise(url), max_size=1, command_timeout=2))
        notifier = await stack.enter_async_context(open_notifier(pool))
        listener = await stack.enter_async_context(open_listener(normalise(url)))
        queue = PostgresQueue(pool, lease_seconds=CONFIG.lease, heartbeat_pool=heart)
        loop = a_work_loop(queue, listener, FakeMusicTools(into(store)), store, CONFIG)
        group = await stack.enter_async_context(anyio.create_task_group())
        group.start_soon(loop.run, anyio.Event())
        yield Site(PostgresJobs(pool, notifier), loop)
        group.cancel_scope.cancel()


@pytest.mark.parametrize("crash", [False, True], ids=["restart", "crash"])
async def test_api_and_worker_outlive_their_database(server_folder: Path, crash: bool) -> None:
    server = RestartablePostgres(server_folder / "recovery")
    server.start()
    try:
        await migrate(normalise(server.url))
        async with working(server.url) as site:
            await site.all_done(before := await site.add(4))
            waiting = await site.add(4)
            server.stop(crash=crash)
            for ask in (site.jobs.ping, lambda: site.jobs.get(before[0]), lambda: site.add(1)):
                with pytest.raises(DatabaseUnavailable):
                    await ask()
            server.start()
            await site.ready()
            await site.all_done(before + waiting + await site.add(4))
    finally:
        server.stop()


async def test_a_server_that_shuts_down_lets_nobody_new_in(server_folder: Path) -> None:
    server = RestartablePostgres(server_folder / "recovery")
    server.start()
    try:
        async with open_pool(normalise(server.url)) as pool, connected(pool) as inside:
            server.shut_down_smart()
            with pytest.raises(DatabaseUnavailable) as raised:
                await until_refused(server.url)
            assert isinstance(raised.value.__cause__, asyncpg.CannotConnectNowError)
            assert await inside.fetchval("SELECT 1") == 1
    finally:
        server.stop()


async def until_refused(url: str) -> None:
    with anyio.fail_after(10):
        while True:
            async with open_pool(normalise(url)):
                pass


async def test_connections_that_the_administrator_ends_are_replaced(database_url: str, database_server: str) -> None:
    async with working(database_url) as site:
        await site.all_done(await site.add(4))
        name = urlsplit(database_url).path.removeprefix("/")
        for _ in range(3):
            await anyio.to_thread.run_sync(
                execute,
                database_server,
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608 - ours
            )
            await site.ready()
            await site.all_done(await site.add(4))


@asynccontextmanager
async def by_tcp(url: str) -> AsyncIterator[tuple[TcpProxy, str]]:
    """Return a proxy to a database, and the URL of the proxy."""
    async with tcp_proxy(url) as (line, port):
        yield line, f"postgresql://postgres@127.0.0.1:{port}{urlsplit(url).path}?sslmode=disable"


async def test_sockets_that_went_silent_cost_one_time_out_and_are_replaced(database_url: str) -> None:
    async with by_tcp(database_url) as (line, url), open_pool(normalise(url), max_size=3, command_timeout=0.3) as pool:

        async def ask(outcomes: list[bool]) -> None:
            try:
                async with connected(pool) as connection:
                    await connection.execute("SELECT pg_sleep(0.02)")
            except DatabaseUnavailable:
                outcomes.append(False)
            else:
                outcomes.append(True)

        async def ask_all() -> list[bool]:
            outcomes: list[bool] = []
            async with anyio.create_task_group() as askers:
                for _ in range(3):
                    askers.start_soon(ask, outcomes)
            return outcomes

        assert await ask_all() == [True] * 3
        line.go_silent()
        with anyio.fail_after(10):
            assert await ask_all() == [False] * 3
            assert await ask_all() == [True] * 3
        assert pool.get_size() == 3


async def test_connections_over_tcp_are_kept_alive(database_url: str) -> None:
    async with by_tcp(database_url) as (_, url), open_pool(normalise(url)) as pool, connected(pool) as connection:
        end: Any = connection._transport.get_extra_info("socket")
        assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        for name, value in KEEP_ALIVE.items():
            assert end.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) == value


async def test_the_server_lets_go_of_a_client_that_vanishes_within_a_transaction(pool: asyncpg.Pool) -> None:
    await PostgresJobs(pool, Notifier(pool)).add(a_job())
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(LOCK_JOB, JOB_ID)
            assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "30s"
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "0"

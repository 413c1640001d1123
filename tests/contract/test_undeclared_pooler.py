"""A pooler that the URL does not declare: recognised, named in one line if it matters, and everything goes on."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import asyncpg
import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.listener import open_listener
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import connected, open_pool
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.route import Pooling, examine
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.jobs import NOW, STARTED, a_job, room_for
from tests.support.pgbouncer import a_pgbouncer
from tests.support.processes import Process, ServiceProcesses, eventually, service_processes
from tests.support.statement_tracker import statement_tracker

pytestmark = pytest.mark.anyio

LINE = "leads through a transaction pooler"


@pytest.fixture
def undeclared_url(pooled_url: str) -> str:
    """Provide the test's own database, through the pooler, as its operator wrote it."""
    return pooled_url.replace("&pgbouncer=true", "")


@pytest.fixture
def service(tmp_path: Path, undeclared_url: str, database_url: str) -> Iterator[ServiceProcesses]:
    with service_processes(tmp_path, undeclared_url) as running:
        running.database = normalise(database_url).url  # the test's own queries
        yield running


def lines(process: Process) -> list[str]:
    return [line for line in process.log.splitlines() if LINE in line]


def said(process: Process) -> bool:
    return bool(lines(process))


async def test_api_and_workers_go_on_and_say_so_once(service: ServiceProcesses) -> None:
    await service.listening()
    workers = [service.worker() for _ in range(2)]
    ids: list[str] = []

    async def submit() -> None:
        ids.append(await service.submit())

    async with anyio.create_task_group() as users:
        for _ in range(12):
            users.start_soon(submit)
    rows = [await service.ended(job_id) for job_id in ids]
    assert {(row.job.status, row.attempt) for row in rows} == {(JobStatus.COMPLETED, 1)}
    for process in [service.api, *workers]:
        await eventually(partial(said, process))
    for process in [service.api, *workers]:
        assert process.alive
        assert len(lines(process)) == 1
        assert "Traceback" not in process.log
        assert "prepared statement" not in process.log.replace(lines(process)[0], "")


@pytest.fixture
def session_url(database_server: str, database_url: str, server_folder: Path) -> Iterator[str]:
    """Provide the test's own database, through a pooler that keeps a connection to the server for each client."""
    folder = server_folder / f"session-{uuid4().hex[:8]}"
    with a_pgbouncer(database_server, folder, mode="session", connections=20) as query:
        yield urlsplit(database_url)._replace(query=query).geturl()


@pytest.fixture
def tracked_url(database_server: str, database_url: str, server_folder: Path) -> Iterator[str]:
    """Provide the test's own database, through a transaction pooler that keeps track of prepared statements."""
    folder = server_folder / f"tracked-{uuid4().hex[:8]}"
    with a_pgbouncer(database_server, folder, connections=1) as query:
        yield urlsplit(database_url)._replace(query=query).geturl()


async def statements_of(pool: asyncpg.Pool) -> int:
    """Return how many prepared statements our side keeps for one connection, after using it."""
    async with connected(pool) as connection:
        await connection.fetchval("SELECT $1::integer", 1)
        return len(list(connection._stmt_cache.iter_statements()))


async def run_a_job(pool: asyncpg.Pool) -> None:
    async with open_notifier(pool) as notifier:
        jobs, queue = PostgresJobs(pool, notifier), PostgresQueue(pool, lease_seconds=30)
        await jobs.add(a_job(job_id := JobId(uuid4())))
        (claim,) = await queue.claim(room_for("w", 1))
        await queue.save(claim.lease, claim.job.on(STARTED, NOW))
        assert (await jobs.get(job_id)).job.status is JobStatus.ANALYZING


async def test_without_a_pooler_nothing_is_examined(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("adapters.postgres.route.examine")
    async with open_pool(normalise(database_url)) as pool:
        assert await statements_of(pool)
        await run_a_job(pool)
    assert LINE not in caplog.text


async def test_a_pool_does_without_prepared_statements(undeclared_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with open_pool(normalise(undeclared_url), max_size=4) as pool:
        async with anyio.create_task_group() as clients:
            for _ in range(4):
                clients.start_soon(pool.fetchval, "SELECT pg_sleep(0.05)")
        assert await statements_of(pool) == 0
        await run_a_job(pool)
    assert caplog.text.count(LINE) == 1
    assert "add ?pgbouncer=true to DATABASE_URL" in caplog.text


async def test_a_session_pooler_needs_no_settings(session_url: str, caplog: pytest.LogCaptureFixture) -> None:
    assert await examine(normalise(session_url)) is Pooling.NONE
    async with open_pool(normalise(session_url)) as pool, open_listener(normalise(session_url)) as listener:
        assert await statements_of(pool)
        with anyio.fail_after(10):
            await listener.wait(60)  # it listens
            await run_a_job(pool)
            async with open_notifier(pool) as notifier:  # that of the job may have ended before it sent anything
                notifier.notify()
                await listener.wait(60)
    assert LINE not in caplog.text


async def test_a_pooler_that_tracks_statements_lacks_only_notifications(
    tracked_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with statement_tracker(tracked_url) as url:
        assert await examine(normalise(url)) is Pooling.TRACKED
        async with open_pool(normalise(url), max_size=3) as pool, open_listener(normalise(url)) as listener:
            assert await statements_of(pool)
            await run_a_job(pool)
            with anyio.move_on_after(0.2) as scope:
                await listener.wait(60)
            assert scope.cancelled_caught
    assert "going on without notifications; set DATABASE_DIRECT_URL" in caplog.text

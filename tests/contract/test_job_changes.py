"""Notifications of changed jobs: each commit of a version is told, on a connection that is open while one watches."""

from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

import anyio
import asyncpg
import pytest

from adapters.postgres.change_listener import PostgresJobChanges, open_job_changes
from adapters.postgres.changes_payload import MOST_CHANGES, read_changes, write_changes
from adapters.postgres.dsn import normalise
from adapters.postgres.notifier import CHANGES, open_notifier
from application.ports.job_changes import NO_CHANGES
from domain.errors import JobError
from domain.jobs.job import JobId
from domain.jobs.transitions import Failed
from tests.support.database import ON_EVERY_SERVER
from tests.support.jobs import JOB_ID, NOW, STARTED, a_job, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'watcher' AND datname = current_database()"
GIVEN_UP = Failed(JobError("tools_unavailable", "the studio is closed"))


class Heard:
    """What was told, in its order."""

    def __init__(self, changes: PostgresJobChanges) -> None:
        self.changes = changes
        self.versions = list[tuple[JobId, int]]()

    def __call__(self, versions: Mapping[JobId, int]) -> None:
        self.versions += versions.items()

    async def until(self, job_id: JobId, version: int) -> None:
        with anyio.fail_after(10):
            while (job_id, version) not in self.versions:
                await anyio.sleep(0.002)

    async def listens(self, pool: asyncpg.Pool) -> None:
        """Return once it hears something."""
        probe = JobId(uuid4())
        with anyio.fail_after(10):
            while (probe, 0) not in self.versions:
                await pool.execute("SELECT pg_notify($1, $2)", CHANGES, write_changes([(probe, 0)]))
                await anyio.sleep(0.02)


@pytest.fixture
async def heard(database_url: str) -> AsyncIterator[Heard]:
    separator = "&" if "?" in database_url else "?"
    async with open_job_changes(normalise(f"{database_url}{separator}application_name=watcher")) as changes:
        assert isinstance(changes, PostgresJobChanges)
        yield Heard(changes)


@ON_EVERY_SERVER
async def test_every_committed_version_is_told(heard: Heard, postgres_bench: Bench, pool: asyncpg.Pool) -> None:
    heard.changes.begin(heard)
    await heard.listens(pool)
    running, waiting = JobId(uuid4()), JobId(uuid4())
    await postgres_bench.jobs.add(a_job(running))
    (claim,) = await postgres_bench.queue.claim(room_for("w", 1))
    started = claim.job.on(STARTED, NOW)
    await postgres_bench.queue.save(claim.lease, started)
    await heard.until(running, 1)
    await postgres_bench.queue.save(claim.lease, started.on(GIVEN_UP, NOW))
    await heard.until(running, 2)
    await postgres_bench.job_admin.retry(running)
    await heard.until(running, 3)
    await postgres_bench.jobs.add(a_job(waiting))
    await postgres_bench.jobs.cancel(waiting)
    await heard.until(waiting, 1)


async def test_a_connection_is_open_while_somebody_watches(
    heard: Heard, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.postgres.change_listener.LINGER_SECONDS", 0.1)
    assert await pool.fetchval(LISTENERS) == 0
    for _ in range(2):
        heard.changes.begin(heard)
        await heard.listens(pool)
        assert await pool.fetchval(LISTENERS) == 1
        heard.changes.end()
        with anyio.fail_after(10):
            while await pool.fetchval(LISTENERS):
                await anyio.sleep(0.02)


async def test_a_broken_connection_is_replaced(heard: Heard, pool: asyncpg.Pool) -> None:
    heard.changes.begin(heard)
    await heard.listens(pool)
    assert await pool.fetchval(LISTENERS.replace("count(*)", "count(pg_terminate_backend(pid))")) == 1
    await heard.listens(pool)


async def test_many_changes_at_once_make_few_notifications_and_none_is_left_out(
    heard: Heard, pool: asyncpg.Pool
) -> None:
    heard.changes.begin(heard)
    await heard.listens(pool)
    jobs = [a_job(JobId(uuid4())) for _ in range(3 * MOST_CHANGES)]
    async with open_notifier(pool) as notifier:
        for job in jobs:
            notifier.changed([job])
        for job in jobs:
            await heard.until(job.id, 0)


async def test_behind_a_declared_pooler_there_are_none() -> None:
    async with open_job_changes(normalise("postgresql://postgres@127.0.0.1:1/none?pgbouncer=true")) as changes:
        assert changes is NO_CHANGES


def test_a_payload_fits_and_whatever_is_not_ours_is_skipped() -> None:
    versions = {JobId(uuid4()): 2**31 - 1 for _ in range(MOST_CHANGES)}
    assert len(write_changes(versions.items())) < 8000
    assert read_changes(write_changes(versions.items())) == versions
    assert read_changes(f"nonsense {JOB_ID.hex}7 {JOB_ID.hex} {JOB_ID} -1 {JOB_ID.hex}99999999999") == {JOB_ID: 7}
    assert read_changes("") == {}

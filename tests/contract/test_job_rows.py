"""What the queue does about rows that are not as they should be, or not to be had."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import anyio
import asyncpg
import msgspec
import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from application.ports.queue import Claim, JobLocked, LeaseLost
from domain.jobs.job import Job, JobId
from tests.support.database import LEASE_SECONDS
from tests.support.jobs import FAILED, NOW, STARTED, a_job, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio


async def claimed(bench: Bench, count: int) -> list[Claim]:
    """Claim new jobs."""
    for _ in range(count):
        await bench.jobs.add(a_job(JobId(uuid4())))
    return list(await bench.queue.claim(room_for("w", count)))


def started(claim: Claim) -> Job:
    return claim.job.on(STARTED, NOW)


async def is_saved(bench: Bench, claim: Claim) -> bool:
    job = (await bench.jobs.get(claim.job.id)).job
    return job == started(claim)


@asynccontextmanager
async def locked(url: str, *claims: Claim) -> AsyncIterator[asyncpg.Connection]:
    """Lock the rows of jobs in another session, whose transaction ends with the block."""
    connection = await asyncpg.connect(normalise(url).url, timeout=10, command_timeout=30)
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT FROM moment.jobs WHERE id = ANY ($1::uuid[]) FOR UPDATE", [claim.job.id for claim in claims]
            )
            yield connection
    finally:
        await connection.close()


async def test_a_document_that_cannot_be_read_is_left_alone_and_its_neighbours_are_claimed(
    postgres_bench: Bench, pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    odd, *sound = [JobId(uuid4()) for _ in range(3)]
    for job_id in (odd, *sound):
        await postgres_bench.jobs.add(a_job(job_id))
    await pool.execute("""UPDATE moment.jobs SET document = '{"version": "x"}' WHERE id = $1""", odd)
    claims = await postgres_bench.queue.claim(room_for("w", 9))
    assert {claim.job.id for claim in claims} == set(sound)
    assert f"{odd} cannot be read" in caplog.text
    assert await postgres_bench.retention_store.find([odd, JobId(uuid4())]) == {odd: None}
    assert await postgres_bench.queue.claim(room_for("w", 9)) == []


async def test_a_heartbeat_tells_of_the_leases_that_it_could_not_renew(
    postgres_bench: Bench, pool: asyncpg.Pool
) -> None:
    for _ in range(2):
        await postgres_bench.jobs.add(a_job(JobId(uuid4())))
    held, free = await postgres_bench.queue.claim(room_for("w", 2))
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM moment.jobs WHERE id = $1 FOR UPDATE", held.job.id)
        pulses = await postgres_bench.queue.heartbeat([held.lease, free.lease], {})
    assert {pulse.job_id: pulse.renewed for pulse in pulses} == {held.job.id: False, free.job.id: True}


async def test_a_row_that_somebody_holds_delays_the_save_of_its_own_job_alone(
    postgres_bench: Bench, database_url: str
) -> None:
    held, *others = await claimed(postgres_bench, 6)
    async with anyio.create_task_group() as saves, locked(database_url, held):
        saves.start_soon(postgres_bench.queue.save, held.lease, started(held))
        with anyio.fail_after(0.5):
            async with anyio.create_task_group() as free:
                for claim in others:
                    free.start_soon(postgres_bench.queue.save, claim.lease, started(claim))
        assert not await is_saved(postgres_bench, held)
        assert [await is_saved(postgres_bench, claim) for claim in others] == [True] * 5
    assert await is_saved(postgres_bench, held)


async def test_a_row_that_somebody_holds_for_long_is_not_a_lost_lease(postgres_bench: Bench, database_url: str) -> None:
    (held,) = await claimed(postgres_bench, 1)
    async with locked(database_url, held):
        with pytest.raises(JobLocked), anyio.fail_after(3):
            await postgres_bench.queue.save(held.lease, started(held))
    assert not await is_saved(postgres_bench, held)
    await postgres_bench.queue.save(held.lease, started(held))
    assert await is_saved(postgres_bench, held)


async def test_saves_that_wait_for_locked_rows_hold_no_connection(postgres_bench: Bench, database_url: str) -> None:
    free, *held = await claimed(postgres_bench, 4)
    async with open_pool(normalise(database_url), max_size=1) as narrow, anyio.create_task_group() as saves:
        queue = PostgresQueue(narrow, lease_seconds=LEASE_SECONDS)
        async with locked(database_url, *held):
            for claim in held:
                saves.start_soon(queue.save, claim.lease, started(claim))
            await anyio.sleep(0.05)
            with anyio.fail_after(0.5):
                await queue.save(free.lease, started(free))
    assert [await is_saved(postgres_bench, claim) for claim in (free, *held)] == [True] * 4


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE moment.jobs SET lease_token = lease_token + 1",
        "UPDATE moment.jobs SET lease_expires_at = NULL, worker = NULL",
        "UPDATE moment.jobs SET lease_expires_at = NULL, status = 'CANCELLED', version = 7, finished_at = now()",
        "UPDATE moment.jobs SET version = 7",
    ],
    ids=["claimed", "released", "ended", "overtaken"],
)
@pytest.mark.parametrize("kept", [True, False], ids=["committed", "rolled back"])
async def test_a_lease_is_lost_when_who_held_the_row_took_it_and_not_before(
    postgres_bench: Bench, database_url: str, change: str, kept: bool
) -> None:
    (held,) = await claimed(postgres_bench, 1)
    outcome = ""

    async def save() -> None:
        nonlocal outcome
        try:
            await postgres_bench.queue.save(held.lease, started(held))
            outcome = "saved"
        except LeaseLost:
            outcome = "lost"

    async with anyio.create_task_group() as saves, locked(database_url, held) as connection:
        changing = connection.transaction()
        await changing.start()
        await connection.execute(change)
        saves.start_soon(save)
        await anyio.sleep(0.2)
        assert outcome == ""
        await (changing.commit() if kept else changing.rollback())
    assert outcome == ("lost" if kept else "saved")
    assert await is_saved(postgres_bench, held) is not kept


async def test_saves_and_heartbeats_of_the_same_jobs_do_not_cost_a_lease(postgres_bench: Bench) -> None:
    claims = await claimed(postgres_bench, 8)

    async def beat() -> None:
        for _ in range(100):
            results = await postgres_bench.queue.heartbeat([claim.lease for claim in claims], {})
            assert len(results) == len(claims)

    async def save(claim: Claim) -> None:
        job = started(claim)
        for version in range(1, 101):
            job = msgspec.structs.replace(job, version=version)
            await postgres_bench.queue.save(claim.lease, job)

    async with anyio.create_task_group() as group:
        group.start_soon(beat)
        for claim in claims:
            group.start_soon(save, claim)
    for claim in claims:
        assert (await postgres_bench.jobs.get(claim.job.id)).job.version == 100
        await postgres_bench.queue.save(
            claim.lease, msgspec.structs.replace(started(claim).on(FAILED, NOW), version=101)
        )

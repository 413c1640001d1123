"""What the queue does about rows that are not as they should be, or not to be had."""

from uuid import uuid4

import asyncpg
import pytest

from domain.jobs.job import JobId
from tests.support.jobs import a_job
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio


async def test_a_document_that_cannot_be_read_is_left_alone_and_its_neighbours_are_claimed(
    postgres_bench: Bench, pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    odd, *sound = [JobId(uuid4()) for _ in range(3)]
    for job_id in (odd, *sound):
        await postgres_bench.jobs.add(a_job(job_id))
    await pool.execute("""UPDATE jobs SET document = '{"version": "x"}' WHERE id = $1""", odd)
    claims = await postgres_bench.queue.claim("w", 9)
    assert {claim.job.id for claim in claims} == set(sound)
    assert f"{odd} cannot be read" in caplog.text
    assert await postgres_bench.retention_store.find([odd, JobId(uuid4())]) == {odd: None}
    assert await postgres_bench.queue.claim("w", 9) == []


async def test_a_heartbeat_tells_of_the_leases_that_it_could_not_renew(
    postgres_bench: Bench, pool: asyncpg.Pool
) -> None:
    for _ in range(2):
        await postgres_bench.jobs.add(a_job(JobId(uuid4())))
    locked, free = await postgres_bench.queue.claim("w", 2)
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM jobs WHERE id = $1 FOR UPDATE", locked.job.id)
        pulses = await postgres_bench.queue.heartbeat([locked.lease, free.lease], {})
    assert {pulse.job_id: pulse.renewed for pulse in pulses} == {locked.job.id: False, free.job.id: True}

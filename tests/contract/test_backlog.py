"""What those who wait are told about the queue: over memory and over Postgres."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from domain.blueprints.blueprint import OutputKind
from domain.jobs.attempts import Charge
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from tests.support.jobs import FAILED, NOW, STARTED, a_job, a_job_of, a_job_that_is, room_for
from tests.support.queue_bench import SLOTS, Bench

pytestmark = pytest.mark.anyio


async def added(bench: Bench, kind: OutputKind = OutputKind.PREVIEW) -> JobId:
    job_id = JobId(uuid4())
    await bench.jobs.add(a_job(job_id, kind=kind))
    await bench.pass_time(1)
    return job_id


async def waiting(bench: Bench) -> list[JobId]:
    return [job_id for job_id, _ in (await bench.backlog.read()).waiting]


async def worked(bench: Bench, seconds: float, end: Job | None = None) -> None:
    """Let a preview be worked on for so long, and end."""
    job_id = await added(bench)
    await bench.prioritise(job_id, 9)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.pass_time(seconds)
    ended = end or a_job_that_is(JobStatus.COMPLETED, job_id)
    await bench.queue.save(claim.lease, msgspec.structs.replace(ended, id=job_id))


async def test_jobs_wait_in_the_order_in_which_they_are_claimed(bench: Bench) -> None:
    first, second, third = [await added(bench) for _ in range(3)]
    assert await waiting(bench) == [first, second, third]
    await bench.prioritise(third, 1)
    await bench.prioritise(second, -1)
    assert await waiting(bench) == [third, first, second]
    (claim,) = await bench.queue.claim(room_for("w", 1))
    assert claim.job.id == third
    assert await waiting(bench) == [first, second]
    await bench.jobs.cancel(first)
    assert await waiting(bench) == [second]


async def test_a_retry_waits_in_the_line_once_it_is_due_and_goes_first(bench: Bench) -> None:
    begun, new = await added(bench), await added(bench)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.retry(claim.lease, timedelta(seconds=30), Charge.ERROR)
    assert await waiting(bench) == [new]
    await bench.pass_time(31)
    assert await waiting(bench) == [begun, new]


async def test_a_job_whose_worker_was_lost_waits_again(bench: Bench) -> None:
    job_id = await added(bench)
    await bench.queue.claim(room_for("w", 1))
    assert await waiting(bench) == []
    await bench.pass_time(31)
    assert await waiting(bench) == [job_id]


async def test_the_pace_is_the_median_of_what_was_completed_lately(bench: Bench) -> None:
    assert (await bench.backlog.read()).paces[OutputKind.PREVIEW].seconds is None
    for seconds in (2, 4, 20):
        await worked(bench, seconds)
    await worked(bench, 25, a_job_that_is(JobStatus.PENDING).on(STARTED, NOW).on(FAILED, NOW))  # failed: no measure
    paces = (await bench.backlog.read()).paces
    assert paces[OutputKind.PREVIEW].seconds == pytest.approx(4, abs=0.5)
    assert paces[OutputKind.SONG].seconds is None
    await bench.pass_time(2 * 86_400)
    assert (await bench.backlog.read()).paces[OutputKind.PREVIEW].seconds is None


async def test_it_knows_the_slots_and_what_is_paused(bench: Bench) -> None:
    assert {pace.slots for pace in (await bench.backlog.read()).paces.values()} == {0}
    await bench.employ()
    await bench.job_admin.pause([OutputKind.SONG])
    paces = (await bench.backlog.read()).paces
    assert {kind: (pace.slots, pace.paused) for kind, pace in paces.items()} == {
        OutputKind.PREVIEW: (SLOTS, False),
        OutputKind.SONG: (SLOTS, True),
    }


async def test_what_waits_is_counted_to_a_limit(bench: Bench) -> None:
    for client in ("a", "a", "b", ""):
        await bench.jobs.add(a_job_of(client))
    assert [await bench.backlog.count_waiting(9, client) for client in ("", "a", "b", "c")] == [4, 2, 1, 0]
    assert await bench.backlog.count_waiting(3) == 3
    assert await bench.backlog.count_waiting(1, "a") == 1
    await bench.queue.claim(room_for("w", 4))
    assert await bench.backlog.count_waiting(9) == 0

"""What every job queue promises: over memory and over Postgres."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import anyio
import pytest

from application.ports.queue import Claim, Lease, LeaseLost
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from tests.support.jobs import FAILED, NOW, STARTED, a_job, a_job_that_is, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

LONG = 3600.0
"""Seconds after which every lease has run out."""

Write = Callable[[Bench, Claim], Awaitable[object]]


async def added(bench: Bench, count: int = 1) -> list[JobId]:
    ids = [JobId(uuid4()) for _ in range(count)]
    for job_id in ids:
        await bench.jobs.add(a_job(job_id))
    return ids


async def claimed(bench: Bench, worker: str = "w") -> Claim:
    (claim,) = await bench.queue.claim(room_for(worker, 1))
    return claim


async def save(bench: Bench, claim: Claim) -> None:
    await bench.queue.save(claim.lease, claim.job.on(STARTED, NOW))


async def finish(bench: Bench, claim: Claim) -> None:
    await bench.queue.save(claim.lease, claim.job.on(FAILED, NOW))


async def retry(bench: Bench, claim: Claim) -> None:
    await bench.queue.retry(claim.lease, timedelta(0))


async def release(bench: Bench, claim: Claim) -> None:
    await bench.queue.release([claim.lease])


async def stored(bench: Bench, job_id: JobId) -> Job:
    return (await bench.jobs.get(job_id)).job


async def test_a_claim_gives_the_job_and_a_lease(bench: Bench) -> None:
    (job_id,) = await added(bench)
    claim = await claimed(bench)
    expected = Claim(job=a_job(job_id), lease=Lease(job_id, token=1), worker="w", claimed_at=claim.claimed_at)
    assert claim == expected


async def test_a_claim_tells_that_a_job_is_only_to_be_ended(bench: Bench) -> None:
    await added(bench)
    first = await claimed(bench)
    await bench.jobs.cancel(first.job.id)
    await bench.pass_time(LONG)
    second = await claimed(bench, "other")
    assert (first.cancel_requested, second.cancel_requested) == (False, True)


@pytest.mark.parametrize(("slots", "expected"), [(-1, 0), (0, 0), (1, 1), (3, 3), (9, 5)])
async def test_no_more_is_claimed_than_there_are_slots(bench: Bench, slots: int, expected: int) -> None:
    await added(bench, 5)
    assert len(await bench.queue.claim(room_for("w", slots))) == expected


async def test_a_claimed_job_is_not_claimed_again(bench: Bench) -> None:
    await added(bench)
    await claimed(bench)
    assert await bench.queue.claim(room_for("other", 1)) == []


async def test_claims_go_by_priority_then_age(bench: Bench) -> None:
    ids = []
    for _ in range(4):
        ids += await added(bench)
        await bench.pass_time(1)
    oldest, old, urgent, young = ids
    await bench.prioritise(urgent, 5)
    await bench.prioritise(oldest, -1)
    assert [claim.job.id for claim in await bench.queue.claim(room_for("w", 2))] == [urgent, old]
    assert [claim.job.id for claim in await bench.queue.claim(room_for("w", 2))] == [young, oldest]


async def test_workers_side_by_side_never_get_the_same_job(bench: Bench) -> None:
    ids = await added(bench, 60)
    seen: list[JobId] = []

    async def work(worker: str) -> None:
        while claims := await bench.queue.claim(room_for(worker, 3)):
            seen.extend(claim.job.id for claim in claims)

    async with anyio.create_task_group() as workers:
        for number in range(6):
            workers.start_soon(work, f"w{number}")
    assert sorted(seen) == sorted(ids)


async def test_a_saved_job_is_seen(bench: Bench) -> None:
    (job_id,) = await added(bench)
    claim = await claimed(bench)
    await save(bench, claim)
    assert await stored(bench, job_id) == claim.job.on(STARTED, NOW)


async def test_saving_keeps_the_lease_until_the_job_ends(bench: Bench) -> None:
    await added(bench)
    claim = await claimed(bench)
    await save(bench, claim)
    assert len(await bench.queue.heartbeat([claim.lease], {})) == 1
    await bench.queue.save(claim.lease, a_job_that_is(JobStatus.COMPLETED, claim.job.id))
    assert await bench.queue.heartbeat([claim.lease], {}) == []


async def test_saving_renews_the_lease(bench: Bench) -> None:
    await added(bench)
    claim = await claimed(bench)
    await bench.pass_time(20)  # of the lease's 30 seconds
    await save(bench, claim)
    await bench.pass_time(20)
    assert await bench.queue.claim(room_for("other", 1)) == []


async def test_of_saves_at_the_same_moment_each_hears_of_its_own_lease(bench: Bench) -> None:
    await added(bench, 6)
    stale = await bench.queue.claim(room_for("paused", 3))
    await bench.pass_time(LONG)
    fresh: list[Claim] = []
    while claims := await bench.queue.claim(room_for("w", 6)):  # those whose worker was lost, one by one
        fresh += claims
    outcomes: dict[Lease, str] = {}

    async def try_to_save(claim: Claim) -> None:
        try:
            await save(bench, claim)
            outcomes[claim.lease] = "saved"
        except LeaseLost:
            outcomes[claim.lease] = "lost"

    async with anyio.create_task_group() as saves:
        for claim in (*stale, *fresh):
            saves.start_soon(try_to_save, claim)
    assert outcomes == {claim.lease: "lost" for claim in stale} | {claim.lease: "saved" for claim in fresh}
    assert [await stored(bench, claim.job.id) for claim in fresh] == [claim.job.on(STARTED, NOW) for claim in fresh]


async def test_a_finished_job_is_never_claimed(bench: Bench) -> None:
    await added(bench)
    await finish(bench, await claimed(bench))
    await bench.pass_time(LONG)
    assert await bench.queue.claim(room_for("w", 1)) == []


async def test_a_completed_job_is_all_the_way(bench: Bench) -> None:
    (job_id,) = await added(bench)
    claim = await claimed(bench)
    await bench.queue.heartbeat([claim.lease], {job_id: 0.75})
    assert (await bench.jobs.get(job_id)).progress == 0.75
    await bench.queue.save(claim.lease, a_job_that_is(JobStatus.COMPLETED, job_id))
    assert (await bench.jobs.get(job_id)).progress == 1.0


async def test_a_job_whose_worker_died_is_claimed_again_as_it_was_saved(bench: Bench) -> None:
    await added(bench)
    first = await claimed(bench)
    await save(bench, first)
    assert await bench.queue.claim(room_for("other", 1)) == []
    await bench.pass_time(LONG)
    second = await claimed(bench, "other")
    assert (second.attempt, second.lease.token) == (2, 2)
    assert second.job == first.job.on(STARTED, NOW)


async def test_heartbeats_keep_a_job(bench: Bench) -> None:
    await added(bench)
    claim = await claimed(bench)
    for _ in range(3):
        await bench.pass_time(20)  # of the lease's 30 seconds
        (pulse,) = await bench.queue.heartbeat([claim.lease], {})
        assert (pulse.job_id, pulse.cancel_requested) == (claim.job.id, False)
    assert await bench.queue.claim(room_for("other", 1)) == []


async def test_a_heartbeat_names_only_jobs_that_are_still_ours(bench: Bench) -> None:
    await added(bench, 3)
    ours, theirs, ended = await bench.queue.claim(room_for("w", 3))
    await finish(bench, ended)
    stale = Lease(theirs.job.id, theirs.lease.token - 1)
    pulses = await bench.queue.heartbeat([ours.lease, stale, ended.lease], {theirs.job.id: 0.5})
    assert [pulse.job_id for pulse in pulses] == [ours.job.id]
    assert (await bench.jobs.get(theirs.job.id)).progress == 0.0


async def test_a_heartbeat_without_progress_leaves_it(bench: Bench) -> None:
    (job_id,) = await added(bench)
    claim = await claimed(bench)
    await bench.queue.heartbeat([claim.lease], {job_id: 0.5})
    await bench.queue.heartbeat([claim.lease], {})
    assert await bench.queue.heartbeat([], {}) == []
    assert (await bench.jobs.get(job_id)).progress == 0.5


@pytest.mark.parametrize("write", [save, finish, retry])
@pytest.mark.parametrize("gone", ["expired", "released", "cancelled"])
async def test_an_old_token_writes_nothing(bench: Bench, write: Write, gone: str) -> None:
    (job_id,) = await added(bench)
    old = await claimed(bench)
    if gone == "released":
        await release(bench, old)
    else:
        await bench.pass_time(LONG)
    if gone == "cancelled":
        await bench.jobs.cancel(job_id)
    else:
        await claimed(bench, "other")
    before = await stored(bench, job_id)
    with pytest.raises(LeaseLost):
        await write(bench, old)
    await release(bench, old)
    assert await bench.queue.heartbeat([old.lease], {job_id: 0.9}) == []
    view = await bench.jobs.get(job_id)
    assert (view.job, view.progress) == (before, 0.0)
    assert await bench.queue.claim(room_for("third", 1)) == []


@pytest.mark.parametrize("write", [save, finish, retry])
async def test_a_lease_on_nothing_writes_nothing(bench: Bench, write: Write) -> None:
    job = a_job(JobId(uuid4()))
    claim = Claim(job=job, lease=Lease(job.id, token=1), worker="w", claimed_at=NOW)
    with pytest.raises(LeaseLost):
        await write(bench, claim)
    await release(bench, claim)


@pytest.mark.parametrize("write", [save, finish])
async def test_who_gave_a_job_back_writes_no_more(bench: Bench, write: Write) -> None:
    (job_id,) = await added(bench)
    claim = await claimed(bench)
    await release(bench, claim)
    with pytest.raises(LeaseLost):
        await write(bench, claim)
    assert await bench.queue.heartbeat([claim.lease], {}) == []
    assert await stored(bench, job_id) == claim.job


async def test_an_expired_lease_still_writes_while_nobody_else_has_the_job(bench: Bench) -> None:
    (job_id,) = await added(bench)
    claim = await claimed(bench)
    await bench.pass_time(LONG)
    await finish(bench, claim)
    assert (await stored(bench, job_id)).status is JobStatus.FAILED


@pytest.mark.parametrize("write", [save, finish, retry])
async def test_a_write_whose_answer_was_lost_can_be_repeated(bench: Bench, write: Write) -> None:
    await added(bench)
    claim = await claimed(bench)
    await write(bench, claim)
    await write(bench, claim)


async def test_another_job_under_the_same_version_is_not_a_repeat(bench: Bench) -> None:
    (job_id,) = await added(bench)
    claim = await claimed(bench)
    await save(bench, claim)
    with pytest.raises(LeaseLost):
        await finish(bench, claim)
    assert (await stored(bench, job_id)).status is JobStatus.ANALYZING


async def test_a_retried_job_waits_for_its_delay(bench: Bench) -> None:
    await added(bench)
    claim = await claimed(bench)
    await bench.queue.retry(claim.lease, timedelta(seconds=60))
    assert await bench.queue.claim(room_for("w", 1)) == []
    await bench.pass_time(61)
    again = await claimed(bench)
    assert (again.attempt, again.lease.token) == (2, 2)


async def test_a_released_job_is_free_at_once_and_its_attempt_does_not_count(bench: Bench) -> None:
    await added(bench, 2)
    claims = await bench.queue.claim(room_for("w", 2))
    await bench.queue.release([claim.lease for claim in claims])
    await bench.queue.release([claim.lease for claim in claims])  # a repeat changes nothing
    again = await bench.queue.claim(room_for("w", 2))
    assert [(claim.attempt, claim.lease.token) for claim in again] == [(1, 2), (1, 2)]
    await bench.queue.release([])


async def test_a_job_that_kills_its_workers_is_given_once_more_to_be_failed(bench: Bench) -> None:
    await added(bench)
    attempts = []
    for _ in range(4):
        claim = await claimed(bench)
        attempts.append(claim.attempt)
        await bench.pass_time(LONG)
    assert attempts == [1, 2, 3, 4]
    assert claim.attempt > claim.max_attempts
    await finish(bench, claim)
    assert await bench.queue.claim(room_for("w", 1)) == []

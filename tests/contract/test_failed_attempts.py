"""What every queue promises about jobs that do not go well: over memory and over Postgres."""

from datetime import timedelta
from uuid import uuid4

import anyio
import pytest

from application.ports.queue import Claim, JobQueue
from domain.blueprints.blueprint import OutputKind
from domain.jobs.attempts import Attempt, Charge
from domain.jobs.job import JobId
from domain.jobs.transitions import AttemptEnded
from tests.support.jobs import FAILED, NOW, STARTED, a_job, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

LONG = 3600.0
"""Seconds after which every lease has run out."""
AT_ONCE = timedelta(0)


async def added(bench: Bench, count: int = 1, kind: OutputKind = OutputKind.PREVIEW) -> list[JobId]:
    ids = [JobId(uuid4()) for _ in range(count)]
    for job_id in ids:
        await bench.jobs.add(a_job(job_id, kind=kind))
    return ids


async def claimed(queue: JobQueue, worker: str = "w") -> Claim:
    (claim,) = await queue.claim(room_for(worker, 1))
    return claim


@pytest.mark.parametrize(
    ("charge", "attempt", "errors", "charged"),
    [
        (Charge.NOTHING, 1, 0, False),
        (Charge.TIME, 1, 0, True),
        (Charge.ERROR, 2, 1, True),
        (Charge.BREAK, 1, 0, False),
    ],
)
async def test_an_attempt_costs_what_it_is_charged(
    bench: Bench, charge: Charge, attempt: int, errors: int, charged: bool
) -> None:
    await added(bench)
    first = await claimed(bench.queue)
    await bench.pass_time(10)
    await bench.queue.retry(first.lease, AT_ONCE, charge)
    second = await claimed(bench.queue)
    assert (second.attempt, second.errors, second.crashes, second.lost_worker) == (attempt, errors, 0, "")
    assert (10 <= second.worked.total_seconds() < 15) is charged
    assert first.worked == timedelta(0)


async def test_what_a_job_waits_for_is_known_until_it_is_claimed(bench: Bench) -> None:
    await bench.employ()
    (job_id,) = await added(bench)
    claim = await claimed(bench.queue)
    await bench.queue.retry(claim.lease, AT_ONCE, Charge.NOTHING, "tools_denied")
    assert (await bench.job_admin.show(job_id)).waiting_for == "tools_denied"
    assert (await bench.job_admin.stats()).waiting_for == {"tools_denied": 1}
    await claimed(bench.queue)
    assert (await bench.job_admin.stats()).waiting_for == {}


async def test_a_lost_worker_counts_and_its_job_is_claimed_alone(bench: Bench) -> None:
    await added(bench, 3)
    first = await bench.queue.claim(room_for("lost", 3))
    fresh = await added(bench, 3)
    await bench.pass_time(LONG)
    taken = [await bench.queue.claim(room_for("w", 6)) for _ in range(3)]
    assert [len(claims) for claims in taken] == [1, 1, 1]
    again = [claim for claims in taken for claim in claims]
    assert {claim.job.id for claim in again} == {claim.job.id for claim in first}
    assert {(claim.crashes, claim.lost_worker) for claim in again} == {(1, "lost")}
    assert {claim.worked > timedelta(seconds=29) for claim in again} == {True}
    assert {claim.job.id for claim in await bench.queue.claim(room_for("w", 6))} == set(fresh)


async def test_a_worker_that_runs_a_suspect_gets_no_other(bench: Bench) -> None:
    await added(bench, 2)
    await bench.queue.claim(room_for("lost", 2))
    await bench.pass_time(LONG)
    (fresh,) = await added(bench)
    claims = await bench.queue.claim(room_for("w", 6, suspects=False))
    assert [claim.job.id for claim in claims] == [fresh]
    suspect = await claimed(bench.queue)
    await bench.queue.retry(suspect.lease, AT_ONCE)
    assert await bench.queue.claim(room_for("w", 6, suspects=False)) == []  # it is remembered


async def broken(bench: Bench, count: int) -> list[Claim]:
    """Let so many jobs break the tools twice in a row; return their last claims."""
    await added(bench, count)
    for _ in range(2):
        claims = await bench.queue.claim(room_for("w", count))
        for claim in claims:
            await bench.queue.retry(claim.lease, AT_ONCE, Charge.BREAK)
    return list(claims)


async def test_of_the_jobs_that_may_break_the_tools_one_runs_at_a_time(bench: Bench) -> None:
    suspects = {claim.job.id for claim in await broken(bench, 2)}
    fresh = await added(bench, 2)
    first = await bench.queue.claim(room_for("a", 9))
    assert [(claim.breaks, claim.runs_alone, claim.job.id in suspects) for claim in first] == [(2, True, True)]
    others = await bench.queue.claim(room_for("b", 9))
    assert {(claim.job.id, claim.runs_alone) for claim in others} == {(job_id, False) for job_id in fresh}
    await bench.queue.retry(first[0].lease, timedelta(hours=1), Charge.BREAK)
    assert await bench.queue.claim(room_for("b", 9, suspects=False)) == []
    (second,) = await bench.queue.claim(room_for("b", 9))
    assert {first[0].job.id, second.job.id} == suspects
    await bench.pass_time(LONG)  # its worker is lost
    assert (await claimed(bench.queue)).breaks >= 2


async def test_a_finished_stage_clears_a_suspicion_and_an_attempt_in_the_same_does_not(bench: Bench) -> None:
    await broken(bench, 1)
    claim = await claimed(bench.queue)
    noted = claim.job.on(AttemptEnded(Attempt(at=NOW, worker="w", code="tools_lost")), NOW)
    await bench.queue.save(claim.lease, noted)
    await bench.queue.retry(claim.lease, AT_ONCE, Charge.BREAK)
    claim = await claimed(bench.queue)
    assert claim.breaks == 3
    await bench.queue.save(claim.lease, claim.job.on(STARTED, NOW))
    assert (await bench.job_admin.show(claim.job.id)).breaks == 0
    await bench.queue.retry(claim.lease, AT_ONCE, Charge.BREAK)
    assert (await claimed(bench.queue)).breaks == 1


async def test_a_claim_whose_response_was_lost_is_given_back_and_not_counted(bench: Bench) -> None:
    await added(bench, 4)
    (known,) = await bench.queue.claim(room_for("w", 1))
    lost = await bench.queue.claim(room_for("w", 2))
    (others,) = await bench.queue.claim(room_for("other", 1))
    assert await bench.queue.return_lost_claims("w", [known.job.id]) == 2
    assert await bench.queue.return_lost_claims("w", [known.job.id]) == 0
    again = await bench.queue.claim(room_for("w", 4))
    assert {claim.job.id for claim in again} == {claim.job.id for claim in lost}
    assert {(claim.attempt, claim.crashes, claim.worked) for claim in again} == {(1, 0, timedelta(0))}
    assert len(await bench.queue.heartbeat([known.lease, others.lease], {})) == 2


async def test_only_the_kinds_that_a_worker_can_make_are_claimed(bench: Bench) -> None:
    (song,) = await added(bench, kind=OutputKind.SONG)
    (preview,) = await added(bench)
    (claim,) = await bench.queue.claim(room_for("w", 9, kinds=[OutputKind.PREVIEW]))
    assert claim.job.id == preview
    assert await bench.queue.claim(room_for("w", 9, kinds=[])) == []
    assert (await claimed(bench.queue)).job.id == song


async def test_what_is_only_to_be_ended_is_claimed_though_nothing_can_be_made(bench: Bench) -> None:
    old, cancelled = await added(bench, 2)
    await bench.queue.claim(room_for("lost", 2))
    await bench.jobs.cancel(cancelled)
    await bench.pass_time(25 * LONG)
    nothing = [claim for _ in range(3) for claim in await bench.queue.claim(room_for("w", 9, kinds=[]))]
    assert {claim.job.id: (claim.expired, claim.cancel_requested) for claim in nothing} == {
        old: (True, False),
        cancelled: (True, True),
    }


async def test_an_operators_retry_makes_a_job_young_again(bench: Bench) -> None:
    await added(bench)
    first = await claimed(bench.queue, "lost")
    await bench.pass_time(25 * LONG)
    second = await claimed(bench.queue)
    assert (first.expired, second.expired) == (False, True)
    await bench.queue.save(second.lease, second.job.on(STARTED, NOW).on(FAILED, NOW))
    await bench.job_admin.retry(second.job.id)
    third = await claimed(bench.queue)
    assert (third.expired, third.errors, third.crashes, third.breaks, third.worked) == (False, 0, 0, 0, timedelta(0))


async def test_a_paused_kind_waits_and_says_so(bench: Bench) -> None:
    (song,) = await added(bench, kind=OutputKind.SONG)
    await bench.job_admin.pause([OutputKind.SONG])
    await bench.job_admin.pause([OutputKind.SONG])
    assert await bench.queue.claim(room_for("w", 9)) == []
    assert (await bench.jobs.get(song)).waiting_for == "jobs_paused"
    assert (await bench.job_admin.stats()).paused == (OutputKind.SONG,)
    await bench.job_admin.resume(list(OutputKind))
    assert (await claimed(bench.queue)).job.id == song


async def test_begun_jobs_go_first_however_often_they_were_released(bench: Bench) -> None:
    (begun,) = await added(bench)
    for _ in range(3):
        claim = await claimed(bench.queue)
        await bench.queue.save(claim.lease, claim.job.on(STARTED, NOW)) if claim.job.version == 0 else None
        await bench.queue.release([claim.lease])
    await added(bench, 2)
    assert (await bench.job_admin.show(begun)).priority == 1
    assert (await claimed(bench.queue)).job.id == begun


async def test_many_workers_give_back_only_their_own(bench: Bench) -> None:
    await added(bench, 12)
    held: dict[str, set[JobId]] = {}

    async def work(worker: str) -> None:
        await bench.queue.claim(room_for(worker, 2))  # this response is lost
        await bench.queue.return_lost_claims(worker, [])
        held[worker] = {claim.job.id for claim in await bench.queue.claim(room_for(worker, 2))}
        await bench.queue.return_lost_claims(worker, held[worker])

    async with anyio.create_task_group() as workers:
        for number in range(4):
            workers.start_soon(work, f"w{number}")
    assert sum(len(ids) for ids in held.values()) == len(set().union(*held.values())) == 8

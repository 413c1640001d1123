"""The worker's loop over fakes: slots, heartbeats, cancelling, draining."""

import logging
from collections.abc import Collection
from itertools import count

import anyio
import pytest

from application.moments.cancel_job import CancelJob
from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import ClaimRequest, Lease
from domain.jobs.job import Job
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import ALWAYS
from tests.support.jobs import room_for
from tests.support.pipeline import Pipeline, in_pieces

pytestmark = pytest.mark.anyio


async def entered(pipeline: Pipeline, tool: str) -> None:
    with anyio.fail_after(5):
        await pipeline.tools.entered[tool].wait()


async def cancelled_in(pipeline: Pipeline, tool: str) -> Job:
    """Cancel a new job while a tool has it; return how it ended."""
    pipeline.tools.hold(tool)
    job_id = await pipeline.add()
    await entered(pipeline, tool)
    await CancelJob(pipeline.jobs, pipeline.store)(job_id)
    return await pipeline.ended(job_id)


async def test_many_jobs_go_through_few_slots() -> None:
    pipeline = Pipeline()
    ids = [await pipeline.add() for _ in range(30)]
    async with pipeline.working(slots=3):
        jobs = [await pipeline.ended(job_id) for job_id in ids]
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert pipeline.tools.calls["analyze_hum"] == len(ids)


async def test_no_more_jobs_are_claimed_than_there_are_slots() -> None:
    pipeline = Pipeline()
    ids = [await pipeline.add() for _ in range(5)]
    gate = pipeline.tools.hold("analyze_hum")
    async with pipeline.working(slots=2):
        await entered(pipeline, "analyze_hum")
        await anyio.sleep(0.1)
        assert sum(row.token for row in pipeline.jobs.rows.values()) == 2
        gate.set()
        for job_id in ids:
            await pipeline.ended(job_id)


async def test_a_worker_that_was_full_claims_for_several_slots_at_once() -> None:
    pipeline = Pipeline()
    turns = count()
    pipeline.tools.faults.delay("validate_blueprint", lambda: 0.003 * next(turns))  # jobs end one after the other
    ids = [await pipeline.add() for _ in range(40)]
    async with pipeline.working(slots=20):
        for job_id in ids:
            await pipeline.ended(job_id)
        requests = [request for (request,) in pipeline.jobs.faults.calls["claim"] if isinstance(request, ClaimRequest)]
        assert len([request for request in requests if request.slots < 5]) <= 5


async def test_one_free_slot_of_many_is_filled_all_the_same() -> None:
    pipeline = Pipeline()
    ids = [await pipeline.add() for _ in range(21)]
    gate = pipeline.tools.hold("analyze_hum")
    async with pipeline.working(slots=20):
        await entered(pipeline, "analyze_hum")
        await CancelJob(pipeline.jobs, pipeline.store)(ids[0])
        with anyio.fail_after(2):
            while sum(row.token for row in pipeline.jobs.rows.values()) < len(ids):
                await anyio.sleep(0.01)
        gate.set()
        for job_id in ids:
            await pipeline.ended(job_id)


async def test_a_long_job_keeps_its_lease() -> None:
    pipeline = Pipeline(lease=0.15)
    job_id = await pipeline.add()
    gate = pipeline.tools.hold("render_vocals")
    async with pipeline.working(lease=0.15), pipeline.working(lease=0.15, worker="w2"):
        await entered(pipeline, "render_vocals")
        await anyio.sleep(0.5)
        gate.set()
        await pipeline.ended(job_id)
    assert pipeline.jobs.rows[job_id].token == 1


async def test_a_running_job_is_cancelled_at_its_next_heartbeat_and_leaves_nothing() -> None:
    pipeline = Pipeline()
    async with pipeline.working():
        job = await cancelled_in(pipeline, "render_vocals")
    assert job.status is JobStatus.CANCELLED
    assert pipeline.tools.cancelled == ["render_vocals"]
    assert pipeline.store.objects == {}


async def test_what_a_stopped_tool_was_still_sending_is_removed_as_well() -> None:
    pipeline = Pipeline()
    async with pipeline.working():
        job = await cancelled_in(pipeline, "render_vocals")
        with anyio.fail_after(5):
            while pipeline.store.objects:
                await anyio.sleep(0.005)
        await pipeline.store.put(f"{job.id}/1/instrumental.flac", in_pieces(b"fLaC"), "audio/flac")
    assert pipeline.store.objects == {}


async def test_a_waiting_job_is_cancelled_at_once_and_leaves_nothing() -> None:
    pipeline = Pipeline()
    cancel = CancelJob(pipeline.jobs, pipeline.store)
    job_id = await pipeline.add()
    assert (await cancel(job_id)).status is JobStatus.CANCELLED
    assert await cancel(job_id) == await pipeline.job(job_id)
    assert pipeline.store.objects == {}


async def test_a_lease_that_was_taken_away_stops_the_job_and_the_others_go_on() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    gate = pipeline.tools.hold("render_vocals")
    async with pipeline.working():
        await entered(pipeline, "render_vocals")
        await pipeline.shows(job_id, JobStatus.RENDERING)
        pipeline.jobs.rows[job_id].token += 1  # another worker's claim
        with anyio.fail_after(5):
            while pipeline.tools.cancelled != ["render_vocals"]:
                await anyio.sleep(0.01)
        gate.set()
        other = await pipeline.add()
        assert (await pipeline.ended(other)).status is JobStatus.COMPLETED
    assert (await pipeline.job(job_id)).status is JobStatus.RENDERING


async def test_a_lease_that_was_taken_away_stops_the_job_at_its_next_write() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    gate = pipeline.tools.hold("analyze_hum")
    pipeline.tools.hold("render_vocals")
    async with pipeline.working(beat=5.0, lease=30.0):
        await entered(pipeline, "analyze_hum")
        pipeline.jobs.rows[job_id].token += 1  # another worker's claim
        gate.set()
        with anyio.fail_after(2):
            while pipeline.tools.cancelled != ["render_vocals"]:
                await anyio.sleep(0.01)


async def test_a_state_that_cannot_be_written_fails_its_job_and_no_other() -> None:
    pipeline = Pipeline()
    odd, other = await pipeline.add(), await pipeline.add()
    gate = pipeline.tools.hold("render_vocals")

    def is_odd(_: Lease, job: Job) -> bool:
        return job.id == odd and job.status is not JobStatus.FAILED

    refusal = pipeline.jobs.faults.fail("save", ValueError("invalid value"), times=ALWAYS, when=is_odd)
    async with pipeline.working():
        await pipeline.shows(other, JobStatus.RENDERING)
        await refusal.happened.wait()
        gate.set()
        assert (await pipeline.ended(other)).status is JobStatus.COMPLETED
        job = await pipeline.ended(odd)
    assert job.error is not None
    assert job.status is JobStatus.FAILED


async def test_a_worker_that_cannot_renew_gives_up_before_the_lease_ends() -> None:
    pipeline = Pipeline()
    await pipeline.add()
    pipeline.tools.hold("render_vocals")
    async with pipeline.working(lease=0.3):
        await entered(pipeline, "render_vocals")
        pipeline.jobs.faults.fail("heartbeat", DatabaseUnavailable("gone"), times=ALWAYS)
        with anyio.fail_after(2):
            while not pipeline.tools.cancelled:
                await anyio.sleep(0.01)


async def test_a_job_that_our_own_clock_stopped_is_not_held_because_a_heartbeat_went_through_while_it_ended() -> None:
    pipeline = Pipeline(lease=0.6)
    job_id = await pipeline.add()
    gate = pipeline.tools.hold("render_vocals")

    def is_away(*_: object) -> bool:
        """The database is back once the job was stopped, while it writes what it has."""
        return not pipeline.tools.cancelled

    for method in ("save", "heartbeat"):
        pipeline.jobs.faults.fail(method, DatabaseUnavailable("gone"), times=ALWAYS, when=is_away)
    pipeline.jobs.faults.delay("save", 0.2)
    async with pipeline.working(lease=0.6):
        await entered(pipeline, "render_vocals")
        while not pipeline.tools.cancelled:
            await anyio.sleep(0.01)
        gate.set()
        assert (await pipeline.ended(job_id)).status is JobStatus.COMPLETED


async def test_who_was_cancelled_while_its_worker_died_for_the_last_time_was_cancelled() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    row = pipeline.jobs.rows[job_id]
    for _ in range(3):
        await pipeline.jobs.claim(room_for("dies", 1))
        row.lease_expires_at = None
    row.cancel_requested = True
    async with pipeline.working(lease=5.0):
        assert (await pipeline.ended(job_id)).status is JobStatus.CANCELLED
    assert (pipeline.tools.calls["analyze_hum"], pipeline.store.objects) == (0, {})


async def test_no_claim_begins_after_a_worker_was_told_to_stop() -> None:
    pipeline = Pipeline()
    for _ in range(4):
        await pipeline.add()
    stopping = anyio.Event()

    async def stop(*_: object) -> None:
        stopping.set()
        await anyio.sleep(0.01)

    pipeline.jobs.claim_limit = 1
    pipeline.jobs.faults.before("claim", stop)
    await pipeline.loop(grace=0.0).run(stopping)
    assert len(pipeline.jobs.faults.calls["claim"]) == 1


def _of_the_first_claim(leases: Collection[Lease], _: object) -> bool:
    return any(lease.token == 1 for lease in leases)


async def test_a_claim_whose_answer_came_too_late_is_not_begun() -> None:
    pipeline = Pipeline(lease=0.3)
    job_id = await pipeline.add()
    pipeline.jobs.faults.delay("claim", 0.3, times=1, after=True)
    # A heartbeat that happens to go out in the same instant would renew the lease, and the job could begin after all.
    pipeline.jobs.faults.fail("heartbeat", DatabaseUnavailable("away"), times=ALWAYS, when=_of_the_first_claim)
    async with pipeline.working(lease=0.3):
        await pipeline.ended(job_id)
    assert pipeline.jobs.rows[job_id].token == 2
    assert pipeline.tools.calls["analyze_hum"] == 1


async def test_a_database_that_is_away_while_a_stage_ends_costs_neither_an_attempt_nor_a_render() -> None:
    pipeline = Pipeline()

    def ends_a_stage(_: Lease, job: Job) -> bool:
        return bool(job.checkpoints)

    pipeline.jobs.faults.fail("save", DatabaseUnavailable("restarting"), times=2, when=ends_a_stage)
    job_id = await pipeline.add()
    async with pipeline.working(lease=5.0):
        assert (await pipeline.ended(job_id)).status is JobStatus.COMPLETED
    assert pipeline.jobs.rows[job_id].token == 1
    assert pipeline.tools.calls["render_vocals"] == 1


async def test_a_database_that_is_away_is_left_alone_for_a_moment_by_all_jobs_together(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pipeline = Pipeline()
    pipeline.jobs.faults.fail("save", DatabaseUnavailable("gone"), times=ALWAYS)
    pipeline.tools.hold("render_vocals")
    for _ in range(3):
        await pipeline.add()
    async with pipeline.working(lease=5.0, grace=0.0):
        await entered(pipeline, "render_vocals")
        await anyio.sleep(0.7)
        leases = [lease for lease, _ in pipeline.jobs.faults.calls["save"]]
        assert len(leases) == len(set(leases)) == 3
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warnings == ["the database: gone (database_unavailable); states are written later"]


async def test_draining_lets_running_jobs_finish_and_claims_no_more() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    gate = pipeline.tools.hold("render_vocals")
    async with pipeline.working(grace=5.0) as stopping:
        await entered(pipeline, "render_vocals")
        stopping.set()
        await anyio.sleep(0.05)
        late = await pipeline.add()
        gate.set()
    assert (await pipeline.job(job_id)).status is JobStatus.COMPLETED
    assert pipeline.jobs.rows[late].token == 0


async def test_after_the_grace_period_the_rest_is_released_uncounted() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.hold("render_vocals")
    async with pipeline.working(grace=0.05) as stopping:
        await entered(pipeline, "render_vocals")
        stopping.set()
    row = pipeline.jobs.rows[job_id]
    assert (row.attempt, row.lease_expires_at, row.job.status) == (0, None, "RENDERING")
    async with pipeline.working():
        pipeline.tools.holds["render_vocals"].set()
        assert (await pipeline.ended(job_id)).status is JobStatus.COMPLETED
    assert pipeline.tools.calls["analyze_hum"] == 1


async def test_a_worker_that_is_stopped_at_once_still_releases() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.hold("render_vocals")
    async with anyio.create_task_group() as group:
        group.start_soon(pipeline.loop().run, anyio.Event())
        await entered(pipeline, "render_vocals")
        group.cancel_scope.cancel()
    row = pipeline.jobs.rows[job_id]
    assert (row.attempt, row.lease_expires_at) == (0, None)


async def test_the_loop_survives_a_database_that_is_away() -> None:
    pipeline = Pipeline()
    pipeline.jobs.faults.fail("claim", DatabaseUnavailable("restarting"), times=3)
    job_id = await pipeline.add()
    async with pipeline.working():
        assert (await pipeline.ended(job_id)).status is JobStatus.COMPLETED


async def test_a_claim_whose_response_was_lost_costs_its_jobs_nothing() -> None:
    pipeline = Pipeline(lease=60.0)
    ids = [await pipeline.add() for _ in range(4)]
    pipeline.jobs.faults.fail("claim", DatabaseUnavailable("the response is lost"), after=True)
    async with pipeline.working():
        jobs = [await pipeline.ended(job_id) for job_id in ids]
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert {(row.attempt, row.crashes) for row in pipeline.jobs.rows.values()} == {(1, 0)}

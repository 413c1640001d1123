"""Writing behind the stages: what is written, how often, and in which order."""

from itertools import pairwise

import anyio
import pytest

from application.ports.jobs import DatabaseUnavailable
from application.worker.claimed_job import ClaimedJob
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import ALWAYS
from tests.support.jobs import STARTED, room_for
from tests.support.pipeline import Pipeline

pytestmark = pytest.mark.anyio


async def a_run(pipeline: Pipeline) -> ClaimedJob:
    """Claim a job that was just sent."""
    await pipeline.add()
    (claim,) = await pipeline.jobs.claim(room_for("w1", 1))
    return ClaimedJob(claim, pipeline.jobs, lambda: 0.02)


async def test_two_who_wait_for_the_same_version_share_one_write() -> None:
    pipeline = Pipeline()
    run = await a_run(pipeline)
    pipeline.jobs.faults.delay("save", 0.01)
    run.record(STARTED)
    async with anyio.create_task_group() as group:
        group.start_soon(run.flush_until_written)
        group.start_soon(run.flush_until_written)
    ((_, saved),) = pipeline.jobs.faults.calls["save"]
    assert saved == run.job
    assert run.job.version == 1
    assert (await pipeline.job(run.job.id)).status is JobStatus.ANALYZING


async def test_a_job_that_is_stopped_writes_what_is_left() -> None:
    pipeline = Pipeline()
    run = await a_run(pipeline)
    pipeline.tools.hold("render_vocals")
    async with anyio.create_task_group() as group:
        group.start_soon(pipeline.run_job, run)
        await pipeline.tools.entered["render_vocals"].wait()
        assert (await pipeline.job(run.job.id)).status is JobStatus.PENDING
        group.cancel_scope.cancel()
    assert (await pipeline.job(run.job.id)).status is JobStatus.RENDERING


async def test_a_job_that_is_stopped_while_the_database_is_away_is_stopped_all_the_same() -> None:
    pipeline = Pipeline()
    run = await a_run(pipeline)
    pipeline.jobs.faults.fail("save", DatabaseUnavailable("gone"), times=ALWAYS)
    pipeline.tools.hold("render_vocals")
    with anyio.move_on_after(0.05) as scope:
        await pipeline.run_job(run)
    assert scope.cancelled_caught


async def test_while_the_database_is_away_what_must_not_be_lost_is_tried_less_and_less_often() -> None:
    pipeline = Pipeline()
    run, tries = await a_run(pipeline), list[float]()

    async def note_time(*_: object) -> None:
        tries.append(anyio.current_time())

    pipeline.jobs.faults.before("save", note_time)
    pipeline.jobs.faults.fail("save", DatabaseUnavailable("restarting"), times=3)
    run.record(STARTED)
    await run.flush_until_written()
    waited = [later - earlier for earlier, later in pairwise(tries)]
    assert [wait >= least for wait, least in zip(waited, (0.01, 0.02, 0.04), strict=True)] == [True] * 3
    assert (await pipeline.job(run.job.id)).status is JobStatus.ANALYZING

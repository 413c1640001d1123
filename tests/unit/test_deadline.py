"""Deadlines: a job ends in its time, whatever it is that takes so long."""

from datetime import timedelta
from typing import NamedTuple

import anyio
import pytest

from application.ports.tools import ToolsUnavailable
from application.worker.run_job import RunJob
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from tests.support.pipeline import Pipeline, now

pytestmark = pytest.mark.anyio


class Late(NamedTuple):
    """A pipeline whose jobs have little time, and whose clock can be set forward."""

    pipeline: Pipeline
    ahead: list[timedelta]

    async def run_once(self, job_id: JobId) -> Job:
        (claim,) = await self.pipeline.jobs.claim("w", 1)
        await self.pipeline.run_job(self.pipeline.run_job.accept(claim))
        return await self.pipeline.job(job_id)


def late(timeout: float, chance: float = 0.0) -> Late:
    pipeline, ahead = Pipeline(), [timedelta(0)]
    pipeline.run_job = RunJob(
        pipeline.jobs, pipeline.store, pipeline.stages, lambda: now() + ahead[0], lambda: chance, timeout=timeout
    )
    return Late(pipeline, ahead)


def code(job: Job) -> str:
    assert job.error is not None
    return job.error.code


@pytest.mark.parametrize("tool", ["offered", "analyze_hum", "render_vocals", "synthesize_preview"])
async def test_a_job_in_which_a_tool_hangs_fails_and_its_tool_is_cancelled(tool: str) -> None:
    case = late(timeout=0.3)
    job_id = await case.pipeline.add()
    case.pipeline.tools.hold(tool)
    with anyio.fail_after(5):
        job = await case.run_once(job_id)
    assert (job.status, code(job)) == (JobStatus.FAILED, "deadline_exceeded")
    assert set(case.pipeline.tools.cancelled) == {tool}
    assert job.keeps_objects  # it may be retried by an operator
    assert f"{job_id}/original" in case.pipeline.store.objects


async def test_waiting_for_the_first_worker_does_not_count() -> None:
    case = late(timeout=60)
    job_id = await case.pipeline.add()
    case.ahead[0] = timedelta(days=1)
    assert (await case.run_once(job_id)).status is JobStatus.COMPLETED


async def test_time_that_lost_workers_and_retries_took_counts() -> None:
    case = late(timeout=60)
    job_id = await case.pipeline.add()
    case.pipeline.tools.fail("render_vocals", ToolsUnavailable("down for a moment"))
    assert (await case.run_once(job_id)).status is JobStatus.RENDERING
    case.ahead[0] = timedelta(seconds=61)
    job = await case.run_once(job_id)
    assert (job.status, code(job)) == (JobStatus.FAILED, "deadline_exceeded")
    assert case.pipeline.tools.calls["render_vocals"] == 1


async def test_a_retry_is_due_no_later_than_the_deadline() -> None:
    case = late(timeout=0.05, chance=0.999)
    job_id = await case.pipeline.add()
    case.pipeline.tools.fail("analyze_hum", ToolsUnavailable("down for a moment"))
    assert (await case.run_once(job_id)).status is JobStatus.ANALYZING
    assert case.pipeline.jobs.rows[job_id].run_at <= now() + timedelta(seconds=0.05)
    async with case.pipeline.working():
        job = await case.pipeline.ended(job_id)
    assert (job.status, code(job)) == (JobStatus.FAILED, "deadline_exceeded")
    assert case.pipeline.tools.calls["analyze_hum"] == 1

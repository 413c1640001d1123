"""Deadlines: a job ends in its time, by the database's clock; only what it was worked on counts."""

from datetime import timedelta
from typing import NamedTuple

import anyio
import pytest

from application.ports.tools import ToolFailed, ToolsUnavailable
from application.worker.run_job import RunJob
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import ALWAYS
from tests.support.jobs import room_for
from tests.support.pipeline import Pipeline, now

pytestmark = pytest.mark.anyio


class Late(NamedTuple):
    """A pipeline whose jobs have little time, and whose database's clock can be set forward."""

    pipeline: Pipeline
    ahead: list[timedelta]

    async def run_once(self, job_id: JobId) -> Job:
        (claim,) = await self.pipeline.jobs.claim(room_for("w", 1))
        await self.pipeline.run_job(self.pipeline.run_job.accept(claim))
        return await self.pipeline.job(job_id)

    async def lose_worker(self) -> None:
        """Let a worker claim the job and be silent for all of its lease."""
        await self.pipeline.jobs.claim(room_for("a worker that dies", 1))
        self.ahead[0] += timedelta(seconds=self.pipeline.lease + 0.01)


def late(timeout: float, lease: float = 0.6) -> Late:
    ahead = [timedelta(0)]
    pipeline = Pipeline(lease=lease, clock=lambda: now() + ahead[0])
    pipeline.run_job = RunJob(
        pipeline.jobs, pipeline.store, pipeline.stages, pipeline.dependencies, lambda: 0.0, timeout=timeout
    )
    return Late(pipeline, ahead)


def code(job: Job) -> str:
    assert job.error is not None
    return job.error.code


@pytest.mark.parametrize("tool", ["offers", "analyze_hum", "render_vocals", "synthesize_preview"])
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


@pytest.mark.parametrize("part", ["tools", "store"])
async def test_a_job_that_hangs_because_something_is_away_waits_for_it(part: str) -> None:
    case = late(timeout=0.3)
    job_id = await case.pipeline.add()
    gate = case.pipeline.tools.hold("render_vocals")
    away = case.pipeline.tools.faults if part == "tools" else case.pipeline.store.faults
    away.fail("ping", ToolsUnavailable("away"), times=ALWAYS)
    job = await case.run_once(job_id)
    assert job.status is JobStatus.RENDERING
    gate.set()
    row = case.pipeline.jobs.rows[job_id]
    assert (row.errors, row.worked, row.reason) == (0, timedelta(0), "tools_unavailable")
    assert (await case.run_once(job_id)).status is JobStatus.COMPLETED


async def test_waiting_for_the_first_worker_does_not_count() -> None:
    case = late(timeout=60)
    job_id = await case.pipeline.add()
    case.ahead[0] = timedelta(hours=23)
    assert (await case.run_once(job_id)).status is JobStatus.COMPLETED


async def test_waiting_for_the_next_attempt_does_not_count() -> None:
    case = late(timeout=60)
    job_id = await case.pipeline.add()
    case.pipeline.tools.fail("render_vocals", ToolFailed("out of tune"))
    assert (await case.run_once(job_id)).status is JobStatus.RENDERING
    case.ahead[0] = timedelta(hours=1)
    assert (await case.run_once(job_id)).status is JobStatus.COMPLETED


async def test_the_time_of_lost_workers_counts() -> None:
    case = late(timeout=100, lease=60.0)
    job_id = await case.pipeline.add()
    for _ in range(2):
        await case.lose_worker()
    job = await case.run_once(job_id)
    assert (job.status, code(job)) == (JobStatus.FAILED, "deadline_exceeded")
    assert [attempt.code for attempt in job.attempts] == ["worker_lost"]


async def test_a_job_that_is_too_old_expires_and_keeps_its_recording() -> None:
    case = late(timeout=60)
    job_id = await case.pipeline.add()
    case.ahead[0] = timedelta(hours=24, seconds=1)
    job = await case.run_once(job_id)
    assert (job.status, code(job)) == (JobStatus.FAILED, "expired")
    assert job.keeps_objects
    assert not job.refused
    assert not case.pipeline.tools.calls["analyze_hum"]


async def test_a_job_that_waited_past_the_deadline_of_its_request_is_ended_without_being_begun() -> None:
    case = late(timeout=60)
    job_id = await case.pipeline.add()
    case.pipeline.jobs.rows[job_id].deadline = now() + timedelta(seconds=30)
    case.ahead[0] += timedelta(seconds=31)
    job = await case.run_once(job_id)
    assert (job.status, code(job)) == (JobStatus.FAILED, "deadline_passed")
    assert not case.pipeline.tools.calls
    assert job.keeps_objects


async def test_a_job_is_stopped_at_the_deadline_of_its_request() -> None:
    case = late(timeout=60)
    job_id = await case.pipeline.add()
    case.pipeline.jobs.rows[job_id].deadline = now() + timedelta(seconds=0.3)
    case.pipeline.tools.hold("render_vocals")
    with anyio.fail_after(5):
        job = await case.run_once(job_id)
    assert (job.status, code(job)) == (JobStatus.FAILED, "deadline_passed")
    assert set(case.pipeline.tools.cancelled) == {"render_vocals"}


async def test_the_limit_of_work_ends_a_job_before_a_later_deadline() -> None:
    case = late(timeout=0.3)
    job_id = await case.pipeline.add()
    case.pipeline.jobs.rows[job_id].deadline = now() + timedelta(seconds=60)
    case.pipeline.tools.hold("render_vocals")
    assert code(await case.run_once(job_id)) == "deadline_exceeded"

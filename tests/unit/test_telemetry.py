"""What a worker reports: every job from its claim to its end, with the ids that join it to its request."""

from collections.abc import Sequence
from typing import TypeVar

import anyio
import msgspec
import pytest

from application import telemetry
from application.moments.cancel_job import CancelJob
from application.moments.submit_moment import Upload
from application.ports.tools import ToolFailed
from application.telemetry import (
    CancellationReceived,
    JobClaimed,
    JobEnded,
    JobRetried,
    LeaseDropped,
    StageFinished,
    TelemetryEvent,
)
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.pipeline import CONFIG, Pipeline, PollingListener, a_work_loop

pytestmark = pytest.mark.anyio

E = TypeVar("E")


class Recorder:
    """Implements `Telemetry`; keeps every event with the ids of the task that emitted it."""

    def __init__(self) -> None:
        self.heard: list[tuple[TelemetryEvent, str, str]] = []

    def emit(self, event: TelemetryEvent) -> None:
        self.heard.append((event, telemetry.job_id.get(), telemetry.request_id.get()))

    def all(self, kind: type[E]) -> Sequence[E]:
        """Return the events of one kind."""
        return [event for event, _, _ in self.heard if isinstance(event, kind)]


class Watched:
    """A pipeline whose worker reports to a recorder."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()
        self.recorder = Recorder()

    async def add(self, request_id: str = "") -> JobId:
        return (await self.pipeline.submit(Upload(hum=self.pipeline.hum(), request_id=request_id))).id

    async def run(self, job_id: JobId, beat: float = CONFIG.beat) -> None:
        """Work until the job has ended."""
        config = msgspec.structs.replace(CONFIG, beat=beat)
        pipeline = self.pipeline
        loop = a_work_loop(
            pipeline.jobs, PollingListener(), pipeline.tools, pipeline.store, config, telemetry=self.recorder
        )
        stopping = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(loop.run, stopping)
            await self.pipeline.ended(job_id)
            stopping.set()


async def test_a_job_is_reported_from_its_claim_to_its_end() -> None:
    watched = Watched()
    job_id = await watched.add("r-1")
    await watched.run(job_id)
    stages = [JobStatus.PENDING, JobStatus.ANALYZING, JobStatus.RENDERING, JobStatus.MIXING]
    assert watched.recorder.all(JobClaimed) == [JobClaimed(job_id, JobStatus.PENDING, 1)]
    assert [finished.stage for finished in watched.recorder.all(StageFinished)] == stages
    (ended,) = watched.recorder.all(JobEnded)
    assert (ended.job_id, ended.status, ended.attempt, ended.error_code) == (job_id, "COMPLETED", 1, "")
    assert {(job, request) for _, job, request in watched.recorder.heard} == {(str(job_id), "r-1")}


async def test_an_attempt_that_failed_and_its_last_one_are_reported() -> None:
    watched = Watched()
    watched.pipeline.tools.fail("analyze_hum", *[ToolFailed("out of tune")] * 3)
    job_id = await watched.add()
    await watched.run(job_id)
    retries = watched.recorder.all(JobRetried)
    assert [(retry.attempt, retry.error_code) for retry in retries] == [
        (1, "tool_failed"),
        (2, "tool_failed"),
    ]
    (ended,) = watched.recorder.all(JobEnded)
    assert (ended.status, ended.attempt, ended.error_code, ended.error_message) == (
        "FAILED", 3, "tool_failed", "out of tune",
    )  # fmt: skip


async def test_a_cancellation_is_reported_once_however_many_heartbeats_bring_it() -> None:
    watched = Watched()
    watched.pipeline.tools.hold("render_vocals")
    job_id = await watched.add("r-1")
    async with anyio.create_task_group() as group:
        group.start_soon(watched.run, job_id)
        await watched.pipeline.tools.entered["render_vocals"].wait()
        await CancelJob(watched.pipeline.jobs, watched.pipeline.store)(job_id)
    assert watched.recorder.all(CancellationReceived) == [CancellationReceived(job_id)]
    assert {(job, request) for _, job, request in watched.recorder.heard} == {(str(job_id), "r-1")}
    assert [ended.status for ended in watched.recorder.all(JobEnded)] == ["CANCELLED"]


async def test_a_lost_lease_is_reported_and_no_end() -> None:
    watched = Watched()
    watched.pipeline.tools.hold("render_vocals")
    job_id = await watched.add()
    async with anyio.create_task_group() as group:
        group.start_soon(watched.run, job_id)
        await watched.pipeline.tools.entered["render_vocals"].wait()
        watched.pipeline.jobs.rows[job_id].token += 1  # another worker's claim
        while not watched.recorder.all(LeaseDropped):
            await anyio.sleep(0.01)
        assert watched.recorder.all(JobEnded) == []
        group.cancel_scope.cancel()
    (dropped,) = watched.recorder.all(LeaseDropped)
    assert dropped.job_id == job_id

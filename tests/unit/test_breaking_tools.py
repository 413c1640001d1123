"""Jobs under whose calls the music tools break down: who is suspected, and what it takes to fail one."""

import anyio
import pytest

from application.ports.queue import LeaseLost
from application.ports.tools import ToolFailed, ToolsLost, ToolsUnavailable
from application.worker.endings import deciding_error
from domain.blueprints.blueprint import OutputKind
from domain.errors import BadAudio
from domain.jobs.attempts import ALONE_AFTER, LONGEST_WATCH, MAX_BREAKS, SHORTEST_WATCH, Attempt, watch_seconds
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import ALWAYS
from tests.support.jobs import NOW
from tests.support.pipeline import Pipeline

pytestmark = pytest.mark.anyio

LOST = ToolsLost("cut")


@pytest.fixture
def _short_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.jobs.attempts.SHORTEST_WATCH", 0.01)
    monkeypatch.setattr("application.worker.dependencies.WATCH_PAUSE", 0.001)


@pytest.mark.usefixtures("_short_watch")
async def test_a_job_that_breaks_the_tools_each_time_fails_and_keeps_its_recording() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.tools.faults.fail("render_vocals", LOST, times=ALWAYS)
    async with pipeline.working():
        job = await pipeline.ended(job_id)
    assert job.error is not None
    assert (job.status, job.error.code, job.error.permanent) == (JobStatus.FAILED, "breaks_tools", False)
    assert job.keeps_objects
    alone = MAX_BREAKS - ALONE_AFTER
    assert [(attempt.code, attempt.counted) for attempt in job.attempts] == (
        [("tools_lost", False)] * ALONE_AFTER + [("tools_lost", True)] * alone
    )
    assert pipeline.jobs.rows[job_id].errors == 0


@pytest.mark.usefixtures("_short_watch")
async def test_a_break_does_not_count_where_the_tools_break_down_without_the_job_as_well() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.jobs.rows[job_id].breaks = MAX_BREAKS - 1
    pipeline.tools.faults.fail("analyze_hum", LOST, times=3)

    def is_watched(*_: object) -> bool:
        return pipeline.tools.calls["ping"] % 2 == 0  # the first ping after a break succeeds, the second fails

    pipeline.tools.faults.fail("ping", ToolsUnavailable("away"), times=3, when=is_watched)
    async with pipeline.working():
        job = await pipeline.ended(job_id)
    assert job.status is JobStatus.COMPLETED
    assert [(attempt.code, attempt.counted) for attempt in job.attempts] == [("tools_lost", False)] * 3


@pytest.mark.usefixtures("_short_watch")
async def test_a_suspect_waits_for_the_others_and_nothing_begins_beside_it() -> None:
    pipeline = Pipeline()
    end = pipeline.tools.hold("render_vocals")
    running = [await pipeline.add() for _ in range(2)]
    async with pipeline.working():
        for job_id in running:
            await pipeline.shows(job_id, JobStatus.RENDERING)
        pipeline.jobs.paused = set(OutputKind)
        suspect, later = await pipeline.add(), await pipeline.add()
        pipeline.jobs.rows[suspect].breaks, pipeline.jobs.rows[suspect].priority = ALONE_AFTER, 1
        pipeline.jobs.paused = set()
        with anyio.fail_after(5):
            while not pipeline.jobs.rows[suspect].lease_expires_at:
                await anyio.sleep(0.005)
        await anyio.sleep(0.2)  # several polls
        untouched = [(await pipeline.job(job_id)).status for job_id in (suspect, later)]
        end.set()
        jobs = [await pipeline.ended(job_id) for job_id in (*running, suspect, later)]
    assert untouched == [JobStatus.PENDING] * 2
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    *others, alone, last = jobs
    assert all(job.history[-1].at <= alone.history[1].at for job in others)
    assert alone.history[-1].at <= last.history[1].at


def test_the_tools_are_watched_for_a_multiple_of_the_longest_time_that_a_job_took_to_break_them() -> None:
    def after(latest: float, **before: float) -> float:
        attempts = [Attempt(at=NOW, worker="w", code=code, seconds=seconds) for code, seconds in before.items()]
        return watch_seconds(attempts, latest)

    assert after(0.1) == SHORTEST_WATCH
    assert after(0.1, tools_lost=5.0, tool_failed=9.0) == 20.0
    assert after(6.0, tools_lost=5.0) == 24.0
    assert after(300.0) == LONGEST_WATCH


def test_lost_tools_decide_unless_the_input_is_bad_or_the_lease_lost() -> None:
    errors = [ToolsUnavailable("refused"), LOST, ToolFailed("odd"), BadAudio("silence"), LeaseLost("gone")]
    for last in range(1, len(errors)):
        decides = [ToolsUnavailable, ToolsLost, ToolsLost, BadAudio, LeaseLost][last]
        assert isinstance(deciding_error(ExceptionGroup("", errors[: last + 1])), decides)

"""Write-behind: when states are written, and that nobody wakes when there is nothing to write or to renew."""

from collections import UserDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anyio
import pytest

from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import JobLocked
from application.telemetry import NO_TELEMETRY
from application.worker.claimed_job import ClaimedJob
from application.worker.database_outage import DatabaseOutage
from application.worker.in_flight_job import InFlightJob
from application.worker.lease_renewer import LeaseRenewer
from application.worker.state_flusher import FLUSH_SECONDS, StateFlusher
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import ALWAYS
from tests.support.jobs import FAILED, STARTED, room_for
from tests.support.pipeline import Pipeline, PollingListener

pytestmark = pytest.mark.anyio


class JobsInFlight(UserDict[JobId, InFlightJob]):
    """The jobs in flight, and how often somebody looked at them."""

    looks = 0

    def __iter__(self) -> Iterator[JobId]:
        self.looks += 1
        return super().__iter__()

    def __len__(self) -> int:
        self.looks += 1
        return super().__len__()


class Flushing:
    """A flusher over fakes."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()
        self.in_flight = JobsInFlight()
        self.outage = DatabaseOutage()
        self.flusher = StateFlusher(self.in_flight, lambda: 0.0, self.outage)

    async def claim(self) -> ClaimedJob:
        """Put a new job in flight."""
        await self.pipeline.add()
        (claim,) = await self.pipeline.jobs.claim(room_for("w1", 1))
        claimed = ClaimedJob(claim, self.pipeline.jobs, lambda: 0.0, self.flusher.wake)
        self.in_flight[claim.job.id] = InFlightJob(claimed, anyio.current_time() + 60, NO_TELEMETRY)
        return claimed

    async def status(self, claimed: ClaimedJob) -> JobStatus:
        return (await self.pipeline.job(claimed.job.id)).status

    @property
    def saves(self) -> int:
        return len(self.pipeline.jobs.faults.calls["save"])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the flusher for the duration of the block."""
        async with anyio.create_task_group() as group:
            group.start_soon(self.flusher.run, group)
            yield
            group.cancel_scope.cancel()


async def test_a_flusher_sleeps_while_nothing_is_recorded() -> None:
    flushing = Flushing()
    await flushing.claim()
    async with flushing.running():
        await anyio.sleep(5 * FLUSH_SECONDS)
    assert (flushing.in_flight.looks, flushing.saves) == (0, 0)


async def test_what_was_recorded_is_written_soon_and_then_the_flusher_sleeps_again() -> None:
    flushing = Flushing()
    first, second = await flushing.claim(), await flushing.claim()
    async with flushing.running():
        for job in (first, second):
            job.record(STARTED)
            await anyio.sleep(3 * FLUSH_SECONDS)
        looks = flushing.in_flight.looks
        await anyio.sleep(5 * FLUSH_SECONDS)
    assert [await flushing.status(job) for job in (first, second)] == [JobStatus.ANALYZING] * 2
    assert (flushing.in_flight.looks, flushing.saves) == (looks, 2)


async def test_what_is_recorded_while_the_state_before_is_written_is_written_as_well() -> None:
    flushing = Flushing()
    job = await flushing.claim()
    flushing.pipeline.jobs.faults.delay("save", 3 * FLUSH_SECONDS, times=1)
    async with flushing.running():
        job.record(STARTED)
        await anyio.sleep(1.5 * FLUSH_SECONDS)
        assert job.is_writing
        job.record(FAILED)
        with anyio.fail_after(5):
            while await flushing.status(job) is not JobStatus.FAILED:
                await anyio.sleep(0.01)


async def test_a_write_that_failed_is_repeated_though_nothing_more_is_recorded() -> None:
    flushing = Flushing()
    job = await flushing.claim()
    flushing.pipeline.jobs.faults.fail("save", DatabaseUnavailable("restarting"), times=1)
    async with flushing.running():
        job.record(STARTED)
        with anyio.fail_after(5):
            while await flushing.status(job) is not JobStatus.ANALYZING:
                await anyio.sleep(0.01)
    assert flushing.saves == 2


async def test_a_job_whose_row_is_locked_waits_alone(caplog: pytest.LogCaptureFixture) -> None:
    flushing = Flushing()
    held, free = await flushing.claim(), await flushing.claim()
    refusal = flushing.pipeline.jobs.faults.fail(
        "save", JobLocked("somebody has it"), times=ALWAYS, when=lambda lease, _: lease == held.lease
    )
    async with flushing.running():
        held.record(STARTED)
        await refusal.happened.wait()
        free.record(STARTED)
        with anyio.fail_after(0.6):  # a database that is away is left alone for a second
            while await flushing.status(free) is not JobStatus.ANALYZING:
                await anyio.sleep(0.01)
        refusal.left = 0
        with anyio.fail_after(0.6):
            while await flushing.status(held) is not JobStatus.ANALYZING:
                await anyio.sleep(0.01)
    assert "the database: " not in caplog.text
    assert "is not written yet: somebody has it" in caplog.text


async def test_heartbeats_begin_with_a_job_in_flight_and_end_with_it() -> None:
    flushing = Flushing()
    beats = flushing.pipeline.jobs.faults.calls["heartbeat"]
    renewer = LeaseRenewer(
        flushing.pipeline.jobs, PollingListener(), flushing.in_flight, lease=1.0, beat=0.01, outage=flushing.outage
    )
    async with anyio.create_task_group() as group:
        group.start_soon(renewer.run)
        await anyio.sleep(0.1)
        assert flushing.in_flight.looks == 0
        await flushing.claim()
        renewer.wake()
        with anyio.fail_after(5):
            while len(beats) < 3:
                await anyio.sleep(0.01)
        flushing.in_flight.clear()
        await anyio.sleep(0.1)
        looks = flushing.in_flight.looks
        await anyio.sleep(0.1)
        assert flushing.in_flight.looks == looks
        group.cancel_scope.cancel()

"""Why a job in flight stops: the weightiest reason decides, and each is reported once."""

import anyio
import pytest

from application.telemetry import CancellationReceived, LeaseDropped, TelemetryEvent
from application.worker.claimed_job import ClaimedJob
from application.worker.in_flight_job import InFlightJob, StopReason
from tests.support.jobs import room_for
from tests.support.pipeline import Pipeline

pytestmark = pytest.mark.anyio


class Stopping:
    """A job in flight and what it reported."""

    def __init__(self) -> None:
        self.events: list[TelemetryEvent] = []

    def emit(self, event: TelemetryEvent) -> None:
        self.events.append(event)

    async def stop(self, *ways: str, seconds: float = 60.0) -> StopReason | None:
        """Stop a job in these ways while it waits; return why it stopped."""
        pipeline = Pipeline()
        await pipeline.add()
        (claim,) = await pipeline.jobs.claim(room_for("w1", 1))
        claimed = ClaimedJob(claim, pipeline.jobs, lambda: 0.0)
        job = InFlightJob(claimed, anyio.current_time() + seconds, self)
        with job.scope:
            for way in ways:
                job.lose("taken") if way == "lose" else getattr(job, way)()
            await anyio.sleep(0.01)
        return job.stopped_by


@pytest.mark.parametrize(
    ("ways", "reason"),
    [
        ([], None),
        (["release"], StopReason.RELEASED),
        (["cancel"], StopReason.CANCELLED),
        (["release", "cancel"], StopReason.CANCELLED),
        (["cancel", "release"], StopReason.CANCELLED),
        (["lose", "cancel", "release"], StopReason.LEASE_LOST),
        (["release", "cancel", "lose"], StopReason.LEASE_LOST),
    ],
)
async def test_the_weightiest_reason_decides(ways: list[str], reason: StopReason | None) -> None:
    assert await Stopping().stop(*ways) is reason


async def test_a_job_whose_lease_nearly_ended_stops_by_our_own_clock() -> None:
    assert await Stopping().stop(seconds=-1.0) is StopReason.LEASE_EXPIRED
    assert await Stopping().stop("release", seconds=-1.0) is StopReason.RELEASED


async def test_each_reason_is_reported_once() -> None:
    stopping = Stopping()
    await stopping.stop("cancel", "cancel", "lose", "lose", "cancel")
    assert [type(event) for event in stopping.events] == [CancellationReceived, LeaseDropped]

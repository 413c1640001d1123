"""What a worker logs of an outage of its database, whoever meets it."""

import logging

import anyio
import pytest

from application.ports.jobs import DatabaseUnavailable
from application.worker.database_outage import DatabaseOutage
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import ALWAYS
from tests.support.pipeline import Pipeline

pytestmark = pytest.mark.anyio

DOWN = "the database: gone (database_unavailable); states are written later"


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Provide the clock of an outage, as its only item."""
    clock = [100.0]
    monkeypatch.setattr(anyio, "current_time", lambda: clock[0])
    return clock


def levels(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [(record.levelno, record.getMessage()) for record in caplog.records if "the database: " in record.msg]


def test_an_outage_is_one_line_down_and_one_up(seconds: list[float], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outage = DatabaseOutage()
    for _ in range(2):
        caplog.clear()
        outage.answered()
        for _ in range(3):
            outage.failed(DatabaseUnavailable("gone"))
            seconds[0] += 2.0
        outage.answered()
        outage.answered()
        assert levels(caplog) == [
            (logging.WARNING, DOWN),
            (logging.DEBUG, DOWN),
            (logging.DEBUG, DOWN),
            (logging.INFO, "the database: well again after 6.0 s"),
        ]


def test_a_response_amid_failures_does_not_end_it(seconds: list[float], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    outage = DatabaseOutage()
    for _ in range(5):
        outage.failed(DatabaseUnavailable("gone"))
        seconds[0] += 0.5
        outage.answered()
    assert levels(caplog) == [(logging.WARNING, DOWN)]


async def test_claims_heartbeats_and_writes_tell_of_one_outage_together(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    pipeline = Pipeline()
    gate = pipeline.tools.hold("render_vocals")
    job_id = await pipeline.add()
    async with pipeline.working(lease=30.0):
        with anyio.fail_after(5):
            await pipeline.tools.entered["render_vocals"].wait()
        await pipeline.shows(job_id, JobStatus.RENDERING)
        faults = [
            pipeline.jobs.faults.fail(method, DatabaseUnavailable("gone"), times=ALWAYS)
            for method in ("claim", "heartbeat", "save")
        ]
        gate.set()  # the end of the stage is written until it is
        with anyio.fail_after(5):
            for fault in faults:
                await fault.happened.wait()
        for fault in faults:
            fault.left = 0
        assert (await pipeline.ended(job_id)).status is JobStatus.COMPLETED
        with anyio.fail_after(5):
            while len(levels(caplog)) < 2:
                await anyio.sleep(0.01)
    (down, up) = levels(caplog)
    assert down == (logging.WARNING, DOWN)
    assert up[0] == logging.INFO
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [DOWN]

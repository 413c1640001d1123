"""Telemetry as log lines: which events are logged, at which level, with which fields."""

import logging
from typing import get_args

import pytest

from adapters.telemetry.structured_logs import LINES, StructuredLogs
from application.telemetry import JobEnded, RequestServed, TelemetryEvent, ToolCalled
from domain.jobs.transitions import JobStatus
from tests.support.jobs import JOB_ID, a_job_that_is


def logged(caplog: pytest.LogCaptureFixture, event: TelemetryEvent) -> logging.LogRecord | None:
    """Return the line that an event leaves at level INFO."""
    with caplog.at_level(logging.INFO):
        StructuredLogs().emit(event)
    return caplog.records[-1] if caplog.records else None


def served(route: str, status: int) -> RequestServed:
    return RequestServed(method="GET", route=route, status=status, seconds=0.0123)


def test_every_event_has_a_line() -> None:
    assert set(LINES) == set(get_args(TelemetryEvent))


def test_a_finished_job_leaves_one_line(caplog: pytest.LogCaptureFixture) -> None:
    line = logged(caplog, JobEnded.of(a_job_that_is(JobStatus.COMPLETED), 2))
    assert line is not None
    assert (line.levelname, line.message) == ("INFO", "job ended")
    assert (line.job_id, line.status, line.attempt, line.seconds) == (JOB_ID, "COMPLETED", 2, 0.0)  # type: ignore[attr-defined]
    assert not hasattr(line, "error_code")


def test_a_failed_job_leaves_a_warning_with_its_error(caplog: pytest.LogCaptureFixture) -> None:
    line = logged(caplog, JobEnded.of(a_job_that_is(JobStatus.FAILED), 1))
    assert line is not None
    assert (line.levelname, line.error_code) == ("WARNING", "hum_silent")  # type: ignore[attr-defined]


def test_requests_leave_a_line_with_their_milliseconds(caplog: pytest.LogCaptureFixture) -> None:
    line = logged(caplog, served("/v1/create-moment", 202))
    assert line is not None
    assert (line.method, line.route, line.status, line.ms) == ("GET", "/v1/create-moment", 202, 12.3)  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [200, 304])
def test_polling_leaves_no_line(caplog: pytest.LogCaptureFixture, status: int) -> None:
    assert logged(caplog, served("/v1/status/{job_id}", status)) is None


@pytest.mark.parametrize("status", [0, 404, 503])
def test_polling_in_vain_leaves_a_line(caplog: pytest.LogCaptureFixture, status: int) -> None:
    assert logged(caplog, served("/v1/status/{job_id}", status)) is not None


def test_details_need_the_level_debug(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(caplog, ToolCalled("analyze_hum", 1.0)) is None

"""Telemetry as log lines: which events are logged, at which level, with which fields."""

import logging
from typing import get_args

import pytest
import structlog
from structlog.testing import LogCapture
from structlog.typing import EventDict

from adapters.telemetry.structured_logs import LINES, StructuredLogs
from application.telemetry import JobEnded, RequestServed, TelemetryEvent, ToolCalled
from domain.jobs.transitions import JobStatus
from tests.support.jobs import JOB_ID, a_job_that_is


def logged(event: TelemetryEvent) -> EventDict | None:
    """Return the line that an event leaves at level INFO."""
    capture = LogCapture()
    at_info = structlog.make_filtering_bound_logger(logging.INFO)
    StructuredLogs(structlog.wrap_logger(None, processors=[capture], wrapper_class=at_info)).emit(event)
    return capture.entries[-1] if capture.entries else None


def served(route: str, status: int) -> RequestServed:
    return RequestServed(method="GET", route=route, status=status, seconds=0.0123)


def test_every_event_has_a_line() -> None:
    assert set(LINES) == set(get_args(TelemetryEvent))


def test_a_finished_job_leaves_one_line() -> None:
    line = logged(JobEnded.of(a_job_that_is(JobStatus.COMPLETED), 2))
    assert line is not None
    assert (line["log_level"], line["event"]) == ("info", "job ended")
    assert (line["job_id"], line["status"], line["attempt"], line["seconds"]) == (JOB_ID, "COMPLETED", 2, 0.0)
    assert "error_code" not in line


def test_a_failed_job_leaves_a_warning_with_its_error() -> None:
    line = logged(JobEnded.of(a_job_that_is(JobStatus.FAILED), 1))
    assert line is not None
    assert (line["log_level"], line["error_code"]) == ("warning", "hum_silent")


def test_requests_leave_a_line_with_their_milliseconds() -> None:
    line = logged(served("/v1/create-moment", 202))
    assert line is not None
    assert (line["method"], line["route"], line["status"], line["ms"]) == ("GET", "/v1/create-moment", 202, 12.3)


@pytest.mark.parametrize("status", [200, 304])
def test_polling_leaves_no_line(status: int) -> None:
    assert logged(served("/v1/status/{job_id}", status)) is None


@pytest.mark.parametrize("status", [0, 404, 503])
def test_polling_in_vain_leaves_a_line(status: int) -> None:
    assert logged(served("/v1/status/{job_id}", status)) is not None


def test_details_need_the_level_debug() -> None:
    assert logged(ToolCalled("analyze_hum", 1.0)) is None

"""Telemetry as structured log lines: one for each job that ends and each HTTP request, details at level DEBUG.

Lines go straight through structlog, not through the standard library's loggers: a line costs a third of that, and
there are two in every job. A line that is not enabled costs one comparison of levels.
"""

import logging
from typing import Any, Final

import structlog
from structlog.typing import FilteringBoundLogger

from application.telemetry import (
    CancellationReceived,
    JobClaimed,
    JobEnded,
    JobRetried,
    LeaseDropped,
    RequestServed,
    StageFinished,
    TelemetryEvent,
    ToolCalled,
)
from domain.jobs.attempts import Charge
from domain.jobs.transitions import JobStatus

FREQUENT: Final = frozenset({"/v1/status/{job_id}", "/v1/objects/{key}", "/healthz", "/readyz"})
"""Routes that are polled, or used several times for each job: what succeeds there is logged at level DEBUG."""

LINES: Final[dict[type[TelemetryEvent], tuple[int, str, str]]] = {
    RequestServed: (logging.INFO, "moment.requests", "request served"),
    ToolCalled: (logging.DEBUG, "moment.tools", "tool called"),
    JobClaimed: (logging.DEBUG, "moment.jobs", "job claimed"),
    StageFinished: (logging.DEBUG, "moment.jobs", "stage finished"),
    JobRetried: (logging.WARNING, "moment.jobs", "job retried"),
    LeaseDropped: (logging.WARNING, "moment.jobs", "job dropped"),
    CancellationReceived: (logging.INFO, "moment.jobs", "cancellation received"),
    JobEnded: (logging.INFO, "moment.jobs", "job ended"),
}
"""The level, the logger's name and the message of each event."""


class StructuredLogs:
    """Implements `Telemetry`.

    Args:
        logger: Renders and writes the lines; by default as structlog is configured at this moment.
    """

    def __init__(self, logger: FilteringBoundLogger | None = None) -> None:
        self._logger: FilteringBoundLogger = (logger or structlog.get_logger()).bind()

    def emit(self, event: TelemetryEvent) -> None:
        """Write a line, if its level is enabled."""
        level, name, message = LINES[type(event)]
        if isinstance(event, RequestServed) and event.route in FREQUENT and 0 < event.status < 400:
            level = logging.DEBUG
        elif isinstance(event, JobEnded) and event.status is JobStatus.FAILED:
            level = logging.WARNING
        elif isinstance(event, JobRetried) and event.charge in {Charge.NOTHING, Charge.BREAK}:
            level = logging.DEBUG  # whatever is away was reported once, by its breaker; RunJob reports suspects
        if self._logger.is_enabled_for(level):
            self._logger.log(level, message, logger=name, **_fields_of(event))


def _fields_of(event: TelemetryEvent) -> dict[str, Any]:
    """Return the fields of an event without empty texts; floats are rounded to what is worth reading."""
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    if isinstance(event, RequestServed):
        fields["ms"] = round(fields.pop("seconds") * 1000, 2)
    return {name: _shown(value) for name, value in fields.items() if value != ""}


def _shown(value: object) -> object:
    if isinstance(value, Charge):
        return value.name.lower()
    return round(value, 3) if isinstance(value, float) else value

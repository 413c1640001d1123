"""Telemetry as structured log lines: one for each job that ends and each HTTP request, details at level DEBUG.

The lines go through the standard library's loggers, so that levels are set there as for any library, and a line that is
not enabled costs one look at its level.
"""

import logging
from typing import Any, Final

import structlog

from application.telemetry import (
    CancellationReceived,
    JobClaimed,
    JobEnded,
    JobRetried,
    LeaseDropped,
    RequestServed,
    StageBegun,
    StageFinished,
    TelemetryEvent,
    ToolCalled,
)
from domain.jobs.transitions import JobStatus

POLLED: Final = frozenset({"/v1/status/{job_id}", "/healthz", "/readyz"})
"""Routes that clients and orchestrators poll: what succeeds there is logged at level DEBUG."""

LINES: Final[dict[type[TelemetryEvent], tuple[int, str, str]]] = {
    RequestServed: (logging.INFO, "moment.requests", "request served"),
    ToolCalled: (logging.DEBUG, "moment.tools", "tool called"),
    JobClaimed: (logging.DEBUG, "moment.jobs", "job claimed"),
    StageBegun: (logging.DEBUG, "moment.jobs", "stage begun"),
    StageFinished: (logging.DEBUG, "moment.jobs", "stage finished"),
    JobRetried: (logging.WARNING, "moment.jobs", "job retried"),
    LeaseDropped: (logging.WARNING, "moment.jobs", "job dropped"),
    CancellationReceived: (logging.INFO, "moment.jobs", "cancellation received"),
    JobEnded: (logging.INFO, "moment.jobs", "job ended"),
}
"""The level, the logger and the message of each event."""


class StructuredLogs:
    """Implements `Telemetry`."""

    def __init__(self) -> None:
        names = {name for _, name, _ in LINES.values()}
        self._loggers = {name: logging.getLogger(name) for name in names}
        self._bound = {name: _bound(logger) for name, logger in self._loggers.items()}

    def emit(self, event: TelemetryEvent) -> None:
        """Write a line, if its level is enabled."""
        level, name, message = LINES[type(event)]
        if isinstance(event, RequestServed) and event.route in POLLED and 0 < event.status < 400:
            level = logging.DEBUG
        elif isinstance(event, JobEnded) and event.status is JobStatus.FAILED:
            level = logging.WARNING
        if self._loggers[name].isEnabledFor(level):
            self._bound[name].log(level, message, **_fields_of(event))


def _bound(logger: logging.Logger) -> structlog.stdlib.BoundLogger:
    """Return a structured logger that hands its fields to the standard library's, as `extra`."""
    bound: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logger, processors=[structlog.stdlib.render_to_log_kwargs], wrapper_class=structlog.stdlib.BoundLogger
    )
    return bound


def _fields_of(event: TelemetryEvent) -> dict[str, Any]:
    """Return the fields of an event without empty texts; floats are rounded to what is worth reading."""
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    if isinstance(event, RequestServed):
        fields["ms"] = round(fields.pop("seconds") * 1000, 2)
    return {name: _shown(value) for name, value in fields.items() if value != ""}


def _shown(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value

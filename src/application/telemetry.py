"""What the service reports about itself: one event for each thing that happened, for logs, metrics and traces.

Two ids join the events of all processes: the job's, and that of the HTTP request which created the job. They belong to
the task that runs (context variables), so an adapter deep below can attach them without being handed them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol, Self

import msgspec

from domain.jobs.attempts import Charge
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus

job_id: Final[ContextVar[str]] = ContextVar("job_id", default="")
"""The job that this task works on."""

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""The HTTP request that this task answers, or that created its job."""


def bind(job: Job) -> None:
    """Let everything that this task reports from now on carry the ids of a job and of the request that created it."""
    job_id.set(str(job.id))
    request_id.set(job.request.request_id)


@contextmanager
def about(job: Job) -> Iterator[None]:
    """Let what is reported within the block carry the ids of a job, in a task that works on others as well."""
    tokens = job_id.set(str(job.id)), request_id.set(job.request.request_id)
    try:
        yield
    finally:
        job_id.reset(tokens[0])
        request_id.reset(tokens[1])


class JobClaimed(msgspec.Struct, frozen=True):
    """A worker took a job; `attempt` counts from 1."""

    job_id: JobId
    status: JobStatus
    attempt: int


class StageFinished(msgspec.Struct, frozen=True):
    """A stage of a job succeeded; `stage` is the state that the job was in."""

    job_id: JobId
    stage: JobStatus
    seconds: float


class ToolCalled(msgspec.Struct, frozen=True):
    """A call of a music tool ended; `error_code` is empty if it succeeded, `cancelled` if its caller went away."""

    tool: str
    seconds: float
    error_code: str = ""


class JobRetried(msgspec.Struct, frozen=True):
    """An attempt failed; the job is to be claimed again after `delay` seconds. `charge` is what it costs the job."""

    job_id: JobId
    status: JobStatus
    attempt: int
    error_code: str
    error_message: str
    delay: float
    charge: Charge


class LeaseDropped(msgspec.Struct, frozen=True):
    """A worker stopped a job that belongs to another worker, or may soon."""

    job_id: JobId
    reason: str


class CancellationReceived(msgspec.Struct, frozen=True):
    """The worker that runs a job learned that the job is to be cancelled."""

    job_id: JobId


class JobEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A job reached a terminal state, and the state is stored.

    Attributes:
        seconds: Since the job was accepted.
        error_code: Why it failed; empty otherwise.
        error_message: As the job's status shows it.
    """

    job_id: JobId
    status: JobStatus
    attempt: int
    seconds: float
    error_code: str = ""
    error_message: str = ""

    @classmethod
    def of(cls, job: Job, attempt: int) -> Self:
        """Return the event of a job that has ended."""
        return cls(
            job_id=job.id,
            status=job.status,
            attempt=attempt,
            seconds=(job.history[-1].at - job.history[0].at).total_seconds(),
            error_code=job.error.code if job.error else "",
            error_message=job.error.message if job.error else "",
        )


class RequestServed(msgspec.Struct, frozen=True):
    """An HTTP request was answered.

    Attributes:
        route: The template of its path (`/v1/status/{job_id}`), or the path where no route matched.
        status: The status code; 0 if the client went away before there was one.
        error_code: That of the problem that it was answered with; empty for other answers.
    """

    method: str
    route: str
    status: int
    seconds: float
    error_code: str = ""


TelemetryEvent = (
    JobClaimed
    | StageFinished
    | ToolCalled
    | JobRetried
    | LeaseDropped
    | CancellationReceived
    | JobEnded
    | RequestServed
)


class Telemetry(Protocol):
    """Receives events. It never raises and never waits, so jobs do not depend on it."""

    def emit(self, event: TelemetryEvent) -> None:
        """Report an event; the ids of the current task belong to it."""


class NoTelemetry:
    """Implements `Telemetry` by discarding every event."""

    def emit(self, event: TelemetryEvent) -> None:
        """Do nothing."""


NO_TELEMETRY: Final = NoTelemetry()

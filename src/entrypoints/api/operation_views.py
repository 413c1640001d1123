"""What operators see of jobs over HTTP: a row of a list, and everything about one job."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

import msgspec

from application.ports.job_admin import JobEntry
from application.ports.webhooks import Delivery, DeliveryCounts, Endpoint, without_query
from application.ports.workers import WorkerReport
from domain.blueprints.blueprint import OutputKind
from domain.errors import JobError
from domain.jobs.attempts import Attempt
from domain.jobs.calls import ToolCall
from domain.jobs.job import Job, StatusChange
from domain.jobs.transitions import JobStatus
from entrypoints.api.deliveries import JobDelivery


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """A job in a list.

    Attributes:
        output_kind: As `client_reference` and `code`, null if a newer version wrote the job.
        code: Of the error of a job that failed.
        waiting_for: The code of what the job waits for; may be empty.
        worker: Who holds the job, or held it when the lease expired.
        leased_until: When the lease expires or expired; null if no worker holds the job.
        lost: Whether it has expired, by the clock of the database.
        errors: Failures of its own; `max_attempts` of them end it.
        attempt: Claims that were not given back.
        expiring: Whether it is being removed; operators alone see it.
    """

    id: UUID
    status: JobStatus
    output_kind: OutputKind | None
    owner: str
    client_reference: str
    code: str
    waiting_for: str
    progress: float
    worker: str | None
    leased_until: datetime | None
    lost: bool
    due_at: datetime
    attempt: int
    errors: int
    max_attempts: int
    cancel_requested: bool
    expiring: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, entry: JobEntry) -> Self:
        """Return the row of an entry."""
        job = entry.job
        facts = {name: getattr(entry, name) for name in _OF_ENTRIES}
        return cls(
            output_kind=job.request.output_kind if job else None,
            owner=job.request.owner if job else "",
            client_reference=job.request.client_reference if job else "",
            code=job.error.code if job and job.error else "",
            lost=entry.lost,
            **facts,
        )


_OF_ENTRIES: Final = tuple(name for name in JobRow.__struct_fields__ if name in JobEntry.__struct_fields__)


class JobPage(msgspec.Struct, frozen=True):
    """A page of the list; `next_cursor` is the cursor of the page after it, null on the last one."""

    jobs: list[JobRow]
    next_cursor: str | None


class JobTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that happened to a job; what only its document has is empty if a newer version wrote it.

    Attributes:
        priority: Of those that wait, greater ones go first.
        token: Counts the claims.
        crashes: Workers that were lost while they ran it.
        breaks: Calls in a row that broke the music tools.
        worked: Seconds that it was worked on.
        request_id: Of the request that created it.
        style: As it was asked for, or as the service chose it; empty before.
        parent_id: The job of which this one is a remix; null of others.
        recording: The key of the object with the recording.
        history: Every state that was entered.
        attempts: The last attempts that did not end the job, oldest first.
        calls: The last calls of music tools, in the order in which they ended.
        deliveries: The last webhooks, newest first.
    """

    job: JobRow
    priority: int
    token: int
    crashes: int
    breaks: int
    worked: float
    error: JobError | None = None
    request_id: str = ""
    filename: str = ""
    style: str = ""
    parent_id: UUID | None = None
    recording: str = ""
    history: tuple[StatusChange, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    deliveries: tuple[JobDelivery, ...] = ()

    @classmethod
    def of(cls, entry: JobEntry, deliveries: Sequence[Delivery]) -> Self:
        """Return the timeline of an entry."""
        facts = {name: getattr(entry, name) for name in ("priority", "token", "crashes", "breaks", "worked")}
        facts |= _of_document(entry.job) if entry.job else {}
        return cls(job=JobRow.of(entry), deliveries=tuple(map(JobDelivery.of, deliveries)), **facts)


def _of_document(job: Job) -> dict[str, Any]:
    request = job.request
    return {
        "error": job.error,
        "request_id": request.request_id,
        "filename": request.filename,
        "style": job.blueprint.style if job.blueprint else str(request.blueprint.get("style") or ""),
        "parent_id": request.parent_id,
        "recording": request.original.key,
        "history": job.history,
        "attempts": job.attempts,
        "calls": job.calls,
    }


class DisabledEndpoint(msgspec.Struct, frozen=True):
    """Where no more webhooks are sent; the URL is without its query, which may hold secrets."""

    id: UUID
    owner: str
    url: str
    disabled_at: datetime
    because: str


class DeliveryStats(msgspec.Struct, frozen=True):
    """How webhooks stand.

    Attributes:
        pending: How many are not settled.
        late: For how many seconds the oldest of those that are due has been due.
        failing: How many of the pending ones have failed and wait for another try.
        failing_for: For how many seconds the oldest of those has failed.
        disabled: Endpoints to which nothing is sent.
    """

    pending: int
    late: float
    failing: int
    failing_for: float
    disabled: list[DisabledEndpoint]

    @classmethod
    def of(cls, counts: DeliveryCounts, endpoints: Sequence[Endpoint]) -> Self:
        """Return how they stand."""
        disabled = [
            DisabledEndpoint(one.id, one.owner, without_query(one.url), one.disabled_at, one.disabled_because)
            for one in endpoints
            if one.disabled_at
        ]
        return cls(
            counts.pending,
            counts.late.total_seconds(),
            counts.failing,
            counts.failing_for.total_seconds(),
            disabled,
        )


class Fleet(msgspec.Struct, frozen=True):
    """The workers that reported within the last 30 s, and the jobs that workers hold now, newest first."""

    workers: tuple[WorkerReport, ...]
    leases: list[JobRow]

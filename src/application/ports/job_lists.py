"""Lists of owners' jobs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus


class Position(msgspec.Struct, frozen=True):
    """A place in a list: after the job that was accepted then, and has this id."""

    at: datetime
    job_id: JobId


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs of an owner are wanted; None for all.

    Attributes:
        style: A style by its name, as it was understood.
        reference: What the client calls the job.
        after: Accepted then or later.
        before: Accepted earlier.
    """

    status: JobStatus | None = None
    style: str | None = None
    reference: str | None = None
    after: datetime | None = None
    before: datetime | None = None

    @property
    def is_selective(self) -> bool:
        """Whether jobs within the time may be left out."""
        return any(wanted is not None for wanted in (self.status, self.style, self.reference))


class ListedJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job in a list.

    Attributes:
        style: By its name, as it was understood.
        progress: 0..1.
        error_code: Of a job that failed.
    """

    id: JobId
    status: JobStatus
    output_kind: OutputKind
    style: str
    client_reference: str | None
    progress: float
    error_code: str | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class JobPage(msgspec.Struct, frozen=True):
    """A part of a list.

    Attributes:
        jobs: Newest first.
        next: Where the next page begins; None after the last.
    """

    jobs: Sequence[ListedJob]
    next: Position | None


class JobLists(Protocol):
    """Lists of jobs, newest first. Every method may raise `DatabaseUnavailable`."""

    async def page(self, owner: str, wanted: Wanted, start: Position | None, limit: int) -> JobPage:
        """Return at most so many jobs of an owner from a position on.

        A page looks at a bounded number of jobs, so that it may have fewer than `limit`, or none, before the last.
        """

"""Jobs as the operator sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus


class JobEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the operator sees it.

    Attributes:
        due_at: When it may be claimed, or could have been.
        leased_until: When its worker must have renewed the lease; absent while nobody holds it.
        worker: Who holds it, or held it when it was lost.
        token: Counts its claims.
        now: The database's clock.
    """

    job: Job
    priority: int
    attempt: int
    max_attempts: int
    due_at: datetime
    leased_until: datetime | None
    worker: str | None
    token: int
    cancel_requested: bool
    progress: float
    created_at: datetime
    updated_at: datetime
    now: datetime


class QueueStats(msgspec.Struct, frozen=True, kw_only=True):
    """How the queue does; times in seconds, `_1m`, `_1h` and `_1d` count what ended that lately.

    Attributes:
        waiting: Jobs that a worker could take now.
        delayed: Jobs that wait for a retry.
        running: Jobs under a lease.
        lost: Jobs whose lease ran out and that nobody has taken since; they count as waiting too.
        oldest_waiting: How long the first of the waiting ones could have been taken.
    """

    waiting: int
    delayed: int
    running: int
    lost: int
    oldest_waiting: float
    completed_1m: int
    completed_1h: int
    completed_1d: int
    failed_1d: int
    cancelled_1d: int


class JobAdmin(Protocol):
    """Jobs as the operator sees them. Every method may raise `DatabaseUnavailable`."""

    async def list_jobs(self, status: JobStatus | None, limit: int) -> Sequence[JobEntry]:
        """Return the jobs in a state, or in any: the unfinished ones first, then by age, newest first."""

    async def show(self, job_id: JobId) -> JobEntry:
        """Return one job, or raise `JobNotFound`."""

    async def retry(self, job_id: JobId) -> Job:
        """Give a failed job back to the workers, its attempts uncounted; return it as it is now.

        Raises `JobNotFound`, also for a job that has expired, or `IllegalTransition` for one that did not fail or that
        kept no recording.
        """

    async def stats(self) -> QueueStats:
        """Count."""

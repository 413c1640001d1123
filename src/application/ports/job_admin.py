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
        due_at: When it can be claimed, or could have been.
        leased_until: When the lease expires; absent if no worker holds the job.
        worker: The worker that holds it, or held it when the lease expired.
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
    """Counts of the queue; `_1m`, `_1h` and `_1d` count jobs that ended in the last minute, hour and day.

    Attributes:
        waiting: Jobs that can be claimed now.
        delayed: Jobs that wait for a retry.
        running: Jobs under a lease.
        lost: Jobs whose lease expired and that no worker has claimed since; they count as waiting, too.
        oldest_waiting: Seconds since the first of the waiting jobs could be claimed.
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
        """Return the jobs in a state, or in any: unfinished ones first, then newest first."""

    async def show(self, job_id: JobId) -> JobEntry:
        """Return one job.

        Raises:
            JobNotFound: There is no such job.
        """

    async def retry(self, job_id: JobId) -> Job:
        """Queue a failed job again, with its attempts reset; return it as it is now.

        Raises:
            JobNotFound: There is no such job, or it has expired.
            IllegalTransition: The job did not fail, or its recording was deleted.
        """

    async def stats(self) -> QueueStats:
        """Return the present counts."""

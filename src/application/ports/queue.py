"""The queue as workers see it: leases, claims, heartbeats."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

import msgspec

from application.ports.jobs import DatabaseUnavailable
from domain.errors import MomentError
from domain.jobs.job import Job, JobId


class LeaseLost(MomentError):
    """Another worker holds the job, or it has ended. Nothing was written."""

    code = "lease_lost"


class JobLocked(DatabaseUnavailable):
    """Another session holds the row of this one job. The database answers, and the lease is not lost."""


class Lease(msgspec.Struct, frozen=True):
    """The right to write a job: every claim increments the token, and only the greatest token may write.

    Source: Kleppmann, "How to do distributed locking", 2016 (fencing tokens).
    """

    job_id: JobId
    token: int


class Claim(msgspec.Struct, frozen=True):
    """A job that this worker may run.

    Attributes:
        attempt: Counts the claims that were not released, ≥ 1.
        max_attempts: A claim beyond it must end in FAILED.
        cancel_requested: The job is only to be cancelled.
    """

    job: Job
    lease: Lease
    attempt: int
    max_attempts: int
    cancel_requested: bool = False


class HeartbeatResult(msgspec.Struct, frozen=True):
    """What a heartbeat found about a job that is still ours.

    Attributes:
        renewed: Whether the lease was extended; not while another statement holds the row.
    """

    job_id: JobId
    cancel_requested: bool
    renewed: bool = True


class JobQueue(Protocol):
    """Jobs as workers see them. Every method may raise `DatabaseUnavailable`."""

    async def claim(self, worker: str, free_slots: int) -> Sequence[Claim]:
        """Lease up to `free_slots` jobs, by priority, then by age; also those that are only to be cancelled."""

    async def save(self, lease: Lease, job: Job) -> None:
        """Write the job's new version; a terminal one ends the lease.

        Raises:
            LeaseLost: Nothing was written.
            JobLocked: Nothing was written; the lease is still ours.
        """

    async def heartbeat(self, leases: Collection[Lease], progress: dict[JobId, float]) -> Sequence[HeartbeatResult]:
        """Extend the leases in one statement; a job that is missing from the result is no longer ours."""

    async def retry(self, lease: Lease, after: timedelta) -> None:
        """Release the job, to be claimed again after the delay; the attempt stays counted.

        Raises:
            LeaseLost: Nothing was written.
        """

    async def release(self, leases: Collection[Lease]) -> None:
        """Release jobs, to be claimed again at once; the attempt is not counted. Lost leases are skipped."""


class Listener(Protocol):
    """Notifications; they may get lost, so callers poll as well."""

    async def wait(self, timeout: float) -> None:
        """Return on a notification that there may be work, or after `timeout` seconds."""

    async def wait_for_cancel(self, timeout: float) -> None:
        """Return on a notification that a running job is to be cancelled, or after `timeout` seconds."""

"""The queue as workers see it: leases, claims, heartbeats."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

import msgspec

from domain.errors import MomentError
from domain.jobs.job import Job, JobId


class LeaseLost(MomentError):
    """Another worker holds the job, or it has ended: nothing was written and nothing may be."""

    code = "lease_lost"


class Lease(msgspec.Struct, frozen=True):
    """The right to write a job: every claim makes a greater token, and only the greatest writes.

    Source: Kleppmann, "How to do distributed locking", 2016 (fencing tokens).
    """

    job_id: JobId
    token: int


class Claim(msgspec.Struct, frozen=True):
    """A job that this worker may run.

    Attributes:
        attempt: Counts the claims that were not released, ≥ 1.
        max_attempts: A claim beyond it must end in FAILED.
        cancel_requested: It is only to be ended.
    """

    job: Job
    lease: Lease
    attempt: int
    max_attempts: int
    cancel_requested: bool = False


class HeartbeatResult(msgspec.Struct, frozen=True):
    """What a heartbeat learnt about a job that is still ours.

    Attributes:
        renewed: Whether its lease was extended; somebody else may have held the row at that moment.
    """

    job_id: JobId
    cancel_requested: bool
    renewed: bool = True


class JobQueue(Protocol):
    """Jobs as workers see them. Every method may raise `DatabaseUnavailable`."""

    async def claim(self, worker: str, free_slots: int) -> Sequence[Claim]:
        """Lease up to `free_slots` jobs, by priority, then age; finished ones never, cancelled ones to be ended."""

    async def save(self, lease: Lease, job: Job) -> None:
        """Write the job's new version; a terminal one gives the lease back. Raises `LeaseLost`."""

    async def heartbeat(self, leases: Collection[Lease], progress: dict[JobId, float]) -> Sequence[HeartbeatResult]:
        """Extend the leases in one statement; a job missing from the answer is no longer ours."""

    async def retry(self, lease: Lease, after: timedelta) -> None:
        """Give the job back to be claimed after the delay; the attempt stays counted. Raises `LeaseLost`."""

    async def release(self, leases: Collection[Lease]) -> None:
        """Give jobs back at once, unharmed: the attempt is not counted. Lost leases are passed over."""


class Listener(Protocol):
    """Hints that there is something to do; polling makes them unnecessary, they make it quick."""

    async def wait(self, timeout: float) -> None:
        """Return on a hint that there may be work, or after `timeout` seconds."""

    async def wait_for_cancel(self, timeout: float) -> None:
        """Return on a hint that a running job was cancelled, or after `timeout` seconds."""

"""The queue as workers see it: leases, claims, heartbeats."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from application.ports.jobs import DatabaseUnavailable
from domain.blueprints.blueprint import OutputKind
from domain.errors import MomentError
from domain.jobs.attempts import ALONE_AFTER, Charge
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


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A job that this worker may run.

    Attributes:
        worker: Who claimed it.
        attempt: Counts the claims that were not given back, ≥ 1.
        errors: Errors of its own so far.
        max_attempts: So many of them end it in FAILED.
        crashes: How many workers were lost while they ran it.
        breaks: How many of its calls in a row broke the music tools.
        lost_worker: The last of them, if this claim takes the job over; else empty.
        worked: How long it was worked on so far.
        claimed_at: The time of this claim, by the database's clock.
        expired: Whether it was accepted too long ago: it is only to be ended.
        cancel_requested: Whether it is only to be cancelled.
        deadline: When it is to be ended unless it is done, by the database's clock; absent without one.
    """

    job: Job
    lease: Lease
    worker: str
    attempt: int = 1
    errors: int = 0
    max_attempts: int = 3
    crashes: int = 0
    breaks: int = 0
    lost_worker: str = ""
    worked: timedelta = timedelta(0)
    claimed_at: datetime
    expired: bool = False
    cancel_requested: bool = False
    deadline: datetime | None = None

    @property
    def runs_alone(self) -> bool:
        """Whether nothing else may run on its worker: it may be what breaks the tools."""
        return self.breaks >= ALONE_AFTER


class ClaimRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker can run now.

    Attributes:
        worker: Its name.
        slots: How many jobs it has room for.
        kinds: The kinds of moments that it can make; of others it takes only those that are to be ended.
        suspects: Whether a job may be among them whose worker was lost, or that may be what breaks the tools; there is
            never more than one.
    """

    worker: str
    slots: int
    kinds: Collection[OutputKind] = tuple(OutputKind)
    suspects: bool = True


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

    async def claim(self, request: ClaimRequest) -> Sequence[Claim]:
        """Lease jobs: those that were begun first, then by turn (`domain.jobs.turns`).

        Also those that are only to be ended: once its deadline has passed, a job goes before all others.

        A job whose worker was lost is claimed alone: if it did that, it is known from now on. So is one that may be
        what breaks the tools, and only while no other such job is leased.
        """

    async def return_lost_claims(self, worker: str, held: Collection[JobId]) -> int:
        """Give back what was leased to this worker in a claim whose response was lost; return how many jobs."""

    async def save(self, lease: Lease, job: Job) -> None:
        """Write the job's new version; a terminal one ends the lease, and a new state clears its breaks.

        Raises:
            LeaseLost: Nothing was written.
            JobLocked: Nothing was written; the lease is still ours.
        """

    async def heartbeat(self, leases: Collection[Lease], progress: dict[JobId, float]) -> Sequence[HeartbeatResult]:
        """Extend the leases in one statement; a job that is missing from the result is no longer ours."""

    async def retry(self, lease: Lease, after: timedelta, charge: Charge = Charge.ERROR, waiting_for: str = "") -> None:
        """Release the job, to be claimed again after the delay.

        Args:
            waiting_for: The code of what the job waits for, if that is known.

        Raises:
            LeaseLost: Nothing was written.
        """

    async def release(self, leases: Collection[Lease]) -> None:
        """Release jobs, to be claimed again at once; only their time counts. Lost leases are skipped."""


class Listener(Protocol):
    """Notifications; they may get lost, so callers poll as well."""

    async def wait(self, timeout: float) -> None:
        """Return on a notification that there may be work, or after `timeout` seconds."""

    async def wait_for_cancel(self, timeout: float) -> None:
        """Return on a notification that a running job is to be cancelled, or after `timeout` seconds."""

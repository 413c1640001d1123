"""A job that this worker is running, and why it stops before its end."""

from enum import IntEnum

import anyio

from application.telemetry import CancellationReceived, LeaseDropped, Telemetry, TelemetryEvent, about
from application.worker.claimed_job import ClaimedJob


class StopReason(IntEnum):
    """Why a job stops before its end. When there are several reasons, the greatest decides."""

    RELEASED = 1
    """The worker is shutting down and releases the job."""
    CANCELLED = 2
    """A client or an operator cancelled the job."""
    LEASE_EXPIRED = 3
    """By our own clock the lease is nearly over: another worker may claim the job."""
    LEASE_LOST = 4
    """Another worker has the job, it has ended, or its state could not be written."""


class InFlightJob:
    """A claimed job, the scope that it runs in, and the reason why it stops.

    The scope ends before the lease does, by our own clock: a process that was suspended for longer than the lease does
    not begin anything when it resumes.

    Args:
        claimed: The job.
        ends: When the scope ends, unless the lease is renewed.
    """

    def __init__(self, claimed: ClaimedJob, ends: float, telemetry: Telemetry) -> None:
        self.claimed = claimed
        self.scope = anyio.CancelScope(deadline=ends)
        self._telemetry = telemetry
        self._reason: StopReason | None = None

    @property
    def stopped_by(self) -> StopReason | None:
        """Why the job stopped; None if it ran to its end."""
        if not self.scope.cancelled_caught:
            return None
        return self._reason or StopReason.LEASE_EXPIRED

    @property
    def lease_lost(self) -> bool:
        """Whether the lease must not be used any more."""
        return self._reason is StopReason.LEASE_LOST

    def lose(self, why: str) -> None:
        """Stop the job: it belongs to another worker, or may soon."""
        if self._stop(StopReason.LEASE_LOST):
            self._report(LeaseDropped(self.claimed.job.id, why))

    def cancel(self) -> None:
        """Stop the job because a client or an operator cancelled it."""
        if self._stop(StopReason.CANCELLED):
            self._report(CancellationReceived(self.claimed.job.id))

    def release(self) -> None:
        """Stop the job because the worker is shutting down."""
        self._stop(StopReason.RELEASED)

    def _stop(self, reason: StopReason) -> bool:
        """Return whether the reason is new and outweighs the one before."""
        if self._reason is not None and self._reason >= reason:
            return False
        self._reason = reason
        self.scope.cancel()
        return True

    def _report(self, event: TelemetryEvent) -> None:
        """Report from whichever task found out: that of the job, or one that keeps the leases of all."""
        with about(self.claimed.job):
            self._telemetry.emit(event)

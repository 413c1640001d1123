"""Heartbeats: they renew the leases of all jobs in flight and bring the requests to cancel."""

from collections.abc import Mapping, Sequence
from typing import Final

import anyio

from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import HeartbeatResult, JobQueue, Listener
from application.worker.database_outage import DatabaseOutage
from application.worker.in_flight_job import InFlightJob
from domain.jobs.job import JobId

LEASE_MARGIN: Final = 0.8
"""The part of a lease after which a worker stops a job whose lease it could not renew, by its own clock."""


class LeaseRenewer:
    """Renews the leases of every job in flight, all of them in one statement. It sleeps while there are none.

    Args:
        in_flight: The jobs in flight, as they come and go.
        lease: Seconds that a lease lasts.
        beat: Seconds between heartbeats.
        outage: Told whether the database responds.
    """

    def __init__(
        self,
        queue: JobQueue,
        listener: Listener,
        in_flight: Mapping[JobId, InFlightJob],
        *,
        lease: float,
        beat: float,
        outage: DatabaseOutage,
    ) -> None:
        self._queue = queue
        self._listener = listener
        self._in_flight = in_flight
        self._lease = lease
        self._beat_seconds = beat
        self._outage = outage
        self._needed = anyio.Event()

    def wake(self) -> None:
        """Begin to send heartbeats: a job was put in flight."""
        self._needed.set()

    async def run(self) -> None:
        """Send heartbeats until cancelled; a notification of a cancellation brings the next one forward."""
        while True:
            await self._needed.wait()
            await self._listener.wait_for_cancel(self._beat_seconds)
            if self._in_flight:
                await self._beat()
            else:
                self._needed = anyio.Event()

    async def _beat(self) -> None:
        beating, ends = dict(self._in_flight), lease_end(self._lease)
        try:
            results = await self._renew(beating)
        except DatabaseUnavailable as error:
            self._outage.failed(error)
            return
        self._outage.answered()
        self._apply({result.job_id: result for result in results}, beating, ends)

    async def _renew(self, beating: dict[JobId, InFlightJob]) -> Sequence[HeartbeatResult]:
        try:
            with anyio.fail_after(self._lease / 3):
                return await self._queue.heartbeat(
                    [job.claimed.lease for job in beating.values()],
                    {job_id: job.claimed.progress for job_id, job in beating.items()},
                )
        except TimeoutError as error:
            raise DatabaseUnavailable(f"no response to a heartbeat within {self._lease / 3:g} s") from error

    def _apply(self, results: dict[JobId, HeartbeatResult], beating: dict[JobId, InFlightJob], ends: float) -> None:
        for job_id, job in beating.items():
            if (result := results.get(job_id)) is None:
                if self._in_flight.get(job_id) is job and not job.claimed.job.status.terminal:  # it did not just end
                    job.lose("another worker has it, or it has ended")
                continue
            if result.renewed:
                job.scope.deadline = ends
            if result.cancel_requested:
                job.cancel()


def lease_end(seconds: float) -> float:
    """Return when to give up a lease requested now; it began no earlier than the request was sent.

    Args:
        seconds: How long the lease lasts.

    Returns:
        A time of the event loop's clock.
    """
    return anyio.current_time() + seconds * LEASE_MARGIN

"""Claiming: how many jobs, of which kinds, and what to do about a claim whose response was lost."""

import logging
from collections.abc import Collection, Mapping
from math import inf
from typing import Final

import anyio

from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import Claim, ClaimRequest, JobQueue
from application.worker.database_outage import DatabaseOutage
from application.worker.dependencies import Dependencies
from application.worker.in_flight_job import InFlightJob
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import JobId

log: Final = logging.getLogger(__name__)


CHECK_SECONDS: Final = 2.0
"""Between two looks for jobs of a claim whose response was lost: each walks the backlog."""


class Claims:
    """Claims what the worker has room for and what can be run at present.

    Args:
        worker: The worker's name; no other one has it.
        lease: Seconds that a lease lasts.
        outage: Told whether the database responds.
    """

    def __init__(
        self, queue: JobQueue, dependencies: Dependencies, worker: str, lease: float, outage: DatabaseOutage
    ) -> None:
        self._queue = queue
        self._dependencies = dependencies
        self._worker = worker
        self._lease = lease
        self._outage = outage
        self._doubtful_until = -inf
        self._checked_at = -inf

    def room(self, in_flight: Mapping[JobId, InFlightJob]) -> int:
        """Return for how many more jobs there is room: for none beside one that runs alone."""
        if any(job.claimed.claim.runs_alone for job in in_flight.values()):
            return 0
        return self._dependencies.claimable().limit - len(in_flight)

    async def take(self, in_flight: Mapping[JobId, InFlightJob]) -> list[Claim]:
        """Return what was claimed. A cancellation never loses the response to a claim that was committed."""
        claims: list[Claim] = []
        claimable, tried = self._dependencies.claimable(), _kinds_of(in_flight)
        try:
            with anyio.CancelScope(shield=True):
                await self._return_lost(in_flight)
                for kind in claimable.trials:
                    if kind not in tried:
                        await self._add(claims, in_flight, [kind], most=1)
                await self._add(claims, in_flight, claimable.kinds, most=claimable.limit)
        except DatabaseUnavailable as error:
            self._outage.failed(error)
            self._doubtful_until, self._checked_at = anyio.current_time() + self._lease, -inf
        else:
            self._outage.answered()
        return claims

    async def _add(
        self, claims: list[Claim], in_flight: Mapping[JobId, InFlightJob], kinds: Collection[OutputKind], most: int
    ) -> None:
        """Claim jobs of these kinds as well, as far as there is room beside what was claimed just now."""
        slots = min(most, self.room(in_flight) - len(claims))
        if claims and (slots <= 0 or any(claim.runs_alone for claim in claims)):
            return
        crashed = any(job.claimed.claim.crashes for job in in_flight.values())
        request = ClaimRequest(worker=self._worker, slots=slots, kinds=kinds, suspects=not (crashed or claims))
        claims += await self._queue.claim(request)

    async def _return_lost(self, in_flight: Mapping[JobId, InFlightJob]) -> None:
        """Give back what a claim that seemed to fail did lease; it may be committed late, so look more than once."""
        now = anyio.current_time()
        if now >= self._doubtful_until or now < self._checked_at + CHECK_SECONDS:
            return
        if returned := await self._queue.return_lost_claims(self._worker, in_flight.keys()):
            log.info("gave back %d jobs that were leased to this worker and not running", returned)
        self._checked_at = now


def _kinds_of(in_flight: Mapping[JobId, InFlightJob]) -> set[OutputKind]:
    return {job.claimed.job.request.output_kind for job in in_flight.values()}

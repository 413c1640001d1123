"""What keeps the jobs in flight alive: their leases renewed and their states written, all of them together."""

import logging
from collections.abc import Callable, Mapping
from math import inf
from typing import Final

import anyio
import anyio.abc

from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import HeartbeatResult, JobQueue, LeaseLost, Listener
from application.worker.claimed_job import Run
from domain.jobs.job import JobId
from domain.jobs.retry import jittered

log: Final = logging.getLogger(__name__)

WRITE_SECONDS: Final = 0.1
"""Between writes of what jobs have recorded: stages shorter than this share theirs."""

AWAY_SECONDS: Final = 1.0
"""A database that does not answer is left alone for so long, jittered."""

LEASE_MARGIN: Final = 0.8
"""The part of a lease after which a worker that could not renew it gives up, by its own clock."""


class Held:
    """A job in flight: its run, the scope that stops it, why it was stopped.

    The scope ends by itself, by our own clock, before the lease does: a process that was stopped for longer than that
    does not begin anything when it wakes, before it has heard that the job is another's.
    """

    def __init__(self, run: Run, ends: float) -> None:
        self.run = run
        self.scope = anyio.CancelScope(deadline=ends)
        self.cancelled = False
        self.given_back = False
        self.lost = False

    def lose(self, why: str) -> None:
        """Stop it: it is another's, or may be."""
        log.warning("job %s dropped: %s", self.run.job.id, why)
        self.lost = True
        self.scope.cancel()

    def cancel(self) -> None:
        """Stop it: somebody asked for that."""
        self.cancelled = True
        self.scope.cancel()

    def give_back(self) -> None:
        """Stop it: the worker stops, and releases it."""
        self.given_back = True
        self.scope.cancel()


class Heart:
    """Beats for every job in flight.

    Args:
        held: The jobs in flight, as they come and go.
        chance: Uniform random numbers in [0, 1).
        lease: Seconds that a lease lasts.
        beat: Seconds between heartbeats.
    """

    def __init__(
        self,
        queue: JobQueue,
        listener: Listener,
        held: Mapping[JobId, Held],
        chance: Callable[[], float],
        *,
        lease: float,
        beat: float,
    ) -> None:
        self._queue = queue
        self._listener = listener
        self._held = held
        self._chance = chance
        self._away_until = -inf
        self._lease = lease
        self._beat_seconds = beat

    async def beat_forever(self) -> None:
        """Renew leases and hear of cancellations, until cancelled."""
        while True:
            await self._listener.wait_for_cancel(self._beat_seconds)
            if self._held:
                await self._beat()

    async def write_forever(self, writes: anyio.abc.TaskGroup) -> None:
        """Write behind the stages, until cancelled; what must not be lost a stage writes itself, and waits for it."""
        while True:
            await anyio.sleep(WRITE_SECONDS)
            if anyio.current_time() >= self._away_until:
                for held in self._held.values():
                    if held.run.is_behind:
                        writes.start_soon(self._write, held)

    async def _write(self, held: Held) -> None:
        try:
            if not await held.run.save_if_possible():
                self._leave_alone()
        except LeaseLost as error:
            held.lose(str(error))

    def _leave_alone(self) -> None:
        """Put off writing; the jobs whose writes failed together put it off once."""
        now = anyio.current_time()
        if now >= self._away_until:
            seconds = jittered(AWAY_SECONDS, self._chance())
            log.warning("the database is away, states are not written; again in %.1f s", seconds)
            self._away_until = now + seconds

    async def _beat(self) -> None:
        asked, ends = dict(self._held), lease_end(self._lease)
        try:
            with anyio.fail_after(self._lease / 3):
                pulses = await self._queue.heartbeat(
                    [held.run.lease for held in asked.values()],
                    {job_id: held.run.progress for job_id, held in asked.items()},
                )
        except (DatabaseUnavailable, TimeoutError) as error:
            log.warning("cannot renew leases: %s", repr(error))
            return
        self._heed({pulse.job_id: pulse for pulse in pulses}, asked, ends)

    def _heed(self, pulses: dict[JobId, HeartbeatResult], asked: dict[JobId, Held], ends: float) -> None:
        for job_id, held in asked.items():
            pulse = pulses.get(job_id)
            if pulse is None:
                if self._held.get(job_id) is held and not held.run.job.status.terminal:  # it did not just end
                    held.lose("another worker has it, or it has ended")
            else:
                if pulse.renewed:
                    held.scope.deadline = ends
                if pulse.cancel_requested:
                    held.cancel()


def lease_end(seconds: float) -> float:
    """Return when a lease that is asked for now is as good as over: it began at the latest when we asked."""
    return anyio.current_time() + seconds * LEASE_MARGIN

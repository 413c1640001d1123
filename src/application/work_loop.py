"""The worker's loop: claim into free slots, keep the leases alive, run, settle, drain."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import msgspec

from application.ports import Claim, DatabaseUnavailable, JobQueue, LeaseLost, Pulse, Wakeups
from application.run import Run
from application.run_job import RunJob
from domain.errors import MomentError
from domain.job import JobId

log: Final = logging.getLogger(__name__)

RELEASE_SECONDS: Final = 5.0
GATHER_SECONDS: Final = 0.05
GATHER_PART: Final = 0.25
"""A worker that was full fills this part of its slots by one claim, unless that takes too long to get free."""

LEASE_MARGIN: Final = 0.8
"""The part of a lease after which a worker that could not renew it gives up, by its own clock."""


class WorkConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker works; all times in seconds.

    Attributes:
        worker: Its name in the jobs table.
        slots: How many jobs it runs at once.
        lease: How long a claim lasts without a heartbeat.
        beat: Between heartbeats, at most a third of the lease; a cancellation without a hint takes as long.
        poll: Between looks for work when no hint comes, at most (jittered down to half).
        grace: How long running jobs may go on after the worker was asked to stop.
    """

    worker: str
    slots: int = 8
    lease: float = 15.0
    beat: float = 1.0
    poll: float = 2.0
    grace: float = 20.0


class _Held:
    """A job in flight: its run, the scope that stops it, why it was stopped.

    The scope ends by itself, by our own clock, before the lease does: a process that was stopped for longer than that
    does not begin anything when it wakes, before it has heard that the job is another's.
    """

    def __init__(self, run: Run, ends: float) -> None:
        self.run = run
        self.scope = anyio.CancelScope(deadline=ends)
        self.cancelled = False
        self.lost = False

    @property
    def overdue(self) -> bool:
        return anyio.current_time() >= self.scope.deadline

    def lose(self, why: str) -> None:
        log.warning("job %s dropped: %s", self.run.job.id, why)
        self.lost = True
        self.scope.cancel()

    def cancel(self) -> None:
        self.cancelled = True
        self.scope.cancel()


class WorkLoop:
    """Runs as many jobs as there are slots until it is told to stop."""

    def __init__(
        self, queue: JobQueue, wakeups: Wakeups, run_job: RunJob, config: WorkConfig, chance: Callable[[], float]
    ) -> None:
        self._queue = queue
        self._wakeups = wakeups
        self._run_job = run_job
        self._config = config
        self._chance = chance
        self._held: dict[JobId, _Held] = {}
        self._freed = anyio.Event()

    async def run(self, stopping: anyio.Event) -> None:
        """Work until `stopping` is set, then drain. However it ends, jobs that are still held are released."""
        try:
            async with anyio.create_task_group() as heart:
                heart.start_soon(self._beat_forever)
                async with anyio.create_task_group() as jobs:
                    await _first(stopping.wait, lambda: self._claim_forever(jobs))
                    await self._drain()
                heart.cancel_scope.cancel()
        finally:
            await self._release()

    async def _claim_forever(self, jobs: anyio.abc.TaskGroup) -> None:
        while True:
            ends = self._lease_end()
            claims = await self._claim()
            for claim in claims:
                held = self._held[claim.job.id] = _Held(self._run_job.open(claim), ends)
                jobs.start_soon(self._work, held)
            if not self._free_slots:
                await self._room()
            elif not claims:
                await self._wakeups.wait(self._config.poll * (0.5 + 0.5 * self._chance()))

    async def _room(self) -> None:
        """Return when there are slots to claim for."""
        await self._freed.wait()
        with anyio.move_on_after(GATHER_SECONDS):
            while self._free_slots < self._config.slots * GATHER_PART:
                await self._freed.wait()

    async def _claim(self) -> list[Claim]:
        """Return what was claimed; the answer to a claim that went through is never lost to a cancellation."""
        claims: list[Claim] = []
        try:
            with anyio.CancelScope(shield=True):
                claims += await self._queue.claim(self._config.worker, self._free_slots)
        except DatabaseUnavailable as error:
            log.warning("cannot claim: %s", error)
        return claims

    def _lease_end(self) -> float:
        """Return when a lease that is asked for now is as good as over: it began at the latest when we asked."""
        return anyio.current_time() + self._config.lease * LEASE_MARGIN

    @property
    def _free_slots(self) -> int:
        return self._config.slots - len(self._held)

    async def _work(self, held: _Held) -> None:
        try:
            with held.scope:
                await self._run_job(held.run)
            if held.cancelled and held.scope.cancelled_caught:
                await self._run_job.cancel(held.run)
        except (LeaseLost, DatabaseUnavailable) as error:
            held.lose(str(error))
        if held.scope.cancelled_caught and held.overdue and not (held.lost or held.cancelled):
            held.lose("its lease could not be renewed in time")
        if held.lost or held.cancelled or not held.scope.cancelled_caught:
            self._let_go(held)

    def _let_go(self, held: _Held) -> None:
        if self._held.get(held.run.job.id) is held:  # not if we have claimed it anew after its lease was lost
            del self._held[held.run.job.id]
        self._freed.set()
        self._freed = anyio.Event()

    async def _beat_forever(self) -> None:
        while True:
            await self._wakeups.wait_for_cancel(self._config.beat)
            if self._held:
                await self._beat()

    async def _beat(self) -> None:
        asked, ends = dict(self._held), self._lease_end()
        try:
            with anyio.fail_after(self._config.lease / 3):
                pulses = await self._queue.heartbeat(
                    [held.run.lease for held in asked.values()],
                    {job_id: held.run.progress for job_id, held in asked.items()},
                )
        except (DatabaseUnavailable, TimeoutError) as error:
            log.warning("cannot renew leases: %s", repr(error))
            return
        self._heed({pulse.job_id: pulse for pulse in pulses}, asked, ends)

    def _heed(self, pulses: dict[JobId, Pulse], asked: dict[JobId, _Held], ends: float) -> None:
        for job_id, held in asked.items():
            pulse = pulses.get(job_id)
            if pulse is None:
                if self._held.get(job_id) is held and not held.run.job.status.terminal:  # it did not just end
                    held.lose("another worker has it, or it has ended")
            else:
                held.scope.deadline = ends
                if pulse.cancel_requested:
                    held.cancel()

    async def _drain(self) -> None:
        """Let running jobs finish for the grace period, then stop the rest."""
        with anyio.move_on_after(self._config.grace):
            while self._held:
                await self._freed.wait()
        for held in list(self._held.values()):
            held.scope.cancel()

    async def _release(self) -> None:
        leases = [held.run.lease for held in self._held.values() if not held.lost]
        if not leases:
            return
        with anyio.move_on_after(RELEASE_SECONDS, shield=True):
            try:
                await self._queue.release(leases)
            except MomentError as error:  # their leases run out by themselves
                log.warning("could not release %d jobs: %s", len(leases), error)


async def _first(*waiters: Callable[[], Awaitable[object]]) -> None:
    """Run all until one returns, then cancel the others."""

    async def race(waiter: Callable[[], Awaitable[object]]) -> None:
        await waiter()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for waiter in waiters:
            group.start_soon(race, waiter)

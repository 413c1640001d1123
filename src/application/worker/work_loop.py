"""The worker's loop: claim into free slots, keep the leases alive, run, settle, drain."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import anyio.lowlevel
import msgspec

from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import Claim, JobQueue, LeaseLost, Listener
from application.worker.lease_renewer import Heart, Held, lease_end
from application.worker.run_job import RunJob
from domain.errors import MomentError
from domain.jobs.job import JobId
from domain.jobs.retry import jittered

log: Final = logging.getLogger(__name__)

RELEASE_SECONDS: Final = 5.0
GATHER_SECONDS: Final = 0.05
GATHER_PART: Final = 0.25
"""A worker that was full fills this part of its slots by one claim, unless that takes too long to get free."""


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


class WorkLoop:
    """Runs as many jobs as there are slots until it is told to stop."""

    def __init__(
        self, queue: JobQueue, listener: Listener, run_job: RunJob, config: WorkConfig, chance: Callable[[], float]
    ) -> None:
        self._queue = queue
        self._listener = listener
        self._run_job = run_job
        self._config = config
        self._chance = chance
        self._held: dict[JobId, Held] = {}
        self._heart = Heart(queue, listener, self._held, chance, lease=config.lease, beat=config.beat)
        self._freed = anyio.Event()

    async def run(self, stopping: anyio.Event) -> None:
        """Work until `stopping` is set, then drain. However it ends, jobs that are still held are released."""
        try:
            async with anyio.create_task_group() as heart:
                heart.start_soon(self._heart.beat_forever)
                heart.start_soon(self._heart.write_forever, heart)
                async with anyio.create_task_group() as jobs:
                    await _first(stopping.wait, lambda: self._claim_forever(jobs))
                    await self._drain()
                heart.cancel_scope.cancel()
        finally:
            await self._release()

    async def _claim_forever(self, jobs: anyio.abc.TaskGroup) -> None:
        while True:
            await anyio.lowlevel.checkpoint()  # where a worker is told to stop: a claim cannot be
            ends = lease_end(self._config.lease)
            claims = await self._claim()
            for claim in claims:
                held = self._held[claim.job.id] = Held(self._run_job.open(claim), ends)
                if claim.cancel_requested:
                    held.cancel()
                jobs.start_soon(self._work, held)
            if not self._free_slots:
                await self._room()
            elif not claims:
                await self._listener.wait(jittered(self._config.poll, self._chance()))

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

    @property
    def _free_slots(self) -> int:
        return self._config.slots - len(self._held)

    async def _work(self, held: Held) -> None:
        try:
            with held.scope:
                await anyio.lowlevel.checkpoint_if_cancelled()
                await self._run_job(held.run)
            if held.cancelled and held.scope.cancelled_caught:
                await self._run_job.cancel(held.run)
        except (LeaseLost, DatabaseUnavailable) as error:
            held.lose(str(error))
        except Exception as error:
            log.exception("job %s could not be settled; its lease will run out", held.run.job.id)
            held.lose(repr(error))
        if held.scope.cancelled_caught and not (held.lost or held.cancelled or held.given_back):
            held.lose("its lease could not be renewed in time")
        if held.lost or held.cancelled or not held.scope.cancelled_caught:
            self._let_go(held)

    def _let_go(self, held: Held) -> None:
        if self._held.get(held.run.job.id) is held:  # not if we have claimed it anew after its lease was lost
            del self._held[held.run.job.id]
        self._freed.set()
        self._freed = anyio.Event()

    async def _drain(self) -> None:
        """Let running jobs finish for the grace period, then stop the rest."""
        with anyio.move_on_after(self._config.grace):
            while self._held:
                await self._freed.wait()
        for held in list(self._held.values()):
            held.give_back()

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

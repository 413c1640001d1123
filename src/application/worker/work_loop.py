"""The worker's loop: claim jobs into free slots, run and settle them, keep their leases, drain."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, assert_never

import anyio
import anyio.lowlevel
import msgspec

from application.ports.jobs import DatabaseUnavailable
from application.ports.queue import JobQueue, LeaseLost, Listener
from application.telemetry import NO_TELEMETRY, JobClaimed, Telemetry, bind
from application.worker.claims import Claims
from application.worker.database_outage import DatabaseOutage
from application.worker.dependencies import Dependencies
from application.worker.in_flight_job import InFlightJob, StopReason
from application.worker.lease_renewer import LeaseRenewer, lease_end
from application.worker.run_job import RunJob
from application.worker.state_flusher import StateFlusher
from domain.errors import MomentError
from domain.jobs.job import JobId
from domain.jobs.retry import jittered

log: Final = logging.getLogger(__name__)

RELEASE_SECONDS: Final = 5.0
"""How long releasing jobs at the end may take."""

BLOCKED_SECONDS: Final = 30.0
"""Between two claims while nothing can be run: only for jobs that are to be ended."""

GATHER_SECONDS: Final = 0.05
GATHER_PART: Final = 0.25
"""A worker that was full waits until this part of its slots is free before it claims, but not longer than that."""


class WorkConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker works; all times in seconds.

    Attributes:
        worker: Its name in the jobs table.
        slots: How many jobs it runs at once.
        lease: How long a claim lasts without a heartbeat.
        beat: Between heartbeats, at most a third of the lease. A cancellation whose notification is lost takes as long.
        poll: Between two claims when no notification comes, at most (jittered down to half).
        grace: How long running jobs may continue after the worker was asked to stop.
    """

    worker: str
    slots: int = 8
    lease: float = 15.0
    beat: float = 1.0
    poll: float = 2.0
    grace: float = 20.0


class WorkLoop:
    """Runs as many jobs at once as there are slots, until it is asked to stop."""

    def __init__(
        self,
        queue: JobQueue,
        listener: Listener,
        run_job: RunJob,
        dependencies: Dependencies,
        *,
        config: WorkConfig,
        chance: Callable[[], float],
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._listener = listener
        self._queue = queue
        outage = DatabaseOutage()
        self._claims = Claims(queue, dependencies, config.worker, config.lease, outage)
        self._dependencies = dependencies
        self._run_job = run_job
        self._config = config
        self._chance = chance
        self._telemetry = telemetry
        self._in_flight: dict[JobId, InFlightJob] = {}
        self._renewer = LeaseRenewer(
            queue, listener, self._in_flight, lease=config.lease, beat=config.beat, outage=outage
        )
        self._flusher = StateFlusher(self._in_flight, chance, outage)
        self._freed = anyio.Event()

    @property
    def running(self) -> int:
        """How many jobs are in flight."""
        return len(self._in_flight)

    async def run(self, stopping: anyio.Event) -> None:
        """Work until `stopping` is set, then drain. However it ends, jobs that are still in flight are released."""
        try:
            async with anyio.create_task_group() as upkeep:
                upkeep.start_soon(self._renewer.run)
                upkeep.start_soon(self._flusher.run, upkeep)
                upkeep.start_soon(self._dependencies.run)
                async with anyio.create_task_group() as jobs:
                    await _first(stopping.wait, lambda: self._claim_forever(jobs))
                    await self._drain()
                upkeep.cancel_scope.cancel()
        finally:
            await self._release()

    async def _claim_forever(self, jobs: anyio.abc.TaskGroup) -> None:
        await self._dependencies.check_storage()
        while True:
            await anyio.lowlevel.checkpoint()  # a worker stops here: a claim is not interrupted
            ends = lease_end(self._config.lease)
            claims = await self._claims.take(self._in_flight)
            for claim in claims:
                job = InFlightJob(self._run_job.accept(claim, self._flusher.wake), ends, self._telemetry)
                self._in_flight[claim.job.id] = job
                if claim.cancel_requested:
                    job.cancel()
                jobs.start_soon(self._work, job)
            if claims:
                self._renewer.wake()
            await self._wait(claimed=bool(claims))

    async def _wait(self, *, claimed: bool) -> None:
        """Return when it is worth while to claim again."""
        claimable = self._dependencies.claimable()
        if not (claimable.kinds or claimable.trials):
            waiter: Callable[[], Awaitable[None]] = partial(anyio.sleep, jittered(BLOCKED_SECONDS, self._chance()))
        elif self._claims.room(self._in_flight) <= 0:
            waiter = self._wait_for_slots
        elif not claimed:
            waiter = partial(self._listener.wait, jittered(self._config.poll, self._chance()))
        else:
            return
        await (_first(waiter, self._dependencies.changed) if self._dependencies.troubled else waiter())

    async def _wait_for_slots(self) -> None:
        """Return when enough slots are free to claim for."""
        await self._freed.wait()
        with anyio.move_on_after(GATHER_SECONDS):
            while self._claims.room(self._in_flight) < self._config.slots * GATHER_PART:
                await self._freed.wait()

    async def _work(self, job: InFlightJob) -> None:
        """Run a job to its end, or until something stops it; a job that is to be released stays in flight."""
        self._bind(job)
        try:
            with job.scope:
                await anyio.lowlevel.checkpoint_if_cancelled()
                await self._wait_until_alone(job)
                await self._run_job(job.claimed)
            match job.stopped_by:
                case StopReason.RELEASED:
                    return
                case StopReason.CANCELLED:
                    await self._run_job.cancel(job.claimed)
                case StopReason.LEASE_EXPIRED:
                    job.lose("its lease could not be renewed in time")
                case StopReason.LEASE_LOST | None:
                    pass
                case unknown:
                    assert_never(unknown)
        except (LeaseLost, DatabaseUnavailable) as error:
            job.lose(str(error))
        except Exception as error:
            log.exception("job %s could not be settled; its lease will expire", job.claimed.job.id)
            job.lose(repr(error))
        self._let_go(job)

    async def _wait_until_alone(self, job: InFlightJob) -> None:
        """Return when a job may begin: one that runs alone lets the others finish first."""
        while job.claimed.claim.runs_alone and len(self._in_flight) > 1:
            await self._freed.wait()

    def _bind(self, job: InFlightJob) -> None:
        """Attach the ids to everything that this task reports, and report the claim."""
        claimed = job.claimed
        bind(claimed.job)
        self._telemetry.emit(JobClaimed(claimed.job.id, claimed.job.status, claimed.claim.attempt))

    def _let_go(self, job: InFlightJob) -> None:
        key = job.claimed.job.id
        if self._in_flight.get(key) is job:  # not if we have claimed it again after its lease was lost
            del self._in_flight[key]
        self._freed.set()
        self._freed = anyio.Event()

    async def _drain(self) -> None:
        """Let running jobs finish during the grace period, then stop the rest."""
        with anyio.move_on_after(self._config.grace):
            while self._in_flight:
                await self._freed.wait()
        for job in list(self._in_flight.values()):
            job.release()

    async def _release(self) -> None:
        leases = [job.claimed.lease for job in self._in_flight.values() if not job.lease_lost]
        if not leases:
            return
        with anyio.move_on_after(RELEASE_SECONDS, shield=True):
            try:
                await self._queue.release(leases)
            except MomentError as error:  # their leases expire
                log.warning("could not release %d jobs: %s", len(leases), error)


async def _first(*waiters: Callable[[], Awaitable[object]]) -> None:
    """Run all until one returns, then cancel the others."""

    async def race(waiter: Callable[[], Awaitable[object]]) -> None:
        await waiter()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for waiter in waiters:
            group.start_soon(race, waiter)

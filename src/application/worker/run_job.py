"""Run a claimed job from the state that it is in to its end, and settle every way in which it can end."""

import logging
from collections.abc import Callable
from datetime import timedelta
from math import inf
from typing import Final

import anyio

from application.ports.clock import Clock
from application.ports.objects import ObjectStore
from application.ports.queue import Claim, JobQueue, LeaseLost
from application.worker.claimed_job import Run
from application.worker.stages import ORDER, Stages
from domain.errors import JobError, MomentError
from domain.jobs.retry import delay
from domain.jobs.transitions import Cancelled, Failed

log: Final = logging.getLogger(__name__)

SETTLE_SECONDS: Final = 10.0
STRAGGLING_SECONDS: Final = 0.5
"""How long what a tool was sending when it was stopped may take to arrive; later than that is the sweeper's."""

JOB_TIMEOUT: Final = 900.0


class AttemptsExhausted(MomentError):
    """A job that lost its worker each time that it was tried."""

    code = "attempts_exhausted"

    def __init__(self, attempts: int) -> None:
        super().__init__(f"the moment could not be made in {attempts} attempts: each time its worker was lost")


class DeadlineExceeded(MomentError):
    """A job that was not done in its time, whatever it was that took so long."""

    code = "deadline_exceeded"

    def __init__(self, timeout: timedelta) -> None:
        super().__init__(f"the moment was not made within {timeout.total_seconds():g} s")


class RunJob:
    """The pipeline of one job.

    Args:
        retry_cap: Seconds between two attempts, at most.
        timeout: Seconds that a job may take from the first time that a worker took it, lost workers and retries
            included. Waiting for that first time does not count: a backlog makes moments late, it must not destroy
            them.
    """

    def __init__(
        self,
        queue: JobQueue,
        store: ObjectStore,
        stages: Stages,
        clock: Clock,
        chance: Callable[[], float],
        *,
        retry_cap: float = inf,
        timeout: float = JOB_TIMEOUT,
    ) -> None:
        self._queue = queue
        self._store = store
        self._stages = stages
        self._clock = clock
        self._chance = chance
        self._retry_cap = retry_cap
        self._timeout = timedelta(seconds=timeout)

    def open(self, claim: Claim) -> Run:
        """Return a run for a claim, not yet begun."""
        return Run(claim, self._queue, self._clock, self._chance)

    async def __call__(self, run: Run) -> None:
        """Run the job until it has ended or was given back to be tried again.

        Raises:
            LeaseLost: Another worker has it; nothing that we did since counts.
            DatabaseUnavailable: Its end could not be written; the lease will run out and another worker takes it.
        """
        try:
            await self._run_stages(run)
            await run.write()
        except anyio.get_cancelled_exc_class():
            await run.save_if_possible()  # what was made is not to be made again
            raise
        except Exception as raised:  # noqa: BLE001 (whatever a stage raises must settle the job)
            await self._settle(run, _as_moment_error(raised))

    async def cancel(self, run: Run) -> None:
        """End a job that somebody cancelled, and remove what it made; its stages must have stopped."""
        with anyio.move_on_after(SETTLE_SECONDS, shield=True):
            if not run.job.status.terminal:  # it may have ended while the request was on its way
                run.record(Cancelled())
            await self._end(run)

    async def _run_stages(self, run: Run) -> None:
        if run.attempt > run.max_attempts:
            raise AttemptsExhausted(run.max_attempts)
        with anyio.move_on_after(self._left(run).total_seconds()):
            while not run.job.status.terminal:
                await ORDER[run.job.status](self._stages, run)
        if not run.job.status.terminal:
            raise DeadlineExceeded(self._timeout)

    def _left(self, run: Run) -> timedelta:
        """Return the time until the deadline, never less than nothing."""
        now = self._clock()
        return max((run.job.begun_at or now) + self._timeout - now, timedelta(0))

    async def _settle(self, run: Run, error: MomentError) -> None:
        if isinstance(error, LeaseLost):
            raise error
        log.warning("job %s, %s, attempt %d: %s: %s", run.job.id, run.job.status, run.attempt, error.code, error)
        if error.permanent or isinstance(error, DeadlineExceeded) or run.attempt >= run.max_attempts:
            await self._fail(run, error.as_job_error())
        else:  # due at its deadline at the latest, when whoever claims it ends it
            await run.write()
            after = delay(error.code, run.attempt, self._chance(), self._retry_cap)
            await self._queue.retry(run.lease, min(after, self._left(run)))

    async def _fail(self, run: Run, error: JobError) -> None:
        run.record(Failed(error))
        await self._end(run)

    async def _end(self, run: Run) -> None:
        await run.write()
        if not run.job.keeps_objects:
            await self._discard(run)
            await anyio.sleep(STRAGGLING_SECONDS)
            await self._discard(run)

    async def _discard(self, run: Run) -> None:
        try:
            await self._store.delete(f"{run.job.id}/")
        except MomentError as error:  # the sweeper removes what no row points to
            log.warning("job %s: its objects could not be removed: %s", run.job.id, error)


def _as_moment_error(raised: Exception) -> MomentError:
    """Return the one error that decides; side by side, a lost lease or a permanent failure outweighs the rest."""
    errors = list(_leaves(raised))
    ranked = sorted(errors, key=lambda error: (not isinstance(error, LeaseLost), not _permanent(error)))
    if isinstance(ranked[0], MomentError):
        return ranked[0]
    log.error("unexpected error in a stage", exc_info=ranked[0])
    return MomentError(f"something went wrong on our side ({type(ranked[0]).__name__})")


def _leaves(raised: BaseException) -> list[BaseException]:
    if isinstance(raised, BaseExceptionGroup):
        return [leaf for inner in raised.exceptions for leaf in _leaves(inner)]
    return [raised]


def _permanent(error: BaseException) -> bool:
    return isinstance(error, MomentError) and error.permanent

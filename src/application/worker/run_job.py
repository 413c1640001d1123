"""Run a claimed job from its present state to its end, and settle every way in which it can end."""

import logging
from collections.abc import Callable
from datetime import timedelta
from math import inf
from time import perf_counter
from typing import Final

import anyio

from application.ports.clock import Clock
from application.ports.objects import ObjectStore
from application.ports.queue import Claim, JobQueue, LeaseLost
from application.telemetry import NO_TELEMETRY, JobEnded, JobRetried, StageFinished, Telemetry
from application.worker.claimed_job import ClaimedJob
from application.worker.stages import STAGE_OF_STATUS, Stages
from domain.errors import JobError, MomentError
from domain.jobs.keys import job_prefix
from domain.jobs.retry import delay
from domain.jobs.transitions import Cancelled, Failed

log: Final = logging.getLogger(__name__)

SETTLE_SECONDS: Final = 10.0
"""How long cancelling a job may take."""

LATE_UPLOAD_SECONDS: Final = 0.5
"""Grace period for uploads still in flight from a cancelled tool; later arrivals are removed by housekeeping."""

JOB_TIMEOUT: Final = 900.0


class AttemptsExhausted(MomentError):
    """A job whose worker was lost in every attempt."""

    code = "attempts_exhausted"

    def __init__(self, attempts: int) -> None:
        super().__init__(f"the moment failed in {attempts} attempts: its worker was lost each time")


class DeadlineExceeded(MomentError):
    """A job that was not finished in time, whatever took so long."""

    code = "deadline_exceeded"

    def __init__(self, timeout: timedelta) -> None:
        super().__init__(f"the moment was not finished within {timeout.total_seconds():g} s")


class RunJob:
    """The pipeline of one job.

    Args:
        chance: Uniform random numbers in [0, 1).
        retry_cap: Seconds between two attempts, at most.
        timeout: Seconds that a job may take after it was first claimed, lost workers and retries included. The wait
            for the first claim does not count: a backlog delays moments, it must not make them fail.
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
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._queue = queue
        self._store = store
        self._stages = stages
        self._clock = clock
        self._chance = chance
        self._retry_cap = retry_cap
        self._timeout = timedelta(seconds=timeout)
        self._telemetry = telemetry

    def accept(self, claim: Claim, on_record: Callable[[], None] = lambda: None) -> ClaimedJob:
        """Return the claimed job, not yet begun; `on_record` is called after each event that it records."""
        return ClaimedJob(claim, self._queue, self._clock, self._chance, on_record)

    async def __call__(self, claimed: ClaimedJob) -> None:
        """Run the job until it has ended or is queued for another attempt.

        Raises:
            LeaseLost: Another worker has the job; nothing was written since.
            DatabaseUnavailable: The retry could not be written; the lease expires and another worker takes the job.
        """
        try:
            await self._run_stages(claimed)
            await claimed.flush_until_written()
            self._telemetry.emit(JobEnded.of(claimed.job, claimed.attempt))
        except anyio.get_cancelled_exc_class():
            await claimed.try_flush()  # so that the next worker does not repeat it
            raise
        except Exception as raised:  # noqa: BLE001 - whatever a stage raises settles the job
            await self._settle(claimed, _as_moment_error(raised))

    async def cancel(self, claimed: ClaimedJob) -> None:
        """Record the cancellation and delete the job's objects; its stages must have stopped.

        Raises:
            LeaseLost: Another worker has the job; it records the cancellation.
        """
        with anyio.move_on_after(SETTLE_SECONDS, shield=True):
            if not claimed.job.status.terminal:  # it may have ended before the request arrived
                claimed.record(Cancelled())
            await self._end(claimed)

    async def _run_stages(self, claimed: ClaimedJob) -> None:
        if claimed.attempt > claimed.max_attempts:
            raise AttemptsExhausted(claimed.max_attempts)
        with anyio.move_on_after(self._left(claimed).total_seconds()):
            while not claimed.job.status.terminal:
                await self._run_stage(claimed)
        if not claimed.job.status.terminal:
            raise DeadlineExceeded(self._timeout)

    async def _run_stage(self, claimed: ClaimedJob) -> None:
        job_id, stage, began = claimed.job.id, claimed.job.status, perf_counter()
        await STAGE_OF_STATUS[stage](self._stages, claimed)
        self._telemetry.emit(StageFinished(job_id, stage, perf_counter() - began))

    def _left(self, claimed: ClaimedJob) -> timedelta:
        """Return the time until the deadline, zero if it has passed."""
        now = self._clock()
        return max((claimed.job.begun_at or now) + self._timeout - now, timedelta(0))

    async def _settle(self, claimed: ClaimedJob, error: MomentError) -> None:
        if isinstance(error, LeaseLost):
            raise error
        if error.permanent or isinstance(error, DeadlineExceeded) or claimed.attempt >= claimed.max_attempts:
            await self._fail(claimed, error.as_job_error())
        else:
            await self._retry(claimed, error)

    async def _retry(self, claimed: ClaimedJob, error: MomentError) -> None:
        """Queue the job for another attempt; it is due at its deadline at the latest, and fails then."""
        job, backoff = claimed.job, delay(error.code, claimed.attempt, self._chance(), self._retry_cap)
        after = min(backoff, self._left(claimed))
        self._telemetry.emit(
            JobRetried(job.id, job.status, claimed.attempt, error.code, error.message, after.total_seconds())
        )
        await claimed.flush_until_written()
        await self._queue.retry(claimed.lease, min(after, self._left(claimed)))

    async def _fail(self, claimed: ClaimedJob, error: JobError) -> None:
        claimed.record(Failed(error))
        await self._end(claimed)

    async def _end(self, claimed: ClaimedJob) -> None:
        await claimed.flush_until_written()
        self._telemetry.emit(JobEnded.of(claimed.job, claimed.attempt))
        if not claimed.job.keeps_objects:
            await self._delete_objects(claimed)
            await anyio.sleep(LATE_UPLOAD_SECONDS)
            await self._delete_objects(claimed)

    async def _delete_objects(self, claimed: ClaimedJob) -> None:
        try:
            await self._store.delete(job_prefix(claimed.job.id))
        except MomentError as error:  # housekeeping removes them later
            log.warning("job %s: cannot delete its objects: %s", claimed.job.id, error)


def _as_moment_error(raised: Exception) -> MomentError:
    """Return the error that decides; in a group, a lost lease or a permanent failure outweighs the others."""
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

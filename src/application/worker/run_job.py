"""Run a claimed job from its present state to its end, and settle every way in which it can end."""

import logging
from collections.abc import Callable
from datetime import timedelta
from math import inf
from time import monotonic
from typing import Final

import anyio

from application.ports.objects import ObjectStore
from application.ports.queue import Claim, JobQueue, LeaseLost
from application.telemetry import NO_TELEMETRY, JobEnded, JobRetried, StageFinished, Telemetry
from application.worker.claimed_job import ClaimedJob
from application.worker.dependencies import Dependencies, Verdict
from application.worker.endings import (
    AttemptsExhausted,
    BreaksTools,
    DeadlineExceeded,
    DeadlinePassed,
    JobExpired,
    asked_delay,
    deciding_error,
    is_last,
    lost_attempt,
    own_attempt,
)
from application.worker.stages import STAGE_OF_STATUS, Stages
from domain.errors import JobError, MomentError
from domain.jobs.attempts import MAX_BREAKS, MAX_CRASHES, Charge, watch_seconds
from domain.jobs.keys import job_prefix
from domain.jobs.retry import delay
from domain.jobs.transitions import Cancelled, Failed, JobStatus, StemsDiscarded

log: Final = logging.getLogger(__name__)

SETTLE_SECONDS: Final = 10.0
"""How long cancelling a job may take."""

LATE_UPLOAD_SECONDS: Final = 0.5
"""Grace period for uploads still in flight from a cancelled tool; later arrivals are removed by housekeeping."""

JOB_TIMEOUT: Final = 900.0

CHARGES: Final = {
    Verdict.WAIT: Charge.NOTHING,
    Verdict.SETBACK: Charge.TIME,
    Verdict.ERROR: Charge.ERROR,
    Verdict.BREAK: Charge.BREAK,
}
"""What a job pays for an attempt after which it is tried again."""


class RunJob:
    """The pipeline of one job.

    Args:
        chance: Uniform random numbers in [0, 1).
        retry_cap: Seconds between two attempts, at most.
        timeout: Seconds that a job may be worked on, lost workers and retries included. Waiting does not count: a
            backlog or an outage delays moments, it must not make them fail.
    """

    def __init__(
        self,
        queue: JobQueue,
        store: ObjectStore,
        stages: Stages,
        dependencies: Dependencies,
        chance: Callable[[], float],
        *,
        retry_cap: float = inf,
        timeout: float = JOB_TIMEOUT,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._queue = queue
        self._store = store
        self._stages = stages
        self._dependencies = dependencies
        self._chance = chance
        self._retry_cap = retry_cap
        self._timeout = timedelta(seconds=timeout)
        self._telemetry = telemetry

    def accept(self, claim: Claim, on_record: Callable[[], None] = lambda: None) -> ClaimedJob:
        """Return the claimed job, not yet begun; `on_record` is called after each event that it records."""
        return ClaimedJob(claim, self._queue, self._chance, on_record)

    async def __call__(self, claimed: ClaimedJob) -> None:
        """Run the job until it has ended or is queued for another attempt.

        Raises:
            LeaseLost: Another worker has the job; nothing was written since.
            DatabaseUnavailable: The retry could not be written; the lease expires and another worker takes the job.
        """
        try:
            await self._run_stages(claimed)
            await claimed.flush_until_written()
            self._telemetry.emit(JobEnded.of(claimed.job, claimed.claim.attempt))
        except anyio.get_cancelled_exc_class():
            await claimed.try_flush()  # so that the next worker does not repeat it
            raise
        except Exception as raised:  # noqa: BLE001 - whatever a stage raises settles the job
            await self._settle(claimed, deciding_error(raised))

    async def cancel(self, claimed: ClaimedJob) -> None:
        """Record the cancellation and delete the job's objects; its stages must have stopped.

        Raises:
            LeaseLost: Another worker has the job; it records the cancellation.
        """
        with anyio.move_on_after(SETTLE_SECONDS, shield=True):
            if not claimed.job.status.terminal:  # it may have ended before the request arrived
                claimed.record(Cancelled())
            await self._end(claimed)
            if not claimed.job.keeps_objects:
                await self._delete_objects(claimed)
                await anyio.sleep(LATE_UPLOAD_SECONDS)
                await self._delete_objects(claimed)

    async def _run_stages(self, claimed: ClaimedJob) -> None:
        claim = claimed.claim
        if claim.lost_worker:
            claimed.record(lost_attempt(claimed))
        if claim.deadline and claim.deadline <= claim.claimed_at:
            raise DeadlinePassed(claim.deadline)
        if claim.expired:
            raise JobExpired
        if claim.crashes >= MAX_CRASHES:
            raise AttemptsExhausted(claim.crashes)
        if claim.breaks >= MAX_BREAKS:
            raise BreaksTools(claim.breaks)
        left = self._timeout - claim.worked
        until_deadline = claim.deadline - claim.claimed_at if claim.deadline else left
        with anyio.move_on_after(min(left, until_deadline).total_seconds()):
            while not claimed.job.status.terminal:
                await self._run_stage(claimed)
        if claimed.job.status.terminal:
            return
        if claim.deadline and until_deadline < left:
            raise DeadlinePassed(claim.deadline)
        raise DeadlineExceeded(self._timeout)

    async def _run_stage(self, claimed: ClaimedJob) -> None:
        job_id, stage, claimed.stage_began = claimed.job.id, claimed.job.status, monotonic()
        await STAGE_OF_STATUS[stage](self._stages, claimed)
        self._dependencies.succeeded(stage, claimed.job.request.output_kind)
        self._telemetry.emit(StageFinished(job_id, stage, monotonic() - claimed.stage_began))

    async def _settle(self, claimed: ClaimedJob, error: MomentError) -> None:
        if isinstance(error, LeaseLost):
            raise error
        lasted = monotonic() - claimed.stage_began
        judged = await self._dependencies.judge(error, claimed.job.request.output_kind)
        match judged.verdict:
            case Verdict.REFUSED:
                await self._fail(claimed, error, permanent=True)
            case Verdict.ERROR if is_last(claimed.claim, error):
                await self._fail(claimed, error, permanent=False)
            case Verdict.BREAK if not await self._counts(claimed, lasted):
                await self._retry(claimed, judged.error, Charge.NOTHING, lasted)
            case verdict:
                await self._retry(claimed, judged.error, CHARGES[verdict], lasted)

    async def _counts(self, claimed: ClaimedJob, lasted: float) -> bool:
        """Return whether a break counts: in company as a suspicion, alone if the tools stay up without the job."""
        if not claimed.claim.runs_alone:
            return True
        seconds = watch_seconds(claimed.job.attempts, lasted)
        stay_up = await self._dependencies.tools_stay_up(seconds)
        log.warning(
            "job %s ran alone and the music tools broke down after %.1f s; without it, they %s for %.1f s",
            claimed.job.id, lasted, "stayed up" if stay_up else "did not stay up", seconds,
        )  # fmt: skip
        return stay_up

    async def _retry(self, claimed: ClaimedJob, error: MomentError, charge: Charge, lasted: float) -> None:
        """Queue the job for another attempt."""
        claim, job = claimed.claim, claimed.job
        tries = 1 + (claim.errors if charge is Charge.ERROR else max(job.setbacks, claim.breaks))
        after = max(delay(error.code, tries, self._chance(), self._retry_cap), asked_delay(error))
        self._telemetry.emit(
            JobRetried(job.id, job.status, claim.attempt, error.code, error.message, after.total_seconds(), charge)
        )
        counted = charge is Charge.ERROR or (charge is Charge.BREAK and claim.runs_alone)
        claimed.record(own_attempt(claimed, error, counted=counted, seconds=lasted))
        if error.code == "stem_unreadable" and job.status is JobStatus.MIXING:
            claimed.record(StemsDiscarded())
        await claimed.flush_until_written()
        waiting_for = error.code if charge is Charge.NOTHING else ""
        await self._queue.retry(claimed.lease, after, charge, waiting_for)

    async def _fail(self, claimed: ClaimedJob, error: MomentError, *, permanent: bool) -> None:
        claimed.record(Failed(JobError(code=error.code, message=error.message, permanent=permanent)))
        await self._end(claimed)

    async def _end(self, claimed: ClaimedJob) -> None:
        await claimed.flush_until_written()
        self._telemetry.emit(JobEnded.of(claimed.job, claimed.claim.attempt))

    async def _delete_objects(self, claimed: ClaimedJob) -> None:
        try:
            await self._store.delete(job_prefix(claimed.job.id))
        except MomentError as error:  # housekeeping removes them later
            log.warning("job %s: cannot delete its objects: %s", claimed.job.id, error)

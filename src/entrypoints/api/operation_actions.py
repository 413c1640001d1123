"""What operators do: cancel, retry and delete jobs, pause and resume kinds of moments."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

import anyio
import msgspec
from litestar import post
from litestar.params import JSONBody

from application.times import in_utc
from application.upkeep.failed_jobs import find_failed_jobs
from domain.blueprints.blueprint import OutputKind
from domain.errors import MomentError
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from entrypoints.api.dependencies import Administration, Cancel, Delete, Retry
from entrypoints.api.openapi import NO_DATABASE, problem
from entrypoints.api.operations import OPERATORS, TAG, TEXT

MOST_JOBS: Final = 100
AT_ONCE: Final = 8
BODY_BYTES: Final = 16 * 1024
INVALID: Final = problem("the body is not as its schema says")
ANSWERS: Final = {400: INVALID, 503: NO_DATABASE}
action: Final = partial(post, opt=OPERATORS, request_max_body_size=BODY_BYTES, tags=[TAG], responses=ANSWERS)
"""Makes a route of an action of operators."""


class ChosenJobs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Jobs to do something with."""

    job_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST_JOBS)]


class ChosenFailures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Failed jobs to retry: those that may do better, or all that failed with a code.

    Attributes:
        since: Only jobs that were accepted after this time; UTC unless it says.
        limit: How many, at most; the newest.
        dry_run: Whether to retry none, and only to tell which they are.
    """

    code: Annotated[str, msgspec.Meta(pattern=TEXT)] | None = None
    since: datetime | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_JOBS)] = MOST_JOBS
    dry_run: bool = False


class ChosenKinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds of moments; all, if they are left out."""

    kinds: Annotated[list[OutputKind], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: list(OutputKind)
    )


class Refusal(msgspec.Struct, frozen=True):
    """Why nothing was done with a job."""

    code: str
    message: str
    retryable: bool


class Outcome(msgspec.Struct, frozen=True):
    """What was done with a job.

    Attributes:
        status: Its state afterwards; null if it was deleted, or nothing was done.
        error: Why nothing was done; null if something was.
    """

    job_id: UUID
    status: JobStatus | None = None
    error: Refusal | None = None


class JobOutcomes(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with each job.

    Attributes:
        left_out: How many failed jobs were left out because they would fail again; a code selects them.
        more: Whether there may be more such jobs: repeat the request.
    """

    outcomes: list[Outcome]
    left_out: int = 0
    more: bool = False


@action("/v1/operations/cancel", status_code=200, operation_id="cancelJobs", summary="Cancel jobs")
async def cancel_jobs(data: JSONBody[ChosenJobs], cancel: Cancel) -> JobOutcomes:
    """Cancel jobs: waiting ones at once, running ones through their workers within a second."""

    async def act(job_id: JobId) -> JobStatus:
        return (await cancel(job_id)).status

    return JobOutcomes(outcomes=await _for_each(data.job_ids, act))


@action("/v1/operations/retry", status_code=200, operation_id="retryJobs", summary="Retry failed jobs")
async def retry_jobs(data: JSONBody[ChosenJobs], retry: Retry) -> JobOutcomes:
    """Queue failed jobs again, each under its own id, from the recording on."""
    return JobOutcomes(outcomes=await _for_each(data.job_ids, _retrying(retry)))


@action("/v1/operations/retry-failed", status_code=200, operation_id="retryFailedJobs", summary="Retry all failed jobs")
async def retry_failed_jobs(
    data: JSONBody[ChosenFailures], retry: Retry, administration: Administration
) -> JobOutcomes:
    """Queue the newest failed jobs again that may do better, or that failed with a code."""
    found = await find_failed_jobs(administration, data.code, in_utc(data.since), data.limit)
    if data.dry_run:
        outcomes = [Outcome(job_id, JobStatus.FAILED) for job_id in found.chosen]
    else:
        outcomes = await _for_each(found.chosen, _retrying(retry))
    return JobOutcomes(outcomes=outcomes, left_out=found.left_out, more=found.more)


@action("/v1/operations/delete", status_code=200, operation_id="deleteJobs", summary="Delete jobs and their files")
async def delete_jobs(data: JSONBody[ChosenJobs], deletion: Delete) -> JobOutcomes:
    """Delete jobs with everything that was made of them; those that run are stopped first."""
    return JobOutcomes(outcomes=await _for_each(data.job_ids, deletion))


@action("/v1/operations/pause", status_code=204, operation_id="pauseKinds", summary="Pause kinds of moments")
async def pause_kinds(data: JSONBody[ChosenKinds], administration: Administration) -> None:
    """Let workers begin no more jobs of these kinds; running ones finish, new ones are accepted and wait."""
    await administration.pause(data.kinds)


@action("/v1/operations/resume", status_code=204, operation_id="resumeKinds", summary="Resume kinds of moments")
async def resume_kinds(data: JSONBody[ChosenKinds], administration: Administration) -> None:
    """Let workers begin jobs of these kinds again."""
    await administration.resume(data.kinds)


def _retrying(retry: Retry) -> Callable[[JobId], Awaitable[JobStatus]]:
    async def act(job_id: JobId) -> JobStatus:
        return (await retry(job_id)).status

    return act


async def _for_each(job_ids: Sequence[UUID], act: Callable[[JobId], Awaitable[JobStatus | None]]) -> list[Outcome]:
    """Do something with several jobs, some at a time; an error of one does not stop the others."""
    outcomes: dict[UUID, Outcome] = {}
    turns = anyio.CapacityLimiter(AT_ONCE)

    async def do(job_id: JobId) -> None:
        async with turns:
            try:
                outcomes[job_id] = Outcome(job_id, await act(job_id))
            except MomentError as error:
                refusal = Refusal(error.code, error.message, not error.permanent)
                outcomes[job_id] = Outcome(job_id, error=refusal)

    async with anyio.create_task_group() as group:
        for job_id in dict.fromkeys(job_ids):
            group.start_soon(do, JobId(job_id))
    return [outcomes[job_id] for job_id in dict.fromkeys(job_ids)]

"""The routes that control a job."""

from typing import Final
from uuid import UUID

import msgspec
from litestar import delete, post
from litestar.params import FromPath

from domain.jobs.job import Job
from domain.jobs.transitions import JobStatus
from entrypoints.api.dependencies import Cancel
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.openapi import problem

UNKNOWN: Final = problem("no such job, or it was deleted")
UNAVAILABLE: Final = problem("the database or the object store is unavailable")


class Controlled(msgspec.Struct, frozen=True):
    """A job after a request to cancel it; a running one is cancelled by its worker within a second."""

    job_id: UUID
    status: JobStatus


@post(
    "/v1/jobs/{job_id:str}/cancel",
    status_code=200,
    operation_id="cancelJob",
    summary="Cancel a job",
    tags=["jobs"],
    responses={404: UNKNOWN, 503: UNAVAILABLE},
)
async def cancel_job(job_id: FromPath[str], cancel: Cancel) -> Controlled:
    """Cancel a job; its audio is removed. Idempotent: a job that has ended keeps its final status."""
    return _controlled(await cancel(parse_job_id(job_id)))


@delete(
    "/v1/jobs/{job_id:str}",
    status_code=200,
    operation_id="deleteJob",
    summary="Cancel a job (the same as POST …/cancel)",
    tags=["jobs"],
    responses={404: UNKNOWN},
)
async def delete_job(job_id: FromPath[str], cancel: Cancel) -> Controlled:
    """Cancel a job."""
    return _controlled(await cancel(parse_job_id(job_id)))


def _controlled(job: Job) -> Controlled:
    return Controlled(job.id, job.status)

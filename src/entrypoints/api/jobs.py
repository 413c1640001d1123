"""The routes that control a job: cancel, retry and delete it, and link to its files."""

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from application.moments.find_format import file_format_named
from application.moments.named_artifacts import KNOWN
from domain.jobs.artifacts import FINAL
from domain.jobs.job import Job
from domain.jobs.output_formats import MEDIA_TYPES
from domain.jobs.transitions import JobStatus
from entrypoints.api.dependencies import Cancel, Delete, Find, FindInFormat, Retry, Room, Urls, Whose
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.openapi import NO_JOB, NO_STORE, problem
from entrypoints.api.preferences import wait_in
from entrypoints.api.redirects import OF_LINKS, REDIRECT, link_to

NAME: Final = QueryParameter(description=f"One of: {', '.join(sorted(KNOWN))}")
FORMAT: Final = QueryParameter(
    name="format", description=f"Of the music or a stem: {', '.join(MEDIA_TYPES)}; or a codec alone"
)

SAVE_AS: Final = QueryParameter(
    name="download", max_length=120, description="Save it rather than play it: the file's name, without its suffix"
)


class Controlled(msgspec.Struct, frozen=True):
    """A job after a request to cancel or to retry it; a running one is cancelled by its worker within a second."""

    job_id: UUID
    status: JobStatus


@post(
    "/v1/jobs/{job_id:str}/cancel",
    status_code=200,
    operation_id="cancelJob",
    summary="Cancel a job",
    tags=["jobs"],
    responses={404: NO_JOB, 503: NO_STORE},
)
async def cancel_job(job_id: FromPath[str], cancel: Cancel) -> Controlled:
    """Cancel a job; its audio is removed. Idempotent: a job that has ended keeps its final status."""
    return _controlled(await cancel(parse_job_id(job_id)))


@post(
    "/v1/jobs/{job_id:str}/retry",
    status_code=202,
    operation_id="retryJob",
    summary="Retry a failed job",
    tags=["jobs"],
    responses={
        404: NO_JOB,
        409: problem("the job is not FAILED, or its recording was removed"),
        429: problem("too many of your jobs wait"),
        503: problem("the database or the object store is unavailable, or too many jobs wait"),
    },
)
async def retry_job(job_id: FromPath[str], caller: Whose, room: Room, retry: Retry) -> Response[Controlled]:
    """Queue a failed job again under its own id, from its recording on, if there is room for it as for a new one."""
    await room.require(caller)
    job = await retry(parse_job_id(job_id))
    return Response(_controlled(job), status_code=202, headers={"Location": f"/v1/jobs/{job.id}"})


@delete(
    "/v1/jobs/{job_id:str}",
    status_code=204,
    operation_id="deleteJob",
    summary="Delete a job and its files",
    tags=["jobs"],
    responses={
        204: ResponseSpec(None, description="deleted: from now on there is no such job"),
        404: NO_JOB,
        409: problem("its worker has not stopped it yet; repeat the request after Retry-After"),
        503: NO_STORE,
    },
)
async def delete_job(job_id: FromPath[str], deletion: Delete) -> None:
    """Delete a job with its recording and everything that was made of it; one that runs is stopped first."""
    await deletion(parse_job_id(job_id))


@get(
    "/v1/jobs/{job_id:str}/audio",
    status_code=302,
    operation_id="readAudio",
    summary="Follow a link to a file that never expires",
    tags=["jobs"],
    responses={
        **OF_LINKS,
        400: problem("no such format, or the artifact is neither the music nor a stem"),
        404: problem("no such job, or it has no such artifact and will have none"),
        409: problem("the artifact is not there yet, try again after Retry-After; or the format cannot be made"),
        429: problem("too many of your files wait to be made in other formats"),
        503: problem("the database is unavailable, or the format could not be made"),
    },
)
async def read_audio(
    request: Request[Any, Any, Any],
    job_id: FromPath[str],
    find: Find,
    find_format: FindInFormat,
    urls: Urls,
    *,
    artifact: Annotated[str, NAME] = FINAL,
    music_format: Annotated[str, FORMAT] = "",
    save_as: Annotated[str, SAVE_AS] = "",
    redirect: Annotated[bool, REDIRECT] = True,
) -> Response[Any]:
    """Redirect to a fresh signed URL of a file, by default of the music.

    With `format`, the music or a stem comes in another format, which is made once, and kept. `Prefer: wait=N` waits
    until it is made.
    """
    if not music_format:
        url = await find(parse_job_id(job_id), artifact, save_as)
    else:
        wanted, seconds = file_format_named(artifact, music_format), wait_in(request.scope["headers"])
        url = await find_format(parse_job_id(job_id), wanted, seconds, save_as)
    return link_to(url, urls, redirect=redirect)


def _controlled(job: Job) -> Controlled:
    return Controlled(job.id, job.status)

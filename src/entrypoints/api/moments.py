"""The routes of a moment: send a hum, read its status, cancel it."""

from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from litestar.types import ASGIApp

from application import telemetry
from application.moments.moment_status import MomentStatus
from application.moments.style_resolved import StyleResolved
from application.moments.submit_moment import Upload
from application.ports.jobs import JobNotFound
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from domain.warnings import RequestWarning
from entrypoints.api.dependencies import Cancel, Once, Read, Submit
from entrypoints.api.forms import FORM_OVERHEAD_BYTES, receive
from entrypoints.api.idempotency import REPLAYED, KeyedRequest
from entrypoints.api.openapi import CreateMoment, problem
from entrypoints.api.raw_responses import EncodedJson, NotModified

_encoder: Final = msgspec.json.Encoder()


class Accepted(msgspec.Struct, frozen=True):
    """A moment that waits for a worker; `warnings` say what has no effect in it."""

    job_id: UUID
    status: JobStatus
    style_resolved: StyleResolved
    warnings: tuple[RequestWarning, ...] = ()


class Stopped(msgspec.Struct, frozen=True):
    """A job after a request to cancel it; a running one is cancelled by its worker within a second."""

    job_id: UUID
    status: JobStatus


def create_moment_up_to(max_upload_bytes: int) -> Any:
    """Return the route for new moments, with the limit of its uploads: Litestar reads the limit from the route."""

    @post(
        "/v1/create-moment",
        status_code=202,
        request_max_body_size=max_upload_bytes + FORM_OVERHEAD_BYTES,
        operation_class=CreateMoment,
        operation_id="createMoment",
        summary="Send a hum",
        tags=["moments"],
        responses={
            202: ResponseSpec(Accepted, description="accepted: follow Location", generate_examples=False),
            400: problem("no file, an invalid blueprint or output kind, an unknown artifact"),
            409: problem("a request with this Idempotency-Key is being carried out"),
            413: problem("too large"),
            415: problem("not audio"),
            422: problem("the Idempotency-Key was sent with another request"),
            503: problem("the database or the object store is unavailable"),
        },
    )
    async def create_moment(request: Request[Any, Any, Any], submit_moment: Submit, submit_once: Once) -> ASGIApp:
        """Store the recording and create the job; the music is made later, by a worker."""
        keyed = KeyedRequest(request)
        if keyed.key and keyed.announced and (kept := await submit_once.known(keyed.key, keyed.announced)):
            return _accepted(kept.job_id, kept.answer, replayed=True)
        content_type = request.headers.get("content-type", "")
        async with receive(content_type, keyed.stream(), max_upload_bytes) as form:
            upload = Upload(
                chunks=form.file.chunks(),
                filename=form.filename,
                request_id=telemetry.request_id.get(),
                ignored=form.ignored,
                **form.texts,
            )
            if not keyed.key:
                job = await submit_moment(upload)
                return _accepted(job.id, _answer(job))
            fingerprint = await keyed.fingerprint(form)
            kept, replayed = await submit_once(fingerprint, partial(submit_moment, upload), _answer)
        return _accepted(kept.job_id, kept.answer, replayed=replayed)

    return create_moment


def _answer(job: Job) -> str:
    """Return the answer to the request for a job: the same in every try, whatever has become of the job."""
    style = StyleResolved.of(job.request.blueprint)
    return _encoder.encode(Accepted(job.id, JobStatus.PENDING, style, job.request.warnings)).decode()


def _accepted(job_id: JobId, answer: str, *, replayed: bool = False) -> ASGIApp:
    telemetry.job_id.set(str(job_id))
    headers = [(b"location", f"/v1/status/{job_id}".encode())]
    if replayed:
        headers.append((REPLAYED.lower().encode(), b"true"))
    return EncodedJson(answer.encode(), headers, status=202)


@get(
    "/v1/status/{job_id:str}",
    operation_id="readStatus",
    summary="Read a status",
    tags=["moments"],
    responses={
        200: ResponseSpec(MomentStatus, description="the status", generate_examples=False),
        304: ResponseSpec(None, description="not modified since the ETag in If-None-Match"),
        404: problem("no such job"),
    },
)
async def read_status(request: Request[Any, Any, Any], job_id: FromPath[str], status_reader: Read) -> ASGIApp:
    """Return the status, or 304 if it is what the client has."""
    status = await status_reader(_parse(job_id))
    headers = [(b"etag", status.etag.encode()), (b"cache-control", b"private, no-cache")]
    if _matches(dict(request.scope["headers"]).get(b"if-none-match"), status.etag):
        return NotModified(headers)
    return EncodedJson(status.body, headers)


@post(
    "/v1/jobs/{job_id:str}/cancel",
    status_code=200,
    operation_id="cancelJob",
    summary="Cancel a job",
    tags=["moments"],
    responses={404: problem("no such job")},
)
async def cancel_job(job_id: FromPath[str], cancel: Cancel) -> Stopped:
    """Cancel a job. Idempotent: a job that has ended keeps its final status."""
    return _stopped(await cancel(_parse(job_id)))


@delete(
    "/v1/jobs/{job_id:str}",
    status_code=200,
    operation_id="deleteJob",
    summary="Cancel a job (the same as POST …/cancel)",
    tags=["moments"],
    responses={404: problem("no such job")},
)
async def delete_job(job_id: FromPath[str], cancel: Cancel) -> Stopped:
    """Cancel a job."""
    return _stopped(await cancel(_parse(job_id)))


def _stopped(job: Job) -> Stopped:
    return Stopped(job.id, job.status)


def _parse(job_id: str) -> JobId:
    """Return the id in a path; what the request logs from here on carries it."""
    try:
        parsed = JobId(UUID(job_id))
    except ValueError:
        raise JobNotFound(job_id) from None
    telemetry.job_id.set(str(parsed))  # a UUID can be spelt in many ways
    return parsed


def _matches(header: bytes | None, etag: str) -> bool:
    """Return whether If-None-Match names the ETag; weak comparison (RFC 9110, section 13.1.2)."""
    if header is None:
        return False
    named = {candidate.strip().removeprefix("W/") for candidate in header.decode("latin-1").split(",")}
    return etag in named or "*" in named

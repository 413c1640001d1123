"""The routes of a moment's status, and waiting for it to change."""

from typing import Any, Final

from litestar import Request, get
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from litestar.types import ASGIApp

from application.moments.encoded_status import EncodedStatus
from application.moments.moment_status import MomentStatus
from domain.jobs.job import JobId
from entrypoints.api.dependencies import Follow
from entrypoints.api.job_ids import parse_job_id
from entrypoints.api.openapi import NO_DATABASE, NO_JOB
from entrypoints.api.preferences import wait_in
from entrypoints.api.raw_responses import EncodedJson, Headers, NotModified

AnyRequest = Request[Any, Any, Any]

DOCUMENTED: Final[dict[int, ResponseSpec]] = {
    200: ResponseSpec(MomentStatus, description="the status", generate_examples=False),
    304: ResponseSpec(None, description="not modified since the ETag in If-None-Match"),
    404: NO_JOB,
    503: NO_DATABASE,
}


@get(
    "/v1/status/{job_id:str}",
    operation_id="readStatus",
    summary="Read a status",
    tags=["moments"],
    responses=DOCUMENTED,
)
async def read_status(request: AnyRequest, job_id: FromPath[str], follow: Follow) -> ASGIApp:
    """Return the status, or 304 if it is what the client has. `Prefer: wait=N` waits until the job changes."""
    return await _respond(request, parse_job_id(job_id), follow)


@get(
    "/v1/jobs/{job_id:str}",
    operation_id="readJob",
    summary="Read a job (the same as its status)",
    tags=["jobs"],
    responses=DOCUMENTED,
)
async def read_job(request: AnyRequest, job_id: FromPath[str], follow: Follow) -> ASGIApp:
    """Return what `GET /v1/status/{job_id}` returns."""
    return await _respond(request, parse_job_id(job_id), follow)


async def _respond(request: AnyRequest, job_id: JobId, follow: Follow) -> ASGIApp:
    sent = dict(request.scope["headers"])
    has = sent.get(b"if-none-match")
    seconds = wait_in(request.scope["headers"]) if b"prefer" in sent else 0
    status, waited = await follow(job_id, seconds, lambda now: has is None or _matches(has, now.etag))
    headers = _headers(status)
    if waited:
        headers.append((b"preference-applied", b"wait=%d" % seconds))
    if has is not None and _matches(has, status.etag):
        return NotModified(headers)
    return EncodedJson(status.body, headers)


def _headers(status: EncodedStatus) -> Headers:
    headers = [(b"etag", status.etag.encode()), (b"cache-control", b"private, no-cache")]
    if status.read_again_after is not None:
        headers.append((b"retry-after", b"%d" % status.read_again_after))
    return headers


def _matches(header: bytes, etag: str) -> bool:
    """Return whether If-None-Match names the ETag; weak comparison (RFC 9110, section 13.1.2)."""
    named = {candidate.strip().removeprefix("W/") for candidate in header.decode("latin-1").split(",")}
    return etag in named or "*" in named

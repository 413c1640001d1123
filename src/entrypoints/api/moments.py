"""The route of new moments: send a hum."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.openapi import ResponseSpec
from litestar.types import ASGIApp

from application import telemetry
from application.moments.style_resolved import StyleResolved
from application.moments.submit_moment import Upload
from domain.jobs.transitions import JobStatus
from domain.warnings import RequestWarning
from entrypoints.api.dependencies import Submit
from entrypoints.api.forms import FORM_OVERHEAD_BYTES, receive
from entrypoints.api.openapi import CreateMoment, problem
from entrypoints.api.raw_responses import EncodedJson

_encoder: Final = msgspec.json.Encoder()


class Accepted(msgspec.Struct, frozen=True):
    """A moment that waits for a worker; `warnings` say what has no effect in it."""

    job_id: UUID
    status: JobStatus
    style_resolved: StyleResolved
    warnings: tuple[RequestWarning, ...] = ()


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
            413: problem("too large"),
            415: problem("not audio"),
            503: problem("the database or the object store is unavailable"),
        },
    )
    async def create_moment(request: Request[Any, Any, Any], submit_moment: Submit) -> ASGIApp:
        """Store the recording and create the job; the music is made later, by a worker."""
        content_type = request.headers.get("content-type", "")
        async with receive(content_type, request.stream(), max_upload_bytes) as form:
            upload = Upload(
                chunks=form.file.chunks(),
                filename=form.filename,
                request_id=telemetry.request_id.get(),
                ignored=form.ignored,
                **form.texts,
            )
            job = await submit_moment(upload)
        telemetry.job_id.set(str(job.id))
        body = _encoder.encode(
            Accepted(job.id, job.status, StyleResolved.of(job.request.blueprint), job.request.warnings)
        )
        return EncodedJson(body, [(b"location", f"/v1/status/{job.id}".encode())], status=202)

    return create_moment

"""The route of new moments: send a hum."""

from functools import partial
from typing import Any

from litestar import Request, post
from litestar.openapi import ResponseSpec
from litestar.types import ASGIApp

from application import telemetry
from application.moments.recordings import Hum
from application.moments.submit_moment import Upload
from entrypoints.api.accepted_jobs import Accepted, answered_before, create_job
from entrypoints.api.callers import caller_of
from entrypoints.api.dependencies import ForNewMoments
from entrypoints.api.forms import FORM_OVERHEAD_BYTES, Form, receive
from entrypoints.api.idempotency import KeyedRequest
from entrypoints.api.openapi import problem


def create_moment_up_to(max_upload_bytes: int) -> Any:
    """Return the route for new moments, with the limit of its uploads: Litestar reads the limit from the route."""

    @post(
        "/v1/create-moment",
        status_code=202,
        request_max_body_size=max_upload_bytes + FORM_OVERHEAD_BYTES,
        operation_id="createMoment",
        summary="Send a hum",
        tags=["moments"],
        responses={
            202: ResponseSpec(Accepted, description="accepted: follow Location", generate_examples=False),
            400: problem("no recording, an invalid blueprint or another invalid field, a webhook that cannot be sent"),
            403: problem("a priority that the caller may not have"),
            409: problem("a request with this Idempotency-Key is being carried out, or the webhook is disabled"),
            413: problem("too large"),
            415: problem("not audio"),
            422: problem("the Idempotency-Key was sent with another request, or audio_url cannot be read"),
            429: problem("too many uploads or fetched recordings at the same time, or too many of your jobs wait"),
            503: problem("the database or the object store is unavailable, or too many jobs wait"),
        },
    )
    async def create_moment(request: Request[Any, Any, Any], new_moments: ForNewMoments) -> ASGIApp:
        """Store the recording and create the job; the music is made later, by a worker."""
        room, store, submit_moment, submit_once = new_moments
        keyed, caller = KeyedRequest(request), caller_of(request)
        if answer := await answered_before(keyed, submit_once):
            return answer
        if not keyed.key:  # one that is sent again is answered, whatever waits
            await room.require(caller)
        content_type = request.headers.get("content-type", "")
        async with receive(content_type, keyed.stream(), max_upload_bytes, store.draft) as form:
            upload = Upload(
                hum=_hum(form),
                fields=form.texts,
                request_id=telemetry.request_id.get(),
                ignored=form.ignored,
                caller=caller,
            )
            fingerprint = await keyed.fingerprint(form) if keyed.key else None
            return await create_job(partial(submit_moment, upload), fingerprint, submit_once)

    return create_moment


def _hum(form: Form) -> Hum | None:
    """Return the recording in a form."""
    draft = form.file
    return Hum(form.filename, lambda key: draft.store(key, form.mime_type)) if draft else None

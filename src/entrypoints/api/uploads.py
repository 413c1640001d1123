"""The route of direct uploads: a signed URL straight to storage."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.openapi import ResponseSpec

from application.moments.field_readers import InvalidFields
from application.moments.open_upload import OpenedUpload, WantedUpload
from domain.blueprints.problems import type_problems
from entrypoints.api.dependencies import OpenUploads, Whose
from entrypoints.api.invalid_form import InvalidForm
from entrypoints.api.openapi import NO_STORE, problem

MAX_BODY: Final = 8 * 1024


@post(
    "/v1/uploads",
    status_code=201,
    request_max_body_size=MAX_BODY,
    operation_id="openUpload",
    summary="Get a URL to upload a hum to",
    tags=["moments"],
    responses={
        201: ResponseSpec(OpenedUpload, description="send the recording to `url`", generate_examples=False),
        400: problem("no JSON object, or an invalid field"),
        413: problem("too large"),
        429: problem("too many uploads that are not used"),
        503: NO_STORE,
    },
)
async def open_upload(
    request: Request[Any, Any, Any], caller: Whose, open_upload: OpenUploads
) -> Response[OpenedUpload]:
    """Open an upload, which `createMoment` names by its `upload_id` within a day.

    The URL takes one `PUT` of exactly this type and length, as often as it is tried until it expires.
    """
    opened = await open_upload(_read(await request.body()), caller)
    return Response(opened, status_code=201, headers={"Cache-Control": "no-store"})


def _read(body: bytes) -> WantedUpload:
    try:
        document = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidForm("the body is not a JSON object", code="form_invalid") from error
    given = {name: _plain(value) for name, value in document.items() if value is not None}
    if problems := type_problems(given, WantedUpload, ""):
        raise InvalidFields(problems, code="invalid_field")
    return msgspec.convert(given, WantedUpload)


def _plain(value: object) -> object:
    """Return a whole number as one, however JSON writes it: 1.0, 1e3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value

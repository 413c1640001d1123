"""The OpenAPI document: what Litestar derives from the handlers, and what it cannot know or says wrong."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec
from litestar import Litestar, MediaType, Request, Response, get

from application.moments.share_moment import MAX_TOKEN
from domain.music.styles.registry import STYLES
from entrypoints.api.callers import needs_caller
from entrypoints.api.deprecations import ROUTES as DEPRECATED_ROUTES
from entrypoints.api.deprecations import Deprecated
from entrypoints.api.idempotency import KEY, MAX_KEY
from entrypoints.api.openapi_components import (
    FAILED,
    FORBIDDEN,
    HEADERS,
    KEY_SCHEME,
    REFUSED,
    RESPONSES,
    SECURITY_SCHEMES,
    UNAUTHORIZED,
)
from entrypoints.api.openapi_links import LINKS
from entrypoints.api.openapi_schemas import reference, refine_schemas
from entrypoints.api.openapi_webhooks import SCHEMA, WEBHOOKS
from entrypoints.api.operation_examples import OF_OPERATORS
from entrypoints.api.preferences import LONGEST_WAIT
from entrypoints.api.problem_documents import RETRIED
from entrypoints.api.remix_body import remix_body
from entrypoints.api.request_body import request_body
from entrypoints.api.status_example import EXAMPLE
from entrypoints.api.upload_body import upload_body

Json = dict[str, Any]

_OF_A_STATUS: Final = ("ETag", "Retry-After", "Preference-Applied")

OF_RESPONSES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    **{(create, "202"): ("Location", "Idempotency-Replayed") for create in ("createMoment", "remixJob")},
    **{(read, status): _OF_A_STATUS for read in ("readStatus", "readJob") for status in ("200", "304")},
    ("listJobs", "200"): ("Link",),
    ("retryJob", "202"): ("Location",),
    ("readAudio", "302"): ("Location",),
    ("readSample", "302"): ("Location",),
    ("proxyAudio", "307"): ("Location",),
    ("readSharedAudio", "302"): ("Location",),
    ("readSharedPicture", "200"): ("ETag",),
}
"""The headers, besides that of every response, by operation and status; those of problems follow from their status."""

_OF_READING: Final[tuple[Json, ...]] = (
    {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of the status that the client has; if nothing has changed, the answer is 304.",
        "schema": {"type": "string"},
    },
    {
        "name": "Prefer",
        "in": "header",
        "description": "`wait=N` (RFC 7240): the answer comes once the job has changed, or after N seconds, "
        f"{LONGEST_WAIT} at most.",
        "schema": {"type": "string"},
        "example": "wait=20",
    },
)

_OF_MAKING: Final[tuple[Json, ...]] = (
    {
        "name": "Prefer",
        "in": "header",
        "description": "`wait=N` (RFC 7240): the answer comes once the file is made, or after N seconds, "
        f"{LONGEST_WAIT} at most.",
        "schema": {"type": "string"},
        "example": "wait=20",
    },
)

_OF_SENDING_AGAIN: Final[tuple[Json, ...]] = (
    {
        "name": KEY,
        "in": "header",
        "description": "Names this request: sent again within 24 hours, it has the same answer and does nothing.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    },
    {
        "name": "Repr-Digest",
        "in": "header",
        "description": "The SHA-256 of the body (RFC 9530): with it, a request that is sent again with the same "
        "bytes is answered before its body arrives.",
        "schema": {"type": "string"},
    },
)

PARAMETERS: Final[Mapping[str, tuple[Json, ...]]] = {
    "createMoment": _OF_SENDING_AGAIN,
    "remixJob": _OF_SENDING_AGAIN,
    "followEvents": (
        {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The id of the last event that is known: the stream continues after it.",
            "schema": {"type": "string"},
            "example": "2.0",
        },
    ),
    "readAudio": _OF_MAKING,
    "readSample": _OF_MAKING,
    "readStatus": _OF_READING,
    "readJob": _OF_READING,
}
"""Parameters that handlers read themselves."""

_PART_OF_A_STREAM: Final = """\
id: 2.0
event: status
data: {"status":"RENDERING","at":"2026-11-22T12:00:01.500000Z","terminal":false,"error":null}

event: progress
data: {"progress":0.375}

"""

EXAMPLES: Final[Mapping[tuple[str, str], Json]] = {
    **{(read, "200"): {"waiting": {"value": EXAMPLE}} for read in ("readStatus", "readJob")},
    ("followEvents", "200"): {"rendering": {"value": _PART_OF_A_STREAM}},
    **OF_OPERATORS,
}
"""Examples of responses, by operation and status; Litestar would leave out what is null in them."""

OF_PARAMETERS: Final[Mapping[str, Json]] = {
    "job_id": {
        "description": "The id that `createMoment` returned.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "artifact": {"example": "vocals"},
    "style": {"schema": {"type": "string", "enum": list(STYLES)}},
    "delivery_id": {
        "description": "The `webhook-id`.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "token": {
        "description": "What the link ends with.",
        "schema": {"type": "string", "maxLength": MAX_TOKEN},
        "example": "kq3fJ0mN8vXyT2bLwZ5cRd1sGh7uAe9P",
    },
}
"""What there is to say about parameters that Litestar sees."""

_HTML: Final[Json] = {"schema": {"type": "string", "description": "A page of HTML"}}
"""What browsers get where programs get JSON."""

_OF_KEYS: Final = {"401": UNAUTHORIZED, "403": FORBIDDEN}
_OTHERS: Final = {"4XX": REFUSED, "5XX": FAILED}


@get("/openapi.json", include_in_schema=False, media_type=MediaType.JSON)
async def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the OpenAPI document."""
    return Response(_encoded(request.app), media_type=MediaType.JSON)


@lru_cache(maxsize=1)
def _encoded(app: Litestar) -> bytes:
    return msgspec.json.encode(document_of(app))


def document_of(app: Litestar) -> Json:
    """Return the OpenAPI 3.1 document of an application, as JSON values."""
    document: Json = msgspec.to_builtins(app.openapi_schema.to_schema())
    for path, operation in _operations(document):
        _refine(operation)
        if found := DEPRECATED_ROUTES.get(path):
            _deprecate(operation, found)
        if needs_caller(path):
            operation["responses"] |= {status: reference("responses", name) for status, name in _OF_KEYS.items()}
        else:
            operation["security"] = []
    document["paths"]["/v1/create-moment"]["post"]["requestBody"] = request_body()
    document["paths"]["/v1/uploads"]["post"]["requestBody"] = upload_body()
    document["paths"]["/v1/jobs/{job_id}/remix"]["post"]["requestBody"] = remix_body()
    for status in ("200", "404"):
        document["paths"]["/m/{token}"]["get"]["responses"][status]["content"]["text/html"] = _HTML
    picture = document["paths"]["/m/{token}/picture.png"]["get"]["responses"]["200"]
    del picture["content"]  # openapi-python-client stumbles over images; the description says what it is
    refine_schemas(document["components"]["schemas"])
    document["components"]["schemas"]["MomentWebhook"] = SCHEMA
    document["webhooks"] = WEBHOOKS
    document["components"] |= {"headers": HEADERS, "responses": RESPONSES, "securitySchemes": SECURITY_SCHEMES}
    document["security"] = [{}, {KEY_SCHEME: []}]  # here, since some generators take an operation's for a duty
    return document


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        yield from ((path, operation) for operation in item.values())


def _refine(operation: Json) -> None:
    responses = {status: found for status, found in operation["responses"].items() if not _is_litestars_own(found)}
    for status, response in responses.items():
        if examples := EXAMPLES.get((operation["operationId"], status)):
            for media in response["content"].values():
                media["examples"] = examples
        response["headers"] = response.get("headers", {}) | _headers(operation["operationId"], status)
        if links := LINKS.get((operation["operationId"], status)):
            response["links"] = links
    responses |= {status: reference("responses", name) for status, name in _OTHERS.items()}
    operation["responses"] = dict(sorted(responses.items()))
    parameters = [*map(_parameter, operation.get("parameters", ())), *PARAMETERS.get(operation["operationId"], ())]
    if parameters:
        operation["parameters"] = parameters


def _deprecate(operation: Json, found: Deprecated) -> None:
    operation["description"] = f"{operation['description']} Deprecated: it may go after {found.sunset:%Y-%m-%d}. " + (
        found.instead
    )
    for response in operation["responses"].values():
        if "headers" in response:
            response["headers"] |= {name: reference("headers", name) for name in found.headers}


def _is_litestars_own(response: Json) -> bool:
    """Return whether a response has the shape of Litestar's errors, which ours never have."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return "status_code" in schema.get("properties", {})


def _headers(operation: str, status: str) -> Json:
    names = ["X-Request-Id", *OF_RESPONSES.get((operation, status), ())]
    if status in map(str, map(int, RETRIED)):
        names.append("Retry-After")
    return {name: reference("headers", name) for name in names}


def _parameter(parameter: Json) -> Json:
    return parameter | OF_PARAMETERS.get(parameter["name"], {})

"""The components of the OpenAPI document that are no schemas: headers, and the errors that every operation has."""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from domain.error_codes import CODES, Code
from entrypoints.api.error_statuses import STATUSES
from entrypoints.api.openapi_schemas import reference
from entrypoints.api.problem_documents import CHALLENGES, ERRORS_PATH, MEDIA_TYPE, RETRY_AFTER_SECONDS, ProblemDocument

Json = dict[str, Any]

REFUSED, FAILED, UNAUTHORIZED, FORBIDDEN = "Refused", "Failed", "Unauthorized", "Forbidden"

KEY_SCHEME: Final = "key"
SECURITY_SCHEMES: Final[dict[str, Json]] = {
    KEY_SCHEME: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "moment_…",
        "description": "A key of the service (`moment keys create`). Optional, unless the service requires keys.",
    }
}

HEADERS: Final[dict[str, Json]] = {
    "X-Request-Id": {
        "description": "Identifies the request in the log; the client's own, if it sent one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "example": "9a3be8ce54bd4d5ba7a12dbe0b4a0ad1",
    },
    "Location": {
        "description": "Where to go on: the path of the job's status, or the signed URL of the file.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "/v1/status/7133416a-eaad-4b03-99e3-5a8f170c1dc8",
    },
    "Link": {
        "description": "Leads to the next page, if there is one, or to where a deprecation is explained (RFC 8288).",
        "schema": {"type": "string"},
        "example": '</v1/jobs?cursor=AAZFj0k>; rel="next"',
    },
    "Idempotency-Replayed": {
        "description": "The answer is that of an earlier request with the same `Idempotency-Key`.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "ETag": {
        "description": "Names this state of the resource; send it as `If-None-Match`.",
        "required": True,
        "schema": {"type": "string"},
        "example": '"3-0.25"',
    },
    "Retry-After": {
        "description": "Seconds after which to send the request again; without it, there is nothing to wait for.",
        "schema": {"type": "integer", "minimum": 0},
        "example": RETRY_AFTER_SECONDS,
    },
    "RateLimit": {
        "description": "What is left of the quota, and seconds until all of it is back "
        "(draft-ietf-httpapi-ratelimit-headers-10).",
        "schema": {"type": "string"},
        "example": '"changes";r=599;t=1',
    },
    "RateLimit-Policy": {
        "description": "The quota: requests and seconds.",
        "schema": {"type": "string"},
        "example": '"changes";q=600;w=60',
    },
    "WWW-Authenticate": {
        "description": "How to send a key (RFC 6750), and what is wrong with the one that was sent.",
        "required": True,
        "schema": {"type": "string"},
        "example": CHALLENGES["key_invalid"],
    },
    "Deprecation": {
        "description": "Since when the route is deprecated (RFC 9745).",
        "required": True,
        "schema": {"type": "string", "pattern": "^@[0-9]+$"},
        "example": "@1796083200",
    },
    "Sunset": {
        "description": "From when on the route may be missing (RFC 8594).",
        "required": True,
        "schema": {"type": "string"},
        "example": "Wed, 01 Dec 2027 00:00:00 GMT",
    },
    "Preference-Applied": {
        "description": "`wait=N` if the service waited for the job to change (RFC 7240).",
        "schema": {"type": "string"},
        "example": "wait=20",
    },
}


def _example(code: Code, detail: str) -> ProblemDocument:
    return ProblemDocument(
        type=f"{ERRORS_PATH}#{code}",
        title=HTTPStatus(STATUSES[code]).phrase,
        status=STATUSES[code],
        detail=detail,
        instance="/v1/create-moment",
        code=code,
        request_id=HEADERS["X-Request-Id"]["example"],
        retryable=not CODES[code].permanent,
        errors=(),
    )


def _problem(description: str, example: ProblemDocument, *more: str) -> Json:
    names = ("X-Request-Id", *(more or ("Retry-After",)))
    schema = reference("schemas", "ProblemDocument")
    return {
        "description": f"{description} `type` leads to the meaning of the code.",
        "headers": {name: reference("headers", name) for name in names},
        "content": {MEDIA_TYPE: {"schema": schema, "example": msgspec.to_builtins(example)}},
    }


RESPONSES: Final = {
    REFUSED: _problem(
        "The request was refused.",
        _example("not_audio", "unsupported audio format: send WAV, MP3, M4A, OGG, FLAC or WebM"),
        *("Retry-After", "RateLimit", "RateLimit-Policy"),
    ),
    UNAUTHORIZED: _problem(
        "A key is missing, or it is unknown or revoked.",
        _example("key_invalid", "the key in Authorization is unknown, or it was revoked"),
        "WWW-Authenticate",
    ),
    FORBIDDEN: _problem(
        "The key does not allow this, or a page of another site sent it.",
        _example("permission_missing", "this needs a key with the scope create"),
        "X-Request-Id",
    ),
    FAILED: _problem(
        "The service failed; another try may succeed.",
        _example("database_unavailable", "the database does not answer; try again"),
    ),
}

"""Problem details (RFC 9457): the one shape of every error response, and the URL where its code is explained."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import msgspec
from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from application import telemetry
from domain.error_codes import CODES, Code, foreign
from domain.errors import Problem
from entrypoints.api.error_statuses import STATUSES
from entrypoints.api.raw_responses import EncodedJson

MEDIA_TYPE: Final = "application/problem+json"
ERRORS_PATH: Final = "/docs/errors"
"""The page with a row for each code, whose anchor is the code."""

UNNAMED: Final = "about:blank"
"""RFC 9457: a problem that says no more than its status."""

MAX_INSTANCE: Final = 2048
"""Characters of a path that a problem repeats."""

CODE_IN_STATE: Final = "problem_code"
"""Where the state of a request has the code of its problem."""

RETRY_AFTER_SECONDS: Final = 2
RETRY_AFTER_SECONDS_OF: Final[dict[Code, int]] = {"too_many_waiting": 10, "too_many_conversions": 10, "queue_full": 30}
"""Where room takes longer to come: jobs have to be made."""

RETRIED: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""The statuses that come with `Retry-After`, where the problem is retryable."""

CHALLENGES: Final[dict[str, str]] = {
    "key_missing": 'Bearer realm="moment"',
    "key_invalid": 'Bearer realm="moment", error="invalid_token"',
    "permission_missing": 'Bearer realm="moment", error="insufficient_scope"',
}
"""`WWW-Authenticate` of the problems of keys (RFC 6750, section 3)."""


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details; `code` is stable, programs match on it.

    Attributes:
        type: Where the code is explained, relative to this service: `/docs/errors#not_audio`.
        title: The reason phrase of the status.
        status: The HTTP status.
        detail: What went wrong, in one sentence for people.
        instance: The path of the request, without its query, which may be a permission.
        code: What went wrong, for programs.
        request_id: The `X-Request-Id` of the response; the log has it.
        retryable: Whether the same request may succeed later; of a failed job, its status says so (`error.retryable`).
        errors: Every error in a document, each with its RFC 6901 JSON pointer.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    retryable: bool
    errors: tuple[Problem, ...]


def problem_document(
    scope: Scope, status: int, code: Code, detail: str, errors: tuple[Problem, ...] = ()
) -> ProblemDocument:
    """Return the problem of a request, and note its code for the log."""
    scope.setdefault("state", {})[CODE_IN_STATE] = code
    info = CODES.get(code)
    return ProblemDocument(
        type=f"{ERRORS_PATH}#{code}" if info else UNNAMED,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=_path_of(scope),
        code=code,
        request_id=telemetry.request_id.get(),
        retryable=not info.permanent if info else status in RETRIED,
        errors=errors,
    )


def problem_response(document: ProblemDocument, headers: Mapping[str, str] | None = None) -> Response[ProblemDocument]:
    """Return a problem as a response."""
    own = {"Retry-After": str(_seconds(document.code))} if document.status in RETRIED and document.retryable else {}
    if challenge := CHALLENGES.get(document.code):
        own["WWW-Authenticate"] = challenge
    return Response(document, status_code=document.status, media_type=MEDIA_TYPE, headers={**own, **(headers or {})})


def encoded_problem(code: Code, detail: str, retry_after: int | None = None) -> ASGIApp:
    """Return a problem as a response for where the framework is not at work."""
    status = HTTPStatus(STATUSES[code])
    seconds = retry_after or _seconds(code)
    retry = [(b"retry-after", b"%d" % seconds)] if status in RETRIED and not CODES[code].permanent else []

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        body = msgspec.json.encode(problem_document(scope, status, code, detail))
        await EncodedJson(body, retry, status, MEDIA_TYPE.encode())(scope, receive, send)

    return respond


def _seconds(code: str) -> int:
    return RETRY_AFTER_SECONDS_OF.get(foreign(code), RETRY_AFTER_SECONDS)


def _path_of(scope: Scope) -> str:
    """Return the path as a URI reference (RFC 3986); two slashes at its start would name another host."""
    return quote("/" + scope["path"].lstrip("/"))[:MAX_INSTANCE]

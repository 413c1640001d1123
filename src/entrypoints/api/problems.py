"""Errors as RFC 9457 problem details: every error response has this shape."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ASGIApp

from application.moments.submit_moment import InvalidOutputKind, UnknownArtifact
from application.objects.byte_range import RangeNotSatisfiable
from domain.error_codes import Code, foreign
from domain.errors import InvalidBlueprint, MomentError, Problem
from entrypoints.api.raw_responses import EncodedJson

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 2
PASSING: Final[frozenset[Code]] = frozenset({"artifact_not_ready", "job_stopping"})
"""What the same request may find settled a moment later, though its status does not say so."""

RETRIED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

STATUS_OF: Final[dict[Code, int]] = {
    "form_invalid": 400,
    "file_missing": 400,
    "empty_upload": 400,
    "invalid_blueprint": 400,
    "invalid_output_kind": 400,
    "unknown_artifact": 400,
    "body_incomplete": 400,
    "url_invalid": 403,
    "url_expired": 403,
    "cross_site_request": 403,
    "job_not_found": 404,
    "object_not_found": 404,
    "artifact_not_found": 404,
    "request_too_slow": 408,
    "not_retriable": 409,
    "artifact_not_ready": 409,
    "job_stopping": 409,
    "field_too_large": 413,
    "upload_too_large": 413,
    "object_too_large": 413,
    "not_audio": 415,
    "range_not_satisfiable": 416,
    "host_not_allowed": 421,
    "too_many_uploads": 429,
    "too_many_streams": 429,
    "service_busy": 503,
    "streams_busy": 503,
    "database_unavailable": 503,
    "schema_outdated": 503,
    "storage_unavailable": 503,
    "storage_denied": 503,
    "wrong_bucket": 503,
    "job_unreadable": 503,
    "service_stopping": 503,
}
"""The HTTP status of each error code that requests can cause; any other code is a defect, with status 500."""

STATUS_OF_ROUTING: Final[dict[Code, int]] = {
    "bad_request": 400,
    "not_found": 404,
    "method_not_allowed": 405,
    "internal_error": 500,
}
"""The status of what the framework refuses before a handler runs, and of defects."""

_CODE_OF: Final[dict[int, Code]] = {status: code for code, status in STATUS_OF_ROUTING.items()} | {
    413: "upload_too_large"
}

_Itemised = InvalidBlueprint | InvalidOutputKind | UnknownArtifact
"""The errors that point at each problem."""

_log = logging.getLogger(__name__)


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details; `code` is stable, programs match on it.

    Attributes:
        title: The reason phrase of the status.
        detail: What went wrong, in one sentence for people.
        errors: Every error in a document, each with its RFC 6901 JSON pointer.
    """

    title: str
    status: int
    detail: str
    code: str
    errors: tuple[Problem, ...] = ()


def problem_response(
    status: int, code: Code, detail: str, *, errors: tuple[Problem, ...] = (), headers: Mapping[str, str] | None = None
) -> Response[ProblemDocument]:
    """Return a problem as a response."""
    title = HTTPStatus(status).phrase
    document = ProblemDocument(title=title, status=status, detail=detail, code=code, errors=errors)
    retry = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(document, status_code=status, media_type=MEDIA_TYPE, headers={**retry, **(headers or {})})


def encoded_problem(code: Code, detail: str) -> ASGIApp:
    """Return a problem as a response for where the framework is not at work."""
    status = HTTPStatus(STATUS_OF[code])
    document = ProblemDocument(title=status.phrase, status=status, detail=detail, code=code)
    retry = [(b"retry-after", b"%d" % RETRY_AFTER_SECONDS)] if status in RETRIED else []
    return EncodedJson(msgspec.json.encode(document), retry, status, MEDIA_TYPE.encode())


def on_moment_error(request: Request[Any, Any, Any], error: MomentError) -> Response[ProblemDocument]:
    """Return the response to an error of a use case or a port."""
    status = STATUS_OF.get(error.code)
    if status is None:
        return on_defect(request, error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s %s: %s: %s", request.method, request.url.path, error.code, error.message)
        return problem_response(
            status, error.code, _OUTAGES.get(error.code, "a service that this needs is unavailable; try again")
        )
    problems = tuple(error.problems) if isinstance(error, _Itemised) else ()
    headers = {"Content-Range": f"bytes */{error.size}"} if isinstance(error, RangeNotSatisfiable) else {}
    if error.code in PASSING:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return problem_response(status, error.code, error.message, errors=problems, headers=headers)


_OUTAGES: Final[dict[Code, str]] = {
    "database_unavailable": "the database does not answer; try again",
    "schema_outdated": "the database is being updated; try again",
    "storage_unavailable": "the object store does not answer, or a disk is full; try again",
    "storage_denied": "the object store refuses this service's credentials",
    "wrong_bucket": "this service is set to the wrong object store; try again once that is corrected",
    "job_unreadable": "the job was written by a newer version than this process; try again after the update",
}


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[ProblemDocument]:
    """Return the response to an error of Litestar: unknown route or method, a body or a parameter out of bounds."""
    status = error.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return on_defect(request, error)
    code = _CODE_OF.get(status) or foreign(HTTPStatus(status).phrase.lower().replace(" ", "_"))
    errors = _parameters(error) if isinstance(error, ValidationException) else ()
    return problem_response(status, code, _detail(request, error), errors=errors, headers=error.headers)


def on_defect(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemDocument]:
    """Return the response to a defect; details go to the log, none to the client."""
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return problem_response(500, "internal_error", "internal error; the X-Request-Id identifies it in the log")


def _detail(request: Request[Any, Any, Any], error: HTTPException) -> str:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return f"there is no route {request.url.path}; see /docs"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return f"{request.url.path} does not support {request.method}"
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return "the request body is too large"
        case _:
            return error.detail


def _parameters(error: ValidationException) -> tuple[Problem, ...]:
    found = error.extra if isinstance(error.extra, list) else []
    return tuple(Problem(f"/{item.get('key', '')}", str(item.get("message", ""))) for item in found)

"""Errors of handlers and of the framework as problem details: every error response has this shape."""

import logging
import re
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from application.objects.byte_range import RangeNotSatisfiable
from application.ports.usage import QuotaExceeded
from domain.blueprints.plain_words import in_plain_words as of_type
from domain.blueprints.problems import escaped
from domain.error_codes import Code, foreign
from domain.errors import ItemisedError, MomentError, Problem
from entrypoints.api.error_statuses import STATUS_OF, STATUS_OF_ROUTING
from entrypoints.api.plain_parameters import in_plain_words
from entrypoints.api.problem_documents import ProblemDocument, encoded_problem, problem_document, problem_response

_CODE_OF: Final[dict[int, Code]] = {status: code for code, status in STATUS_OF_ROUTING.items()} | {
    413: "upload_too_large"
}

_BODY: Final = "data"
"""What the framework calls the whole body."""

_DEFECT: Final = "internal error; the X-Request-Id identifies it in the log"
_OUTAGES: Final[dict[Code, str]] = {
    "database_unavailable": "the database does not answer; try again",
    "schema_outdated": "the database is being updated; try again",
    "storage_unavailable": "the object store does not answer, or a disk is full; try again",
    "storage_denied": "the object store refuses this service's credentials",
    "conversion_failed": "the music could not be made in this format; ask again in ten minutes",
    "wrong_bucket": "this service is set to the wrong object store; try again once that is corrected",
    "queue_full": "as many jobs wait as this service takes; try again later",
    "job_unreadable": "the job was written by a newer version than this process; try again after the update",
}

AnyRequest = Request[Any, Any, Any]
_log = logging.getLogger(__name__)


def on_moment_error(request: AnyRequest, error: MomentError) -> Response[ProblemDocument]:
    """Return the response to an error of a use case or a port."""
    status = STATUS_OF.get(error.code)
    if status is None:
        return on_defect(request, error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s %s: %s: %s", request.method, request.url.path, error.code, error.message)
        detail = _OUTAGES.get(error.code, "a service that this needs is unavailable; try again")
        return problem_response(problem_document(request.scope, status, error.code, detail))
    problems = tuple(error.problems) if isinstance(error, ItemisedError) else ()
    document = problem_document(request.scope, status, error.code, error.message, problems)
    return problem_response(document, _headers_of(error))


def _headers_of(error: MomentError) -> dict[str, str]:
    if isinstance(error, RangeNotSatisfiable):
        return {"Content-Range": f"bytes */{error.size}"}
    if isinstance(error, QuotaExceeded) and error.retry_after:
        return {"Retry-After": str(error.retry_after)}
    return {}


def on_http_exception(request: AnyRequest, error: HTTPException) -> Response[ProblemDocument]:
    """Return the response to an error of Litestar: unknown route or method, a body or a parameter out of bounds."""
    status = error.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return on_defect(request, error)
    code = _CODE_OF.get(status) or foreign(HTTPStatus(status).phrase.lower().replace(" ", "_"))
    errors = _parameters(request, error) if isinstance(error, ValidationException) else ()
    document = problem_document(request.scope, status, code, _detail(request, error), errors)
    return problem_response(document, _with_head(error.headers or {}))


def _with_head(headers: dict[str, str]) -> dict[str, str]:
    """Return headers whose `allow` names what this service allows: HEAD wherever GET is, as a layer outside has it."""
    methods = headers.get("allow", "").split(", ")
    return {**headers, "allow": ", ".join(sorted({*methods, "HEAD"}))} if "GET" in methods else headers


def on_defect(request: AnyRequest, error: Exception) -> Response[ProblemDocument]:
    """Return the response to a defect; details go to the log, none to the client."""
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return problem_response(problem_document(request.scope, 500, "internal_error", _DEFECT))


def with_defects_caught(app: ASGIApp) -> ASGIApp:
    """Return the application with a problem in place of what it raises: the framework sees no other layer's defects."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched_send(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, watched_send)
        except Exception:
            if begun:
                raise
            _log.exception("%s", scope["path"])
            await _defect(scope, receive, send)

    return serve


_defect: Final = encoded_problem("internal_error", _DEFECT)


def _detail(request: AnyRequest, error: HTTPException) -> str:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return f"there is no route {request.url.path}; see /docs"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return f"{request.url.path} does not support {request.method}"
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return "the request body is too large"
        case _ if isinstance(error, ValidationException):
            return (
                "a parameter or the body is not as it should be; see errors"  # the framework's words repeat the query
            )
        case _:
            return error.detail


def _parameters(request: AnyRequest, error: ValidationException) -> tuple[Problem, ...]:
    found = error.extra if isinstance(error.extra, list) else []
    return tuple(_problem(request, item) for item in found)


def _problem(request: AnyRequest, item: dict[str, Any]) -> Problem:
    """Return what is wrong with a parameter, or with a part of the body, which the framework names like `ids[0]`."""
    key, message = str(item.get("key", "")), str(item.get("message", ""))
    steps = [] if key == _BODY else [step for step in re.split(r"\.|\[|\]\.?", key) if step]
    pointer = "".join(f"/{escaped(step)}" for step in steps)
    if message == f"'{_BODY}'":
        return Problem(pointer, "the body is missing")
    if message.startswith("Invalid enum value"):
        way = [_BODY, *steps] if item.get("source") == "body" else steps
        return Problem(pointer, of_type(message, request.route_handler.signature_model, way))
    return Problem(pointer, in_plain_words(message))

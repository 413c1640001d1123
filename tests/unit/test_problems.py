"""Every error that a request can meet has a status, and a shape."""

from typing import Any

import msgspec
import pytest
from litestar.exceptions import HTTPException, ValidationException
from litestar.testing import RequestFactory
from litestar.types import Message, Receive, Scope, Send

import application.moments.submit_moment  # noqa: F401 - defines errors that are listed below
from application.objects.byte_range import RangeNotSatisfiable
from domain.errors import InvalidBlueprint, MomentError, Problem
from entrypoints.api.error_statuses import STATUS_OF
from entrypoints.api.problems import on_http_exception, on_moment_error, with_defects_caught

REQUEST = RequestFactory().get("/v1/status/x")
NOT_FOR_REQUESTS = {
    "internal_error",
    "illegal_transition",
    "bad_audio",
    "lease_lost",
    "tools_unavailable",
    "tools_busy",
    "tools_lost",
    "tool_failed",
}
"""Codes of errors that only a worker meets."""


def kinds(of: type[MomentError]) -> set[type[MomentError]]:
    return {of}.union(*(kinds(kind) for kind in of.__subclasses__()))


def test_every_error_of_the_use_cases_has_a_status() -> None:
    modules = (
        "domain.",
        "application.moments.field_readers",
        "application.moments.recordings",
        "application.ports.jobs",
        "application.ports.queue",
        "application.ports.objects",
        "application.ports.tools",
        "application.objects.signed_objects",
        "application.objects.byte_range",
    )
    codes = {kind.code for kind in kinds(MomentError) if kind.__module__.startswith(modules)}
    assert codes - NOT_FOR_REQUESTS <= set(STATUS_OF)
    assert {"not_audio", "object_not_found"} <= codes


def test_outages_come_without_the_details_that_the_log_has() -> None:
    answer = on_moment_error(REQUEST, MomentError("host 10.0.0.7 refused", code="database_unavailable"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "10.0.0.7" not in answer.content.detail


def test_an_error_that_nobody_listed_is_a_defect() -> None:
    answer = on_moment_error(REQUEST, MomentError("oops", code="lease_lost"))
    assert (answer.status_code, answer.content.code) == (500, "internal_error")
    assert "oops" not in answer.content.detail


def test_problems_of_a_blueprint_are_passed_on() -> None:
    problems = [Problem("/key", "is required"), Problem("/a~1b", "is not a known field")]
    answer = on_moment_error(REQUEST, InvalidBlueprint(problems))
    assert answer.content.errors == tuple(problems)


def test_a_range_beyond_the_end_says_how_long_the_object_is() -> None:
    answer = on_moment_error(REQUEST, RangeNotSatisfiable(7))
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */7")


@pytest.mark.parametrize("extra", [[{"key": "n", "message": "must be a number"}], None])
def test_parameters_are_named(extra: list[dict[str, str]] | None) -> None:
    answer = on_http_exception(REQUEST, ValidationException(detail="bad", extra=extra))
    assert (answer.status_code, answer.content.code) == (400, "bad_request")
    assert answer.content.errors == ((Problem("/n", "must be a number"),) if extra else ())


def test_a_status_that_the_table_lacks_has_no_type_of_ours() -> None:
    answer = on_http_exception(REQUEST, HTTPException(detail="no", status_code=406))
    assert (answer.content.type, answer.content.code) == ("about:blank", "not_acceptable")
    assert not answer.content.retryable


async def ignored() -> Any:
    raise AssertionError


@pytest.mark.anyio
async def test_what_a_layer_raises_is_a_problem_and_told_to_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("secret")

    async def send(message: Message) -> None:
        sent.append(message)

    await with_defects_caught(broken)({**REQUEST.scope, "path": "//evil.example/ü"}, ignored, send)
    start, body = sent
    problem = msgspec.json.decode(body["body"])
    assert (start["status"], problem["code"], problem["retryable"]) == (500, "internal_error", True)
    assert problem["instance"] == "/evil.example/%C3%BC"
    assert "secret" not in body["body"].decode()
    assert "secret" in caplog.text


@pytest.mark.anyio
async def test_a_response_that_has_begun_is_not_begun_again() -> None:
    sent: list[Any] = []

    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("secret")

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(RuntimeError, match="secret"):
        await with_defects_caught(broken)(REQUEST.scope, ignored, send)
    assert [message["status"] for message in sent] == [200]

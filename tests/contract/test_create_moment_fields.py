"""The fields of a request over HTTP: the status repeats what is good, and nothing is kept of what is bad."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from application.access import Permission
from application.keys.create_key import NewKey
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.api import WAV, ServedApi, serving_api
from tests.support.jobs import NOW, a_job_that_is

pytestmark = pytest.mark.anyio

PAIRS = '{"user": "u_81", "käse": ""}'
LARGEST = {f"{number:02}{'😀' * 38}": "😀" * 500 for number in range(50)}

REFUSED = [
    ("output_format", "aiff", 400, "unknown_output_format"),
    ("output_format", "mp3_44100", 400, "unknown_output_format"),
    ("client_reference", "x" * 256, 400, "invalid_field"),
    ("client_reference", "a\nb", 400, "invalid_field"),
    ("client_reference", "x" * 1025, 413, "field_too_large"),
    ("client_metadata", "{", 400, "invalid_field"),
    ("client_metadata", "[]", 400, "invalid_field"),
    ("client_metadata", '{"n": 1}', 400, "invalid_field"),
    ("deadline_seconds", "0", 400, "invalid_field"),
    ("deadline_seconds", "soon", 400, "invalid_field"),
    ("deadline_seconds", "604801", 400, "invalid_field"),
    ("retention", "P31D", 400, "invalid_field"),
    ("retention", "PT59M", 400, "invalid_field"),
    ("retention", "P1M", 400, "invalid_field"),
    ("priority", "urgent", 400, "invalid_field"),
    ("priority", "high", 403, "priority_not_allowed"),
]


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


async def status_of(api: ServedApi, **fields: str) -> dict[str, Any]:
    answer = await api.submit(WAV, **fields)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = (await api.http.get(answer.headers["location"])).json()
    api.jobs.rows.clear()
    await api.store.delete(f"{found['id']}/")
    return found


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("output_format", " WAV ", "wav_44100"),
        ("output_format", "mp3_44100_320", "mp3_44100_320"),
        ("output_format", "", "mp3_44100_128"),
        ("client_reference", "Auftrag 1207 / Zoë", "Auftrag 1207 / Zoë"),
        ("client_reference", "", None),
        ("client_metadata", PAIRS, {"user": "u_81", "käse": ""}),
        ("client_metadata", json.dumps(LARGEST), LARGEST),
        ("client_metadata", "", {}),
        ("priority", "Normal", "normal"),
        ("retention", "p7d", "P7D"),
        ("retention", "PT90M", "PT1H30M"),
        ("retention", "none", "PT0S"),
        ("retention", "", None),
    ],
)
async def test_the_status_repeats_what_was_asked_for(api: ServedApi, field: str, value: str, shown: object) -> None:
    assert (await status_of(api, **{field: value}))[field] == shown


async def test_the_deadline_is_counted_from_the_request(api: ServedApi) -> None:
    status = await status_of(api, deadline_seconds="90")
    created, deadline = (datetime.fromisoformat(status[name]) for name in ("created_at", "deadline"))
    assert timedelta(seconds=89) < deadline - created <= timedelta(seconds=90)


@pytest.mark.parametrize(("field", "value", "status", "code"), REFUSED)
async def test_what_is_no_value_is_refused_and_nothing_is_kept(
    api: ServedApi, field: str, value: str, status: int, code: str
) -> None:
    answer = await api.submit(WAV, **{field: value})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    if code != "field_too_large":
        assert {error["pointer"].split("/")[1] for error in problem["errors"]} == {field}
    assert not api.jobs.rows
    assert await api.store.list_page("", 10) == []


async def test_every_problem_has_a_pointer(api: ServedApi) -> None:
    pairs = {"a/b": "x" * 501, "n" * 41: "", "": "", "fine": "x" * 500, "nul": "\0"}
    answer = await api.submit(
        client_metadata=msgspec.json.encode(pairs).decode(), retention="later", deadline_seconds="-1"
    )
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/client_metadata/a~1b",
        f"/client_metadata/{'n' * 41}",
        "/client_metadata/",
        "/client_metadata/nul",
        "/deadline_seconds",
        "/retention",
    ]


async def test_fifty_pairs_are_as_many_as_there_may_be(api: ServedApi) -> None:
    pairs = {f"{number}": "é" * 500 for number in range(50)}
    assert (await status_of(api, client_metadata=msgspec.json.encode(pairs).decode()))["client_metadata"] == pairs
    answer = await api.submit(client_metadata=msgspec.json.encode({**pairs, "50": ""}).decode())
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/client_metadata"]


async def test_who_may_hurry_does(api: ServedApi) -> None:
    permissions = frozenset({Permission.CREATE, Permission.READ})
    _, token = await api.container.create_key()(NewKey(owner="ada", permissions=permissions, may_hurry=True))
    key = {"Authorization": f"Bearer {token}"}
    answer = await api.submit_with(key, priority="high")
    (row,) = api.jobs.rows.values()
    assert (answer.status_code, row.job.request.urgent) == (202, True)
    assert (await api.http.get(answer.headers["location"], headers=key)).json()["priority"] == "high"
    api.jobs.rows.clear()


@pytest.mark.parametrize(("kept_seconds", "days"), [(None, 30.0), (0, 1 / 24), (3 * 86400, 3.0), (90 * 86400, 30.0)])
async def test_a_status_says_when_its_moment_is_removed(api: ServedApi, kept_seconds: int | None, days: float) -> None:
    job = a_job_that_is(JobStatus.COMPLETED, JobId(uuid4()))
    request = msgspec.structs.replace(job.request, kept_seconds=kept_seconds)
    await api.jobs.add(msgspec.structs.replace(job, request=request))
    api.jobs.rows[job.id].finished_at = NOW
    status = (await api.http.get(f"/v1/status/{job.id}")).json()
    api.jobs.rows.clear()
    assert datetime.fromisoformat(status["expires_at"]) - NOW == timedelta(days=days)

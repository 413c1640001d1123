"""`Idempotency-Key` over HTTP: a request that is sent again creates nothing again."""

import base64
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import anyio
import httpx
import pytest

from application.ports.jobs import DatabaseUnavailable
from application.ports.objects import StorageUnavailable
from tests.support.api import WAV, ServedApi, serving_api

pytestmark = pytest.mark.anyio

PATH = "/v1/create-moment"


@pytest.fixture
async def api(tmp_path: Any) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path) as served:
        yield served


async def send(api: ServedApi, key: str, content: bytes = WAV, **fields: str) -> httpx.Response:
    files = {"file": ("hum.wav", content)}
    return await api.http.post(PATH, files=files, data=fields, headers={"Idempotency-Key": key})


def form(boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="hum.wav"\r\n\r\n'
    return head.encode() + WAV + f"\r\n--{boundary}--\r\n".encode()


async def test_the_same_request_has_the_same_answer_and_one_job(api: ServedApi) -> None:
    first = await send(api, "a-key", blueprint_json='{"style": "gamelan"}')
    again = await send(api, '"a-key"', blueprint_json='{"style": "gamelan"}')
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.request.read() != again.request.read()  # the boundaries are random
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert [str(job_id) for job_id in api.jobs.rows] == [first.json()["job_id"]]
    other = await send(api, "b-key", blueprint_json='{"style": "gamelan"}')
    assert other.json()["job_id"] != first.json()["job_id"]


@pytest.mark.parametrize(
    ("content", "fields"),
    [(WAV + b"\0", {}), (WAV, {"output_kind": "song"}), (WAV, {"blueprint_json": "{}"}), (WAV, {"mood": "sad"})],
)
async def test_another_request_with_the_key_is_refused(api: ServedApi, content: bytes, fields: dict[str, str]) -> None:
    assert (await send(api, "k")).status_code == 202
    refused = await send(api, "k", content, **fields)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert not refused.json()["retryable"]
    assert len(api.jobs.rows) == 1


async def test_the_answer_stays_whatever_becomes_of_the_job(api: ServedApi) -> None:
    first = await send(api, "k")
    await api.http.post(f"/v1/jobs/{first.json()['job_id']}/cancel")
    assert (await send(api, "k")).content == first.content
    api.jobs.rows.clear()
    assert (await send(api, "k")).content == first.content


async def test_a_twin_in_flight_is_told_to_come_back(api: ServedApi) -> None:
    entered, leave = anyio.Event(), anyio.Event()

    async def wait(*_: object) -> None:
        entered.set()
        await leave.wait()

    api.jobs.faults.before("add", wait)
    answers: list[httpx.Response] = []

    async def send_first() -> None:
        answers.append(await send(api, "k"))

    async with anyio.create_task_group() as group:
        group.start_soon(send_first)
        await entered.wait()
        twin = await send(api, "k")
        leave.set()
    assert (twin.status_code, twin.json()["code"], twin.json()["retryable"]) == (409, "idempotency_key_in_use", True)
    assert int(twin.headers["retry-after"]) > 0
    assert answers[0].status_code == 202
    assert (await send(api, "k")).content == answers[0].content
    assert len(api.jobs.rows) == 1


async def test_a_refused_request_may_be_corrected_under_its_key(api: ServedApi) -> None:
    assert (await send(api, "k", b"text")).status_code == 415
    assert (await send(api, "k", blueprint_json="{")).status_code == 400
    assert (await send(api, "k")).status_code == 202


@pytest.mark.parametrize("error", [DatabaseUnavailable("away"), StorageUnavailable("away"), RuntimeError("a slip")])
async def test_a_request_that_failed_is_carried_out_when_it_is_sent_again(api: ServedApi, error: Exception) -> None:
    api.jobs.faults.fail("add", error)
    assert (await send(api, "k")).status_code >= 500
    again = await send(api, "k")
    assert (again.status_code, "idempotency-replayed" in again.headers) == (202, False)
    assert len(api.jobs.rows) == 1


async def test_a_job_whose_answer_was_lost_is_not_created_again(api: ServedApi) -> None:
    api.keys.faults.fail("answer", DatabaseUnavailable("away"))
    assert (await send(api, "k")).status_code == 503
    again = await send(api, "k")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    assert [str(job_id) for job_id in api.jobs.rows] == [again.json()["job_id"]]
    assert (await send(api, "k")).content == again.content


@pytest.mark.parametrize("key", ["", '" "', "ü", "k" * 256, '""'])
async def test_a_key_that_is_none_is_refused(api: ServedApi, key: str) -> None:
    files = {"file": ("hum.wav", WAV)}
    answer = await api.http.post(PATH, files=files, headers={b"Idempotency-Key": key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert api.jobs.rows == {}


async def test_a_key_of_255_characters_is_one(api: ServedApi) -> None:
    assert (await send(api, "k" * 255)).status_code == 202


async def test_with_a_digest_the_answer_comes_before_the_body(api: ServedApi) -> None:
    body = form("b")
    digest = base64.b64encode(sha256(body).digest()).decode()
    headers = {"Idempotency-Key": "k", "Content-Type": "multipart/form-data; boundary=b"}
    first = await api.http.post(PATH, content=body, headers=headers)
    announced = headers | {"Repr-Digest": f"sha-512=:AAAA:, sha-256=:{digest}:", "Content-Length": str(len(body))}
    again = await answer_to_headers(api, announced)
    assert again.startswith(b"HTTP/1.1 202")
    assert b"idempotency-replayed: true" in again.lower()
    assert first.content in again


async def answer_to_headers(api: ServedApi, headers: dict[str, str]) -> bytes:
    """Send a request without its body; return what comes back within a second or so."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    url = api.http.base_url
    answer = b""
    async with await anyio.connect_tcp(url.host, url.port or 80) as stream:
        await stream.send(f"POST {PATH} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\n{head}\r\n".encode())
        with anyio.fail_after(5):
            while b'"warnings":[]}' not in answer:
                answer += await stream.receive()
    return answer


async def test_a_digest_of_other_bytes_waits_for_the_body(api: ServedApi) -> None:
    first = await send(api, "k")
    headers = {
        "Idempotency-Key": "k",
        "Content-Type": "multipart/form-data; boundary=c",
        "Repr-Digest": f"sha-256=:{base64.b64encode(sha256(form('c')).digest()).decode()}:",
    }
    again = await api.http.post(PATH, content=form("c"), headers=headers)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")


async def test_other_origins_may_read_whether_it_was_replayed(api: ServedApi) -> None:
    answer = await api.http.get("/healthz", headers={"Origin": "https://app.example"})
    assert "Idempotency-Replayed" in answer.headers["access-control-expose-headers"]

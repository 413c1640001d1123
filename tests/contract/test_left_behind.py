"""What is refused while a long recording arrives, or after it has, leaves nothing in the store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import httpx
import pytest
from anyio.abc import SocketStream
from dependency_injector.providers import Object

from application.moments.admission import WaitingLimits, WaitingRoom
from application.ports.uploads import UPLOADS_PREFIX
from entrypoints.api.request_bodies import Limits
from tests.support.api import MAX_UPLOAD_BYTES, WAV, ServedApi, serving_api
from tests.support.s3 import files_under

pytestmark = pytest.mark.anyio

PATH = "/v1/create-moment"
LONG = WAV + bytes(1 << 20)
KEY = {"Idempotency-Key": "k"}
FOLDER = f"{UPLOADS_PREFIX.removesuffix('/')}+"
FORM = "multipart/form-data; boundary=b"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: test\r\nContent-Type: {FORM}\r\nContent-Length: {{}}\r\n\r\n"

Way = Callable[[ServedApi], Awaitable[httpx.Response]]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[ServedApi]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("entrypoints.api.middlewares.Limits", partial(Limits, silence=2.0))
        async with serving_api(tmp_path) as served:
            yield served


def part(name: str, content: bytes) -> bytes:
    file = '; filename="hum.wav"' if name == "file" else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


def body(*fields: tuple[str, bytes], file: bytes = LONG) -> bytes:
    """Return a form whose fields come after the file."""
    return part("file", file) + b"".join(part(*field) for field in fields) + b"--b--\r\n"


def posted(content: bytes, headers: dict[str, str] | None = None) -> Way:
    return lambda api: api.http.post(PATH, content=content, headers={"Content-Type": FORM} | (headers or {}))


async def without_quota(api: ServedApi) -> httpx.Response:
    return await posted(body(), await api.new_key("acme", moments=0))(api)


async def while_the_queue_is_full(api: ServedApi) -> httpx.Response:
    room = WaitingRoom(api.container.backlog(), WaitingLimits(of_all=0))
    with api.container.waiting_room.override(Object(room)):  # with a key, it is asked after the body alone
        return await posted(body(), KEY)(api)


async def into_a_wrong_folder(api: ServedApi) -> httpx.Response:
    api.orphans.bucket = "https://elsewhere/moments"
    return await posted(body())(api)


WAYS: dict[str, tuple[Way, int, str]] = {
    "not audio": (posted(body(file=b"%PDF-1.7" + bytes(1 << 20))), 415, "not_audio"),
    "too large": (posted(body(file=WAV + bytes(MAX_UPLOAD_BYTES))), 413, "upload_too_large"),
    "truncated": (posted(body()[:-9]), 400, "form_invalid"),
    "no form": (posted(part("file", LONG) + b"--b\r\n:\r\n"), 400, "form_invalid"),
    "two files": (posted(part("file", LONG) + body()), 400, "form_invalid"),
    "invalid blueprint": (posted(body(("blueprint_json", b"{"))), 400, "invalid_blueprint"),
    "invalid field": (posted(body(("retention", b"P31D"))), 400, "invalid_field"),
    "not UTF-8": (posted(body(("output_kind", b"\xff"))), 400, "form_invalid"),
    "large field": (posted(body(("client_reference", bytes(2000)))), 413, "field_too_large"),
    "two recordings": (posted(body(("audio_url", b"https://example.com/hum.wav"))), 400, "invalid_field"),
    "webhook": (posted(body(("webhook", b"https://app.example/hooks"))), 400, "webhooks_not_configured"),
    "priority": (posted(body(("priority", b"high"))), 403, "priority_not_allowed"),
    "quota": (without_quota, 429, "quota_exceeded"),
    "queue": (while_the_queue_is_full, 503, "queue_full"),
    "bucket": (into_a_wrong_folder, 503, "wrong_bucket"),
}


@pytest.mark.parametrize(("way", "status", "code"), WAYS.values(), ids=WAYS)
async def test_what_is_refused_leaves_nothing(api: ServedApi, tmp_path: Path, way: Way, status: int, code: str) -> None:
    answer = await way(api)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (files_under(tmp_path), api.jobs.rows) == (set(), {})
    if code != "wrong_bucket":
        assert (await posted(body())(api)).status_code == 202


async def test_a_request_that_is_sent_again_leaves_one_recording(api: ServedApi, tmp_path: Path) -> None:
    first = await posted(body(("output_kind", b"song")), KEY)(api)
    again = await posted(part("output_kind", b"song") + body(), KEY)(api)  # the order of parts is no difference
    reused = await posted(body(file=LONG + b"\0"), KEY)(api)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert reused.json()["code"] == "idempotency_key_reused"
    assert files_under(tmp_path) == {f"{first.json()['job_id']}+/original"}


@asynccontextmanager
async def sending(api: ServedApi, length: int = 2 * len(LONG)) -> AsyncIterator[SocketStream]:
    """Yield a connection that has sent the head of a form."""
    async with await anyio.connect_tcp("127.0.0.1", api.http.base_url.port or 0) as connection:
        await connection.send(HEAD.format(length).encode())
        yield connection


async def until(true: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not true():
            await anyio.sleep(0.02)


async def test_who_leaves_in_the_middle_leaves_nothing(api: ServedApi, tmp_path: Path) -> None:
    async with sending(api) as connection:
        await connection.send(body()[:-20])
        await until(lambda: bool(files_under(tmp_path)))  # it goes into the store while it arrives
        assert {name.partition("/")[0] for name in files_under(tmp_path)} == {FOLDER}
    await until(lambda: not files_under(tmp_path))


async def test_who_pauses_in_the_middle_leaves_nothing(api: ServedApi, tmp_path: Path) -> None:
    async with sending(api) as connection:
        await connection.send(body()[:-20])
        with anyio.fail_after(30):
            assert b'"request_too_slow"' in await received(connection)
    await until(lambda: not files_under(tmp_path))


async def received(connection: SocketStream) -> bytes:
    answer = b""
    while b"}" not in answer:
        answer += await connection.receive()
    return answer


async def test_what_is_no_audio_is_refused_before_the_rest_has_arrived(api: ServedApi, tmp_path: Path) -> None:
    async with sending(api) as connection:
        await connection.send(part("file", b"%PDF-1.7" + bytes(10_000)))
        with anyio.fail_after(30):
            assert b'"not_audio"' in await received(connection)
    assert files_under(tmp_path) == set()

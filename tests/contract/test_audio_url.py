"""Recordings that a request names by URL, on a server that does what it likes."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import httpx
import msgspec
import pytest
from dependency_injector.providers import Object

from adapters.http.recordings import FetchTimes, HttpRecordings
from adapters.toolkit.authorities import parse
from tests.support.api import MAX_UPLOAD_BYTES, WAV, ServedApi, resident_bytes, serving_api
from tests.support.hostile_server import HostileServer, hostile_server

pytestmark = pytest.mark.anyio

PATH = "/v1/create-moment"
BRIEF = FetchTimes(silence=0.3, total=0.6)


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[ServedApi, HostileServer]]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as api, hostile_server() as server:
        allowed = [parse(f"127.0.0.1:{server.port}")]
        api.container.recording_fetcher.override(Object(HttpRecordings(allowed)))
        yield api, server


@pytest.fixture
async def api(served: tuple[ServedApi, HostileServer]) -> ServedApi:
    api = served[0]
    for job_id in api.jobs.rows:
        await api.store.delete(f"{job_id}/")
    api.jobs.rows.clear()
    return api


@pytest.fixture
def server(served: tuple[ServedApi, HostileServer]) -> HostileServer:
    return served[1]


@pytest.fixture
def brief(api: ServedApi, server: HostileServer) -> Iterator[None]:
    """Let the api wait for less than a second for servers that are slow."""
    with api.container.recording_fetcher.override(Object(HttpRecordings([parse(f"127.0.0.1:{server.port}")], BRIEF))):
        yield


async def assert_nothing_kept(api: ServedApi) -> None:
    assert not api.jobs.rows
    assert await api.store.list_page("", 10) == []


@pytest.mark.parametrize("encoding", ["form", "json"])
@pytest.mark.parametrize(
    ("path", "name"), [("/hum.wav", "hum.wav"), ("/my%20hum.wav", "my hum.wav"), ("/moved", "moved")]
)
async def test_the_recording_is_fetched(
    api: ServedApi, server: HostileServer, path: str, name: str, encoding: str
) -> None:
    fields = {"audio_url": server.url(path), "output_kind": "song"}
    sent: dict[str, Any] = (
        {"json": fields} if encoding == "json" else {"files": {n: (None, v) for n, v in fields.items()}}
    )
    answer = await api.http.post(PATH, **sent)
    assert answer.status_code == 202, answer.text
    (row,) = api.jobs.rows.values()
    request = row.job.request
    assert (request.filename, request.output_kind) == (name, "song")
    assert (request.original.size, request.original.mime_type) == (len(WAV), "audio/wav")
    assert await api.store.stat(request.original.key) == request.original


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/missing", 422, "audio_url_refused"),
        ("/forbidden", 422, "audio_url_refused"),
        ("/too-early", 422, "audio_url_unreachable"),
        ("/part", 422, "audio_url_unreachable"),
        ("/failing", 422, "audio_url_unreachable"),
        ("/truncated", 422, "audio_url_unreachable"),
        ("/broken-chunks", 422, "audio_url_unreachable"),
        ("/garbage", 422, "audio_url_unreachable"),
        ("/round", 422, "audio_url_unreachable"),
        ("/announced", 413, "upload_too_large"),
        ("/endless", 413, "upload_too_large"),
        ("/page", 415, "not_audio"),
        ("/packed", 415, "not_audio"),
        ("/empty", 400, "empty_upload"),
        ("/inward", 400, "audio_url_not_allowed"),
        ("/metadata", 400, "audio_url_not_allowed"),
        ("/to-a-file", 400, "audio_url_not_allowed"),
    ],
)
async def test_what_is_no_recording_is_refused_and_nothing_is_kept(
    api: ServedApi, server: HostileServer, path: str, status: int, code: str
) -> None:
    server.seen.clear()
    answer = await api.http.post(PATH, json={"audio_url": server.url(path)})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert "/hum.wav" not in server.seen
    await assert_nothing_kept(api)


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("path", ["/silent", "/slow"])
async def test_a_server_that_is_slow_is_unreachable(api: ServedApi, server: HostileServer, path: str) -> None:
    with anyio.fail_after(5):
        answer = await api.http.post(PATH, json={"audio_url": server.url(path)})
    assert (answer.status_code, answer.json()["code"]) == (422, "audio_url_unreachable"), answer.text
    await assert_nothing_kept(api)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hum.wav",
        "http://localhost:{port}/hum.wav",
        "http://127.0.0.2:{port}/hum.wav",
        "http://0x7f000001:{port}/hum.wav",
        "http://[::1]:{port}/hum.wav",
        "http://[::ffff:127.0.0.1]:{port}/hum.wav",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
    ],
)
async def test_inner_hosts_are_not_reached(api: ServedApi, server: HostileServer, url: str) -> None:
    server.seen.clear()
    answer = await api.http.post(PATH, json={"audio_url": url.replace("{port}", str(server.port))})
    assert (answer.status_code, answer.json()["code"]) == (400, "audio_url_not_allowed"), answer.text
    assert server.seen == []
    await assert_nothing_kept(api)


@pytest.mark.parametrize(
    "url",
    [
        "hum.wav",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "http://",
        "http://[::1",
        "http://[v1.a]/",
        "http://ex ample/",
        "http://a..b/",
        "http://a:99999/",
        "x" * 4097,
    ],
)
async def test_what_is_no_url_is_refused(api: ServedApi, url: str) -> None:
    answer = await api.http.post(PATH, json={"audio_url": url})
    expected = (413, "field_too_large") if len(url) > 4096 else (400, "invalid_field")
    assert (answer.status_code, answer.json()["code"]) == expected
    await assert_nothing_kept(api)


async def test_a_name_that_does_not_exist_is_unreachable(api: ServedApi) -> None:
    answer = await api.http.post(PATH, json={"audio_url": "http://nowhere.invalid/hum.wav"})
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (
        422,
        "audio_url_unreachable",
        True,
    )


@pytest.mark.parametrize("host", ["a\tb", "☃.net", "xn--a"])
async def test_a_name_that_cannot_be_asked_for_is_not_allowed(api: ServedApi, host: str) -> None:
    answer = await api.http.post(PATH, json={"audio_url": f"http://{host}/hum.wav"})
    assert (answer.status_code, answer.json()["code"]) == (400, "audio_url_not_allowed")
    await assert_nothing_kept(api)


async def test_a_request_has_one_recording(api: ServedApi, server: HostileServer) -> None:
    answer = await api.submit(WAV, audio_url=server.url("/hum.wav"))
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/audio_url"]
    none = await api.http.post(PATH, json={"output_kind": "song"})
    assert (none.status_code, none.json()["code"]) == (400, "file_missing")
    await assert_nothing_kept(api)


async def test_an_input_without_a_file_is_no_recording(api: ServedApi, server: HostileServer) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n'
        b'--b\r\nContent-Disposition: form-data; name="audio_url"\r\n\r\n'
        + server.url("/hum.wav").encode()
        + b"\r\n--b--"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert (await api.http.post(PATH, content=body, headers=headers)).status_code == 202


async def test_one_client_has_a_few_fetched_at_once(
    api: ServedApi, server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = api.container.fetched_hums()._shares
    monkeypatch.setattr(shares, "_of_client", msgspec.structs.replace(shares._of_client, most=1))
    server.arrived, server.leave = anyio.Event(), anyio.Event()
    slow: list[httpx.Response] = []

    async def fetch(path: str) -> httpx.Response:
        document, client = {"audio_url": server.url(path)}, {"X-Forwarded-For": "192.0.2.1"}
        return await api.http.post(PATH, json=document, headers=client)

    async def fetch_slowly() -> None:
        slow.append(await fetch("/held"))

    async with anyio.create_task_group() as group:
        group.start_soon(fetch_slowly)
        await server.arrived.wait()
        answer = await fetch("/hum.wav")
        monkeypatch.setattr(shares, "_of_all", msgspec.structs.replace(shares._of_all, most=1))
        full = await fetch("/hum.wav")
        server.leave.set()
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_uploads")
    assert (full.status_code, full.json()["code"]) == (503, "service_busy")
    assert slow[0].status_code == 202
    assert (await fetch("/hum.wav")).status_code == 202


async def test_the_url_counts_for_the_idempotency_key(api: ServedApi, server: HostileServer) -> None:
    key = {"Idempotency-Key": "fetched"}
    document = {"audio_url": server.url("/hum.wav")}
    failed = await api.http.post(PATH, json={"audio_url": server.url("/missing")}, headers={"Idempotency-Key": "later"})
    assert failed.status_code == 422
    first = await api.http.post(PATH, json=document, headers=key)
    server.seen.clear()
    again = await api.http.post(PATH, files={"audio_url": (None, document["audio_url"])}, headers=key)
    other = await api.http.post(PATH, json={"audio_url": server.url("/my%20hum.wav")}, headers=key)
    assert (first.status_code, again.json(), again.headers["idempotency-replayed"]) == (202, first.json(), "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert server.seen == []
    assert len(api.jobs.rows) == 1


async def test_an_endless_recording_takes_no_memory(api: ServedApi, server: HostileServer) -> None:
    await api.http.post(PATH, json={"audio_url": server.url("/endless")})
    before, server.sent = resident_bytes(), 0
    await api.http.post(PATH, json={"audio_url": server.url("/endless")})
    assert server.sent < MAX_UPLOAD_BYTES + 8_000_000  # what sockets hold on top
    assert resident_bytes() - before < 8_000_000


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "form_invalid"),
        (b"[]", 400, "form_invalid"),
        (b'{"audio_url": ', 400, "form_invalid"),
        (b'{"audio_url": 7}', 400, "invalid_field"),
        (b'{"audio_url": "https://a.example", "deadline_seconds": true}', 400, "invalid_field"),
        (b'{"audio_url": "https://a.example", "artifacts": ["parts", 1]}', 400, "invalid_field"),
        (b'{"audio_url": "https://a.example", "artifacts": ["video"]}', 400, "unknown_artifact"),
        (b'{"audio_url": "https://a.example", "client_metadata": []}', 400, "invalid_field"),
        (b'{"audio_url": "https://a.example", "blueprint_json": {"key": 1}}', 400, "invalid_blueprint"),
        (b'{"client_metadata": "' + b"x" * 400_000 + b'"}', 413, "field_too_large"),
        (b'{"other": "' + b"x" * 800_000 + b'"}', 413, "field_too_large"),
        (b'{"a":' * 100_000, 400, "form_invalid"),
    ],
)
async def test_json_that_is_no_request_is_refused(api: ServedApi, body: bytes, status: int, code: str) -> None:
    answer = await api.http.post(PATH, content=body, headers={"Content-Type": "application/json; charset=utf-8"})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    await assert_nothing_kept(api)


async def test_json_has_values_where_a_form_has_texts(api: ServedApi, server: HostileServer) -> None:
    document = {
        "audio_url": server.url("/hum.wav"),
        "blueprint_json": {"style": "lofi"},
        "artifacts": ["parts", "pictures"],
        "client_metadata": {"user": "u_81"},
        "deadline_seconds": 600.0,
        "retention": None,
        "mood": "sad",
    }
    answer = await api.http.post(
        PATH, content=msgspec.json.encode(document), headers={"Content-Type": "application/json"}
    )
    assert [warning["pointer"] for warning in answer.json()["warnings"]] == ["/mood"]
    (row,) = api.jobs.rows.values()
    request = row.job.request
    assert (request.blueprint, request.artifacts) == ({"style": "lofi"}, ("parts", "pictures"))
    assert (request.client_metadata, request.kept_seconds) == ({"user": "u_81"}, None)
    assert request.deadline is not None

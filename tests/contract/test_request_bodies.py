"""Slow and broken clients over real sockets: they are refused in time, and nobody else waits for them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import anyio
import httpx
import pytest
from anyio.abc import SocketStream
from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send

from adapters.telemetry.structured_logs import StructuredLogs
from entrypoints.api.client_addresses import ClientAddresses
from entrypoints.api.request_bodies import BodyRefused, Limits, RequestBodies
from entrypoints.api.server import serve_app
from entrypoints.local.network import free_port
from entrypoints.settings.declarations import PRIVATE_NETWORKS
from tests.support.api import WAV, ServedApi, resident_bytes, serving_api, until_listening

pytestmark = pytest.mark.anyio

HEAD: Final = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n"
READERS: Final = 60
MEGABYTE: Final = 1 << 20


async def answering(_scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, then answer with its size; say why not."""
    size, status = 0, 200
    try:
        while (message := await receive())["type"] == "http.request":
            size += len(message["body"])
            if not message["more_body"]:
                break
    except BodyRefused as error:
        size, status = 0, {"request_too_slow": 408, "body_incomplete": 400}[error.code]
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % size, "more_body": False})


@asynccontextmanager
async def served(limits: Limits, app: ASGIApp = answering) -> AsyncIterator[int]:
    port, stopping = free_port(), anyio.Event()
    async with anyio.create_task_group() as group:
        limited = ClientAddresses(PRIVATE_NETWORKS).around(RequestBodies(limits).around(app))
        group.start_soon(partial(serve_app, limited, "127.0.0.1", port, stopping, grace=0.1))
        await until_listening(port)
        yield port
        group.cancel_scope.cancel()


async def status_of(connection: SocketStream) -> int:
    return int((await connection.receive()).split()[1])


async def test_a_body_that_pauses_is_refused() -> None:
    async with served(Limits(silence=0.2)) as port, await anyio.connect_tcp("127.0.0.1", port) as connection:
        await connection.send(HEAD + b"x")
        assert await status_of(connection) == 408


async def test_a_body_that_trickles_is_refused_though_it_never_pauses() -> None:
    limits = Limits(silence=60, slow_after=0.3, rate=10_000)
    async with served(limits) as port, await anyio.connect_tcp("127.0.0.1", port) as connection:
        await connection.send(HEAD)
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                group.start_soon(trickle, connection)
                assert await status_of(connection) == 408
                group.cancel_scope.cancel()


async def trickle(connection: SocketStream) -> None:
    while True:
        await connection.send(b"x")
        await anyio.sleep(0.05)


async def test_bodies_beyond_the_limit_are_refused_and_the_rest_of_the_service_answers() -> None:
    limits = Limits(bodies=3, silence=60, slow_after=60)
    async with served(limits) as port, AsyncExitStack() as stack, httpx.AsyncClient() as http:
        held = [await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port)) for _ in range(3)]
        for connection in held:
            await connection.send(HEAD + b"x")
        url = f"http://127.0.0.1:{port}/"
        with anyio.fail_after(30):
            while (refused := await http.post(url, content=b"four")).status_code == 200:
                pass  # the three have not arrived yet
        assert (refused.status_code, refused.json()["code"]) == (503, "service_busy")
        assert refused.headers["retry-after"]
        assert (await http.get(url)).status_code == 200
        assert (await http.post(url, content=b"")).status_code == 200
        await held[0].send(bytes(999))
        assert await status_of(held[0]) == 200
        assert (await http.post(url, content=b"four")).text == "4"


async def nothing_more() -> ReceiveMessage:
    return {"type": "http.request", "body": b"", "more_body": False}


async def test_a_body_that_has_arrived_leaves_its_place_to_the_next() -> None:
    release, begun = anyio.Event(), anyio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            while (await receive())["more_body"]:  # type: ignore[typeddict-item] # a body
                pass
            begun.set()
            await release.wait()
            receive = nothing_more
        await answering(scope, receive, send)

    async with (
        served(Limits(bodies=1), slow) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
        anyio.create_task_group() as group,
    ):
        group.start_soon(partial(http.post, "/slow", content=b"whole"))
        with anyio.fail_after(30):
            await begun.wait()
        assert (await http.post("/", content=b"four")).status_code == 200
        release.set()


async def test_one_client_may_send_fewer_bodies_than_all_together() -> None:
    limits = Limits(bodies=10, of_client=1, silence=60, slow_after=60)
    async with served(limits) as port, httpx.AsyncClient() as http, await anyio.connect_tcp("127.0.0.1", port) as held:
        await held.send(HEAD.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n") + b"x")
        url = f"http://127.0.0.1:{port}/"

        async def post(client: str) -> httpx.Response:
            return await http.post(url, content=b"four", headers={"X-Forwarded-For": client})

        with anyio.fail_after(30):
            while (refused := await post("198.51.100.7, 203.0.113.9")).status_code == 200:
                pass  # the first has not arrived yet
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_uploads")
        assert (await post("203.0.113.9, 198.51.100.7")).status_code == 200


async def test_a_client_that_reads_nothing_is_given_up() -> None:
    given_up = anyio.Event()

    async def endless(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})
        except BodyRefused:
            given_up.set()

    async with served(Limits(reading=0.3), endless) as port, await anyio.connect_tcp("127.0.0.1", port) as connection:
        await connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        with anyio.fail_after(30):
            await given_up.wait()


async def test_a_client_that_reads_slowly_costs_less_than_a_megabyte(api: ServedApi) -> None:
    content = WAV + bytes(9 * MEGABYTE - len(WAV))
    url = await stored(api, content)
    before = resident_bytes()
    async with AsyncExitStack() as stack:
        for _ in range(READERS):
            connection = await anyio.connect_tcp("127.0.0.1", api.http.base_url.port or 0)
            await stack.enter_async_context(connection)
            await connection.send(f"GET {url} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        assert await status_of(connection) == 200
        await anyio.sleep(1.0)  # until the server has filled every buffer that there is
        assert resident_bytes() - before < READERS * MEGABYTE


async def stored(api: ServedApi, content: bytes) -> str:
    """Store an object; return the path of its signed URL."""

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    await api.store.put("job/slow.wav", chunks(), "audio/wav")
    return (await api.store.sign_get("job/slow.wav")).removeprefix(str(api.http.base_url).rstrip("/"))


BROKEN: Final = [b"FFFFFFFFFFFFFFFFF\r\n", b"zz\r\nhello\r\n0\r\n\r\n", b"-1\r\n"]


@pytest.fixture
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("api")) as served_api:
        yield served_api


@pytest.mark.parametrize("chunk", BROKEN)
async def test_a_broken_chunked_body_is_a_bad_request(
    api: ServedApi, chunk: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    head = (
        b"POST /v1/create-moment HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    async with await anyio.connect_tcp("127.0.0.1", api.http.base_url.port or 0) as connection:
        await connection.send(head + chunk)
        assert await status_of(connection) == 400
    assert "Traceback" not in caplog.text


async def test_a_visitor_who_leaves_in_mid_upload_is_no_defect(
    api: ServedApi, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[int] = []
    monkeypatch.setattr(StructuredLogs, "emit", lambda _logs, event: served.append(event.status))
    head = (
        b"POST /v1/create-moment HTTP/1.1\r\nHost: test\r\nContent-Length: 5000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    async with await anyio.connect_tcp("127.0.0.1", api.http.base_url.port or 0) as connection:
        await connection.send(head + b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nRIFF')
    with anyio.fail_after(30):
        while not served:
            await anyio.sleep(0.02)
    assert served == [400]
    assert [record for record in caplog.records if record.exc_info] == []

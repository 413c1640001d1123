"""`HttpTransfers`, `HttpFetcher` and `HttpMoments` over real HTTP, against a server that fails on demand."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from adapters.http.fetcher import HttpFetcher
from adapters.http.moments import HttpMoments
from adapters.http.transfers import HttpTransfers
from adapters.toolkit.kept_files import KeptFiles
from adapters.toolkit.workspaces import open_workspaces
from application.ports.moments_api import MomentRefused, MomentsUnavailable
from application.ports.tools import ToolsUnavailable
from application.ports.transfers import TransferFailed
from domain.errors import BadAudio
from tests.support.raw_server import raw_server
from tests.support.serving import serving

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 4096


class FlakyServer:
    """A server that fails on demand.

    Attributes:
        failures: Statuses of the next responses; after them it succeeds.
        puts: What was put: headers and content.
        posts: The fields of every posted form.
        url: Where it runs.
    """

    def __init__(self) -> None:
        self.failures: list[int] = []
        self.puts: list[tuple[dict[str, str], bytes]] = []
        self.posts: list[dict[str, str]] = []
        self.gets = 0
        self.url = ""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/audio", self._audio, methods=["GET"]),
                Route("/moved", self._moved, methods=["GET"]),
                Route("/endless", self._endless, methods=["GET"]),
                Route("/put", self._put, methods=["PUT"]),
                Route("/v1/create-moment", self._create, methods=["POST"]),
                Route("/v1/status/{job_id}", self._status, methods=["GET"]),
            ]
        )

    async def _audio(self, request: Request) -> Response:
        self.gets += 1
        return Response(status_code=self.failures.pop(0)) if self.failures else Response(CONTENT)

    async def _moved(self, request: Request) -> Response:
        return RedirectResponse("/audio")

    async def _endless(self, request: Request) -> Response:
        async def content() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 65536
                await anyio.lowlevel.checkpoint()

        return StreamingResponse(content())

    async def _put(self, request: Request) -> Response:
        content = await request.body()
        if self.failures:
            return Response(status_code=self.failures.pop(0))
        self.puts.append((dict(request.headers), content))
        return Response(status_code=200)

    async def _create(self, request: Request) -> Response:
        async with request.form() as form:
            upload = form["file"]
            assert not isinstance(upload, str)
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            self.posts.append({**fields, "filename": upload.filename or "", "content": (await upload.read()).decode()})
        if self.failures:
            problem = b'{"title": "Bad", "detail": "the file is no audio", "code": "not_audio"}'
            return Response(problem, self.failures.pop(0), media_type="application/problem+json")
        return Response(b'{"job_id": "job-1"}', 202, media_type="application/json")

    async def _status(self, request: Request) -> Response:
        job_id = request.path_params["job_id"]
        return Response(b'{"status": "PENDING", "id": "%s"}' % job_id.encode(), media_type="application/json")


@pytest.fixture(scope="module")
async def running_server() -> AsyncIterator[FlakyServer]:
    """The server, shared by the module."""
    flaky = FlakyServer()
    async with serving(flaky.app()) as flaky.url:
        yield flaky


@pytest.fixture
def server(running_server: FlakyServer) -> FlakyServer:
    """The server, reset."""
    running_server.failures, running_server.puts, running_server.posts, running_server.gets = [], [], [], 0
    return running_server


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def transfers(client: httpx.AsyncClient, tmp_path: Path) -> AsyncIterator[HttpTransfers]:
    """Transfers that do not wait between attempts."""
    async with open_workspaces(tmp_path) as workspaces:
        yield HttpTransfers(client, KeptFiles(tmp_path / "output", 60.0), workspaces, chance=lambda: 0.0)


async def test_a_download_survives_failures_and_redirects(
    server: FlakyServer, transfers: HttpTransfers, tmp_path: Path
) -> None:
    server.failures = [503, 500]
    await transfers.download(f"{server.url}/moved", tmp_path / "a", len(CONTENT))
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.gets == 3


async def test_a_download_that_keeps_failing_fails(
    server: FlakyServer, transfers: HttpTransfers, tmp_path: Path
) -> None:
    server.failures = [503] * 9
    with pytest.raises(TransferFailed, match="503"):
        await transfers.download(f"{server.url}/audio?X-Signature=secret", tmp_path / "a", 10)
    assert server.gets == 3


async def test_a_missing_url_is_requested_once_and_signatures_are_not_revealed(
    server: FlakyServer, transfers: HttpTransfers, tmp_path: Path
) -> None:
    server.failures = [403]
    with pytest.raises(TransferFailed, match="403") as refused:
        await transfers.download(f"{server.url}/audio?X-Signature=secret", tmp_path / "a", 10)
    assert server.gets == 1
    assert "secret" not in refused.value.message


async def test_a_download_stops_at_its_limit(server: FlakyServer, transfers: HttpTransfers, tmp_path: Path) -> None:
    with pytest.raises(BadAudio) as large:
        await transfers.download(f"{server.url}/endless", tmp_path / "a", 1_000_000)
    assert large.value.code == "file_too_large"


async def test_an_upload_sends_its_length_and_type(
    server: FlakyServer, transfers: HttpTransfers, tmp_path: Path
) -> None:
    server.failures = [500]
    (tmp_path / "a.flac").write_bytes(CONTENT)
    sha256 = await transfers.upload(tmp_path / "a.flac", f"{server.url}/put", "audio/flac")
    ((headers, content),) = server.puts
    assert (headers["content-type"], headers["content-length"]) == ("audio/flac", str(len(CONTENT)))
    assert "transfer-encoding" not in headers
    assert content == CONTENT
    assert sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "/etc/passwd", "http://[", "", "gopher://x"])
async def test_only_http_urls_are_supported(url: str, transfers: HttpTransfers, tmp_path: Path) -> None:
    with pytest.raises(TransferFailed):
        await transfers.download(url, tmp_path / "a", 10)


async def test_a_server_that_is_down(transfers: HttpTransfers, client: httpx.AsyncClient, tmp_path: Path) -> None:
    with pytest.raises(TransferFailed):
        await transfers.download("http://127.0.0.1:9/a", tmp_path / "a", 10)
    with pytest.raises(ToolsUnavailable):
        async with HttpFetcher(client).fetch("http://127.0.0.1:9/a"):
            pass
    with pytest.raises(MomentsUnavailable):
        await HttpMoments(client, "http://127.0.0.1:9").status("job-1")


async def test_workspaces_vanish_and_kept_files_stay(transfers: HttpTransfers, tmp_path: Path) -> None:
    async with transfers.workspace() as folder:
        (folder / "moment.mp3").write_bytes(b"music")
        kept = await transfers.keep(folder / "moment.mp3")
    assert not folder.exists()
    assert kept.read_bytes() == b"music"
    assert (kept.parent, kept.suffix) == (tmp_path / "output", ".mp3")


async def test_a_cancelled_workspace_vanishes_too(transfers: HttpTransfers) -> None:
    with anyio.CancelScope() as scope:
        async with transfers.workspace() as folder:
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert not folder.exists()


async def test_a_fetch_streams(server: FlakyServer, client: httpx.AsyncClient) -> None:
    async with HttpFetcher(client).fetch(f"{server.url}/audio") as chunks:
        assert b"".join([chunk async for chunk in chunks]) == CONTENT
    server.failures = [404]
    with pytest.raises(ToolsUnavailable, match="404"):
        async with HttpFetcher(client).fetch(f"{server.url}/audio"):
            pass


async def test_moments_are_submitted_as_a_form(server: FlakyServer, client: httpx.AsyncClient, tmp_path: Path) -> None:
    moments = HttpMoments(client, server.url + "/")
    (tmp_path / "hum").write_bytes(b"hmm")
    job_id = await moments.submit(
        tmp_path / "hum", filename="my hum.wav", fields={"blueprint_json": "{}", "output_kind": ""}
    )
    assert job_id == "job-1"
    assert server.posts == [{"blueprint_json": "{}", "filename": "my hum.wav", "content": "hmm"}]
    assert await moments.status("job-1") == {"status": "PENDING", "id": "job-1"}
    server.failures = [415]
    with pytest.raises(MomentRefused, match="no audio") as refused:
        await moments.submit(tmp_path / "hum", filename="x", fields={"output_kind": "song"})
    assert (refused.value.code, refused.value.permanent) == ("not_audio", True)
    with pytest.raises(MomentRefused) as absent:
        await moments.submit(tmp_path / "nothing", filename="x", fields={})
    assert absent.value.code == "file_unreadable"


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(500)
"""An answer whose other half never comes."""

BROKEN = pytest.mark.parametrize(
    "answer",
    [HALF, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf", b"220 this is not HTTP\r\n\r\n"],
    ids=["cut off", "cut off in a chunk", "not HTTP"],
)


@BROKEN
async def test_a_truncated_response_is_retried_and_then_fails(
    answer: bytes, transfers: HttpTransfers, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    async with raw_server(answer) as (port, requests):
        url = f"http://127.0.0.1:{port}/a?X-Signature=secret"
        with pytest.raises(TransferFailed) as failed:
            await transfers.download(url, tmp_path / "b", 10_000)
        assert len(requests) == 3
        with pytest.raises(ToolsUnavailable, match="could not be downloaded"):
            async with HttpFetcher(client).fetch(url) as chunks:
                assert b"".join([chunk async for chunk in chunks]) == b"never"
        with pytest.raises(MomentsUnavailable, match=f"respond at http://127.0.0.1:{port} .*PUBLIC_URL") as away:
            await HttpMoments(client, f"http://me:secret@127.0.0.1:{port}/").status("job-1")
    assert "secret" not in failed.value.message + away.value.message


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time that a silent server has; the transfers' total is shorter than three of them."""
    for module in ("transfers", "fetcher", "moments"):
        monkeypatch.setattr(f"adapters.http.{module}.TIMEOUT", httpx.Timeout(0.2))
    monkeypatch.setattr("adapters.http.transfers.TOTAL_SECONDS", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("begins", [True, False], ids=["in the middle of a body", "before its answer"])
async def test_a_server_that_stalls_is_given_up(
    begins: bool, transfers: HttpTransfers, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(CONTENT)

    async def stall(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and begins:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
        if scope["type"] == "http":
            await anyio.sleep_forever()

    async with serving(stall) as base:
        for transfer in (
            transfers.download(f"{base}/a", tmp_path / "b", 10_000),
            transfers.upload(tmp_path / "a", f"{base}/a", "audio/flac"),
        ):
            with anyio.fail_after(10), pytest.raises(TransferFailed, match=r"Timeout|took more than"):
                await transfer
        with pytest.raises(ToolsUnavailable, match="Timeout"):
            async with HttpFetcher(client).fetch(f"{base}/a") as chunks:
                assert b"".join([chunk async for chunk in chunks]) == b"never"
        with pytest.raises(MomentsUnavailable, match="Timeout"):
            await HttpMoments(client, base).status("job-1")


async def test_an_upload_that_keeps_failing_fails_and_one_that_is_refused_is_not_tried_again(
    server: FlakyServer, transfers: HttpTransfers, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    server.failures = [503, 429, 408, 503]
    with pytest.raises(TransferFailed, match="408"):
        await transfers.upload(tmp_path / "a", f"{server.url}/put?X-Signature=secret", "audio/flac")
    assert server.failures == [503]
    server.failures = [403, 503]
    with pytest.raises(TransferFailed, match="403") as refused:
        await transfers.upload(tmp_path / "a", f"{server.url}/put?X-Signature=secret", "audio/flac")
    assert server.failures == [503]
    assert "secret" not in refused.value.message


async def test_a_redirect_loop_cannot_be_read(
    transfers: HttpTransfers, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    async def circle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await RedirectResponse("/a")(scope, receive, send)

    async with serving(circle) as base:
        with pytest.raises(TransferFailed, match="TooManyRedirects"):
            await transfers.download(f"{base}/a", tmp_path / "a", 10)
        with pytest.raises(ToolsUnavailable, match="TooManyRedirects"):
            async with HttpFetcher(client).fetch(f"{base}/a"):
                pass


@pytest.mark.parametrize("url", ["http://[", "file:///etc/passwd", "nowhere", "http://nowhere.invalid/a"])
async def test_a_url_that_leads_nowhere_cannot_be_fetched(url: str, client: httpx.AsyncClient) -> None:
    with pytest.raises(ToolsUnavailable):
        async with HttpFetcher(client).fetch(url):
            pass


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'"a text"'])
@pytest.mark.parametrize("status", [200, 502])
async def test_what_is_not_our_api_is_unavailable(status: int, answer: bytes, client: httpx.AsyncClient) -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await Response(answer, status)(scope, receive, send)

    async with serving(page) as base:
        with pytest.raises(MomentsUnavailable):
            await HttpMoments(client, base).status("job-1")

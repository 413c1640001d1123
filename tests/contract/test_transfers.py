"""Transfers and fetches over real HTTP, against a server with moods."""

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

from adapters.http.fetcher import HttpFetcher
from adapters.http.moments import HttpMoments
from adapters.http.transfers import HttpTransfers
from application.ports import ToolsUnavailable
from application.studio.ports import MomentRefused, MomentsUnavailable, TransferFailed
from domain.errors import BadAudio
from tests.support.serving import serving

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 4096


class Moody:
    """A server that fails as often as it is told to.

    Attributes:
        failures: Statuses of the next answers, before it behaves.
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
async def running_server() -> AsyncIterator[Moody]:
    """The moody server, running for the whole module."""
    moody = Moody()
    async with serving(moody.app()) as moody.url:
        yield moody


@pytest.fixture
def server(running_server: Moody) -> Moody:
    """The moody server in a good mood, without memories."""
    running_server.failures, running_server.puts, running_server.posts, running_server.gets = [], [], [], 0
    return running_server


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
def transfers(client: httpx.AsyncClient, tmp_path: Path) -> HttpTransfers:
    """Transfers that do not wait between attempts."""
    return HttpTransfers(client, tmp_path / "output", chance=lambda: 0.0)


async def test_a_download_passes_bad_moods_and_redirects(
    server: Moody, transfers: HttpTransfers, tmp_path: Path
) -> None:
    server.failures = [503, 500]
    await transfers.download(f"{server.url}/moved", tmp_path / "a", len(CONTENT))
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.gets == 3


async def test_a_download_that_keeps_failing_fails(server: Moody, transfers: HttpTransfers, tmp_path: Path) -> None:
    server.failures = [503] * 9
    with pytest.raises(TransferFailed, match="503"):
        await transfers.download(f"{server.url}/audio?X-Signature=secret", tmp_path / "a", 10)
    assert server.gets == 3


async def test_what_is_gone_is_asked_for_once_and_signatures_are_not_told(
    server: Moody, transfers: HttpTransfers, tmp_path: Path
) -> None:
    server.failures = [403]
    with pytest.raises(TransferFailed, match="403") as refused:
        await transfers.download(f"{server.url}/audio?X-Signature=secret", tmp_path / "a", 10)
    assert server.gets == 1
    assert "secret" not in refused.value.message


async def test_a_download_stops_at_its_limit(server: Moody, transfers: HttpTransfers, tmp_path: Path) -> None:
    with pytest.raises(BadAudio) as large:
        await transfers.download(f"{server.url}/endless", tmp_path / "a", 1_000_000)
    assert large.value.code == "file_too_large"


async def test_an_upload_says_its_length_and_type(server: Moody, transfers: HttpTransfers, tmp_path: Path) -> None:
    server.failures = [500]
    (tmp_path / "a.flac").write_bytes(CONTENT)
    sha256 = await transfers.upload(tmp_path / "a.flac", f"{server.url}/put", "audio/flac")
    ((headers, content),) = server.puts
    assert (headers["content-type"], headers["content-length"]) == ("audio/flac", str(len(CONTENT)))
    assert "transfer-encoding" not in headers
    assert content == CONTENT
    assert sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "/etc/passwd", "http://[", "", "gopher://x"])
async def test_only_http_is_spoken(url: str, transfers: HttpTransfers, tmp_path: Path) -> None:
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


async def test_a_fetch_streams(server: Moody, client: httpx.AsyncClient) -> None:
    async with HttpFetcher(client).fetch(f"{server.url}/audio") as chunks:
        assert b"".join([chunk async for chunk in chunks]) == CONTENT
    server.failures = [404]
    with pytest.raises(ToolsUnavailable, match="404"):
        async with HttpFetcher(client).fetch(f"{server.url}/audio"):
            pass


async def test_moments_are_submitted_like_a_musician_would(
    server: Moody, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    moments = HttpMoments(client, server.url + "/")
    (tmp_path / "hum").write_bytes(b"hmm")
    job_id = await moments.submit(tmp_path / "hum", filename="my hum.wav", blueprint_json="{}", output_kind="")
    assert job_id == "job-1"
    assert server.posts == [{"blueprint_json": "{}", "filename": "my hum.wav", "content": "hmm"}]
    assert await moments.status("job-1") == {"status": "PENDING", "id": "job-1"}
    server.failures = [415]
    with pytest.raises(MomentRefused, match="no audio") as refused:
        await moments.submit(tmp_path / "hum", filename="x", blueprint_json="", output_kind="song")
    assert (refused.value.code, refused.value.permanent) == ("not_audio", True)
    with pytest.raises(MomentRefused) as absent:
        await moments.submit(tmp_path / "nothing", filename="x", blueprint_json="", output_kind="")
    assert absent.value.code == "file_unreadable"

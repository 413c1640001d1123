"""How music-tools ends: running calls are finished, new ones are told to try again, nothing is left."""

import signal
from contextlib import suppress
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.mcp.client import McpMusicTools, open_mcp_tools
from application.ports.tools import ToolsUnavailable
from domain.music.hum import Analysis
from entrypoints.local.network import free_port, responds
from entrypoints.music_tools.draining import Draining
from tests.support.hums import hum, our_tune, write_wav
from tests.support.our_mcp_server import TOKEN, OurMcpServer
from tests.support.processes import PATIENCE, Process, eventually
from tests.support.serving import serving
from tests.support.up import survivors_of, unconfigured

pytestmark = pytest.mark.anyio


class HeldFile:
    """Serves a file once it is released."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.asked, self.released = anyio.Event(), anyio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to any request."""
        if scope["type"] == "http":
            self.asked.set()
            await self.released.wait()
            await Response(self._path.read_bytes(), media_type="audio/wav")(scope, receive, send)


async def test_a_process_finishes_its_calls_refuses_others_and_exits_with_zero(tmp_path: Path) -> None:
    write_wav(tmp_path / "hum.wav", hum(our_tune(), seed=3).samples)
    port, held, heard = free_port(), HeldFile(tmp_path / "hum.wav"), list[Analysis]()
    url = f"http://127.0.0.1:{port}"
    settings = {"MUSIC_TOOLS_PORT": str(port), "MUSIC_TOOLS_WORKERS": "1", "MCP_AUTH_TOKEN": TOKEN}
    settings |= {"EGRESS_ALLOWED_HOSTS": "127.0.0.1", "MOMENT_GRACE_SECONDS": str(PATIENCE)}
    environment = unconfigured() | settings
    process = Process(["entrypoints.cli", "music-tools"], environment, tmp_path / "music-tools.log")

    async def call(tools: McpMusicTools, files: str) -> None:
        heard.append((await tools.analyze_hum(f"{files}/hum.wav", hints={}, progress=lambda _: None)).analysis)

    async def wait_for_another(tools: McpMusicTools, files: str) -> None:
        with pytest.raises(ToolsUnavailable):  # nobody has taken the place of the process when it is gone
            await tools.analyze_hum(f"{files}/hum.wav", hints={}, progress=lambda _: None)

    try:
        await eventually(lambda: responds(f"{url}/healthz"))
        async with (
            serving(held) as files,
            open_mcp_tools(f"{url}/mcp", TOKEN) as tools,
            open_mcp_tools(f"{url}/mcp", TOKEN) as others,
            anyio.create_task_group() as calls,
        ):
            await others.ping()
            calls.start_soon(call, tools, files)
            await held.asked.wait()
            process.send(signal.SIGTERM)
            await eventually(lambda: not responds(f"{url}/healthz"))
            calls.start_soon(wait_for_another, others, files)
            async with httpx.AsyncClient() as http:
                refusal = await http.post(f"{url}/mcp", json={}, headers={"Authorization": f"Bearer {TOKEN}"})
            assert (refusal.status_code, "Retry-After" in refusal.headers) == (503, True)
            held.released.set()
        assert [analysis.key for analysis in heard] == ["Dm"]
        assert await process.ended() == 0
    finally:
        if process.alive:
            process.kill()
    assert "Traceback" not in process.log
    assert survivors_of(tmp_path) == []


async def test_a_call_that_is_cut_is_unavailable_and_standing_streams_delay_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ours, stopping, ended = OurMcpServer(tmp_path), anyio.Event(), list[str]()
    ours.transcriber.hangs = True
    app = Draining(ours.app(token=""), stopping)

    async def call() -> None:
        with pytest.raises(ToolsUnavailable):
            await tools.analyze_hum("memory://hum", hints={}, progress=lambda _: None)
        ended.append("call")

    async def listen() -> None:
        with suppress(httpx.RemoteProtocolError):  # cut
            await http.get(f"{base}/mcp", headers={"Accept": "text/event-stream"})
        ended.append("stream")

    async with (
        serving(app) as base,
        open_mcp_tools(f"{base}/mcp") as tools,
        httpx.AsyncClient(timeout=PATIENCE) as http,
        anyio.create_task_group() as callers,
    ):
        callers.start_soon(listen)
        callers.start_soon(call)
        await ours.transcriber.called.wait()
        await eventually(lambda: ("GET", "") in ours.requests)
        stopping.set()
        await app.finish(0.1)
    assert sorted(ended) == ["call", "stream"]
    assert ours.transcriber.cancelled.is_set()
    assert "calls cut because they were not finished after 0.1 s: 1" in caplog.text
    assert "Traceback" not in caplog.text

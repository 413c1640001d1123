"""Our MCP server over a fake studio, in every protocol version and transport mode."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.mcp.client import McpMusicTools, open_mcp_tools
from application.studio.analyze_hum import AnalyzeHum
from application.studio.create_moment import CreateMoment
from application.studio.encode_audio import EncodeAudio
from application.studio.mix_and_master import MixAndMaster
from application.studio.render_instrumental import RenderInstrumental
from application.studio.render_vocals import RenderVocals
from entrypoints.music_tools.admission import Admission
from entrypoints.music_tools.server import streamable_http
from entrypoints.music_tools.tools import Studio, build_server
from tests.support.fake_studio import (
    FakeBand,
    FakeMasteringDesk,
    FakeMoments,
    FakeSinger,
    FakeSpeaker,
    FakeTranscriber,
    FakeTransfers,
)
from tests.support.serving import serving

TOKEN = "open sesame"


class OurMcpServer:
    """Our server over fakes, which tests can inspect; with `workers`, it admits calls as if it had so many.

    Attributes:
        band: Plays; `soundfont` of it is what `analyze_hum` returns.
        lacking: Tools that it does not offer, as if it were of another version.
    """

    def __init__(
        self,
        folder: Path,
        *,
        modern: bool = True,
        json_response: bool = False,
        stateless: bool = True,
        workers: int = 0,
    ) -> None:
        self.transfers = FakeTransfers(folder, {"memory://hum": b"hum", "memory://silence": b"silence"})
        self.transcriber = FakeTranscriber()
        self.speaker = FakeSpeaker()
        self.band = FakeBand()
        self.moments = FakeMoments({"status": "COMPLETED", "terminal": True, "final_audio_url": "memory://final"})
        self.requests: list[tuple[str, str]] = []
        self.url = ""
        self.lacking: list[str] = []
        self.audio_dir: Path | None = None
        self._modern = modern
        self._json_response = json_response
        self._stateless = stateless
        self.admission = Admission(workers) if workers else None

    def app(self, token: str = TOKEN) -> ASGIApp:
        """Return a new application, as after a restart."""
        server = build_server(self.studio(), self.admission)
        for tool in self.lacking:
            server.remove_tool(tool)
        app = streamable_http(
            server,
            host="127.0.0.1",
            token=token,
            is_warm=lambda: True,
            json_response=self._json_response,
            stateless=self._stateless,
            is_key=self.moments.accepts,
        )
        return self._watched(app)

    def studio(self) -> Studio:
        """Return a studio of fakes."""
        return Studio(
            analyze_hum=AnalyzeHum(self.transfers, self.transcriber),
            render_vocals=RenderVocals(self.transfers, FakeSinger(), self.speaker),
            render_instrumental=RenderInstrumental(self.transfers, self.band),
            mix_and_master=MixAndMaster(self.transfers, self.band, FakeMasteringDesk()),
            encode_audio=EncodeAudio(self.transfers, FakeMasteringDesk()),
            create_moment=CreateMoment(self.transfers, self.moments),
            audio_dir=self.audio_dir,
            soundfont=self.band.soundfont,
        )

    def _watched(self, app: ASGIApp) -> ASGIApp:
        """Record requests; reject protocol versions of 2026 unless `modern`."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                version = dict(scope["headers"]).get(b"mcp-protocol-version", b"").decode()
                self.requests.append((scope["method"], version))
                if version.startswith("2026") and not self._modern:
                    await Response("Bad Request: Unsupported protocol version", 400)(scope, receive, send)
                    return
            await app(scope, receive, send)

        return watched


@asynccontextmanager
async def running(ours: OurMcpServer, timeouts: dict[str, float] | None = None) -> AsyncIterator[McpMusicTools]:
    """Serve; yield a client."""
    async with serving(ours.app()) as base, open_mcp_tools(f"{base}/mcp", TOKEN, timeouts or {}) as tools:
        ours.url = base
        yield tools

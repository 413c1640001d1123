"""The music tools over MCP: implements the port `MusicTools` for any server."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final, TypeVar

import aiohttp
import msgspec

from adapters.mcp.negotiation import Arguments
from adapters.mcp.results import Structured, analysis_of, problems_of, tool_result_of
from adapters.mcp.session import McpSession
from application.ports.tools import MIX_TOOLS, RENDER_TOOLS, ProgressSink, ToolName, ToolResult
from application.telemetry import NO_TELEMETRY, Telemetry, ToolCalled
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.length import length_ms
from domain.errors import MomentError
from domain.jobs.artifacts import Stem
from domain.music.model import Analysis

T = TypeVar("T")

TIMEOUTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        ToolName.VALIDATE_BLUEPRINT: 15.0,
        ToolName.ANALYZE_HUM: 120.0,
        ToolName.RENDER_VOCALS: 300.0,
        ToolName.RENDER_INSTRUMENTAL: 300.0,
        ToolName.SYNTHESIZE_PREVIEW: 300.0,
        ToolName.CREATE_SONG: 600.0,
    }
)
"""Seconds per call, connecting and waiting for a free core included."""

CONNECT_SECONDS: Final = 5.0
KEEP_ALIVE_SECONDS: Final = 30.0
SONG_MS: Final = (10_000, 300_000)
"""The bounds of `music_length_ms`."""


class McpMusicTools:
    """Implements `MusicTools`; connects when first used, and again after the server was away."""

    def __init__(
        self,
        session: McpSession,
        timeouts: Mapping[str, float] = TIMEOUTS,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._session = session
        self._timeouts: dict[str, float] = {**TIMEOUTS, **timeouts}
        self._telemetry = telemetry

    async def offered(self) -> AbstractSet[str]:
        """Return the names of the server's tools."""
        return (await self._session.tools()).keys()

    async def ping(self) -> None:
        """Return when the server has listed its tools."""
        await self._session.ping()

    async def validate_blueprint(self, blueprint: Blueprint) -> Sequence[str]:
        """Return what is wrong with a blueprint."""
        return await self._call(ToolName.VALIDATE_BLUEPRINT, problems_of, {"blueprint": blueprint})

    async def analyze_hum(self, audio_url: str, *, hints: dict[str, Any], progress: ProgressSink) -> Analysis:
        """Analyze a hum."""
        wanted = {"audio_url": audio_url} | ({"hints": hints} if hints else {})
        return await self._call(ToolName.ANALYZE_HUM, analysis_of, wanted, progress=progress)

    async def render_stem(
        self,
        stem: Stem,
        blueprint: Blueprint,
        *,
        audio_url: str,
        targets: dict[str, str],
        progress: ProgressSink,
    ) -> ToolResult:
        """Render a stem to its targets."""
        wanted = {"blueprint": blueprint, "audio_url": audio_url, **_kind_of(blueprint)}
        uploads = {"audio": "upload_url", "melody": "melody_upload_url"}
        extras = {uploads[name]: url for name, url in targets.items() if name in uploads}
        return await self._call(RENDER_TOOLS[stem], tool_result_of, wanted, extras, progress)

    async def mix(
        self,
        kind: OutputKind,
        blueprint: Blueprint,
        *,
        stems: dict[Stem, str],
        target: str,
        progress: ProgressSink,
    ) -> ToolResult:
        """Mix and master; a server of the original contract, which takes no stems, makes the whole piece."""
        wanted = _song(blueprint) if kind is OutputKind.SONG else _preview(blueprint)
        extras: dict[str, Any] = {"upload_url": target, "output_kind": str(kind)}
        if stems:
            extras["stems"] = {f"{stem}_url": url for stem, url in stems.items()}
        return await self._call(MIX_TOOLS[kind], tool_result_of, wanted, extras, progress)

    async def _call(
        self,
        tool: ToolName,
        read: Callable[[Structured], T],
        wanted: Arguments,
        extras: Arguments | None = None,
        progress: ProgressSink | None = None,
    ) -> T:
        """Return a tool's result as `read` makes it out, and report the call however it ends."""
        began, error_code = perf_counter(), "cancelled"
        try:
            result = read(await self._session.call(tool, wanted, extras or {}, self._timeouts[tool], progress))
            error_code = ""
        except MomentError as error:
            error_code = error.code
            raise
        finally:
            self._telemetry.emit(ToolCalled(tool, perf_counter() - began, error_code))
        return result


@asynccontextmanager
async def open_mcp_tools(
    url: str, token: str = "", timeouts: Mapping[str, float] = TIMEOUTS, telemetry: Telemetry = NO_TELEMETRY
) -> AsyncIterator[McpMusicTools]:
    """Yield the tools of a server; nothing is sent until they are used, so the server may be down."""
    # Each call has a timeout of its own; a server that answers in JSON sends nothing until the tool is done.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
        session = McpSession(client, url, token)
        try:
            yield McpMusicTools(session, timeouts, telemetry)
        finally:
            await session.close()


def _kind_of(blueprint: Blueprint) -> dict[str, str]:
    kind = blueprint.metadata.get("output_kind")
    return {"output_kind": kind} if isinstance(kind, str) else {}


def _preview(blueprint: Blueprint) -> dict[str, Any]:
    voice: dict[str, Any] = {"speaker_boost": blueprint.voice.speaker_boost, **msgspec.to_builtins(blueprint.voice)}
    return {"text": blueprint.lyrics, "blueprint": blueprint, "model_id": blueprint.voice.model_id, **voice}


def _song(blueprint: Blueprint) -> dict[str, Any]:
    shortest, longest = SONG_MS
    length = max(shortest, min(longest, length_ms(blueprint)))
    return {"blueprint": blueprint, "music_length_ms": length}

"""The studio over MCP: port `MusicTools`, whoever runs the server."""

from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Final

import aiohttp
import msgspec

from adapters.mcp.results import analysis_of, problems_of, require_ok, tool_result_of
from adapters.mcp.session import McpSession
from application.ports.tools import ProgressSink, ToolResult
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.length import length_ms
from domain.jobs.artifacts import Stem
from domain.music.model import Analysis

TIMEOUTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "validate_blueprint": 15.0,
        "analyze_hum": 120.0,
        "render_vocals": 300.0,
        "render_instrumental": 300.0,
        "synthesize_preview": 300.0,
        "create_song": 600.0,
    }
)
"""Seconds per tool, connecting and waiting for a free core included."""

CONNECT_SECONDS: Final = 5.0
KEEP_ALIVE_SECONDS: Final = 30.0
MIX_TOOLS: Final = {OutputKind.PREVIEW: "synthesize_preview", OutputKind.SONG: "create_song"}
SONG_MS: Final = (10_000, 300_000)
"""The bounds of `music_length_ms`."""


class McpMusicTools:
    """Port `MusicTools`; connects when first used, again when the server was away."""

    def __init__(self, session: McpSession, timeouts: Mapping[str, float] = TIMEOUTS) -> None:
        self._session = session
        self._timeouts = {**TIMEOUTS, **timeouts}

    async def offered(self) -> AbstractSet[str]:
        """Return the names of the server's tools."""
        return (await self._session.tools()).keys()

    async def ping(self) -> None:
        """Return when the server answers with its tools."""
        await self._session.ping()

    async def validate_blueprint(self, blueprint: Blueprint) -> Sequence[str]:
        """Return what is wrong with a blueprint."""
        wanted = {"blueprint": blueprint}
        timeout = self._timeouts["validate_blueprint"]
        return problems_of(await self._session.call("validate_blueprint", wanted, {}, timeout))

    async def analyze_hum(self, audio_url: str, *, hints: dict[str, Any], progress: ProgressSink) -> Analysis:
        """Listen to a hum."""
        wanted = {"audio_url": audio_url} | ({"hints": hints} if hints else {})
        return analysis_of(await self._session.call("analyze_hum", wanted, {}, self._timeouts["analyze_hum"], progress))

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
        return await self._deliver(f"render_{stem}", wanted, extras, progress)

    async def mix(
        self,
        kind: OutputKind,
        blueprint: Blueprint,
        *,
        stems: dict[Stem, str],
        target: str,
        progress: ProgressSink,
    ) -> ToolResult:
        """Mix and master; with a server of the original contract, let it make the whole piece."""
        wanted = _song(blueprint) if kind is OutputKind.SONG else _preview(blueprint)
        extras: dict[str, Any] = {"upload_url": target, "output_kind": str(kind)}
        if stems:
            extras["stems"] = {f"{stem}_url": url for stem, url in stems.items()}
        return await self._deliver(MIX_TOOLS[kind], wanted, extras, progress)

    async def _deliver(
        self, name: str, wanted: dict[str, Any], extras: dict[str, Any], progress: ProgressSink
    ) -> ToolResult:
        result = await self._session.call(name, wanted, extras, self._timeouts[name], progress)
        return tool_result_of(require_ok(result))


@asynccontextmanager
async def open_mcp_tools(
    url: str, token: str = "", timeouts: Mapping[str, float] = TIMEOUTS
) -> AsyncIterator[McpMusicTools]:
    """Give the tools of a server; nothing is sent until they are used, so the server may be down."""
    # The tools bound their own time as a whole; between two bytes a JSON reply may be silent for as long.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
        session = McpSession(client, url, token)
        try:
            yield McpMusicTools(session, timeouts)
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

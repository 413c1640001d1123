"""The music tools over MCP: implements the port `MusicTools` for any server."""

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final, TypeVar

import aiohttp

from adapters.mcp import calls
from adapters.mcp.busy import until_admitted
from adapters.mcp.connections import open_http
from adapters.mcp.negotiation import Tool
from adapters.mcp.results import Structured, heard_hum_of, problems_of, tool_result_of
from adapters.mcp.session import McpSession
from application.ports.results import NO_FOLDER, ResultFolder
from application.ports.tools import MIX_TOOLS, RENDER_TOOLS, HeardHum, ProgressSink, ToolName, ToolResult
from application.telemetry import NO_TELEMETRY, Telemetry, ToolCalled
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.errors import MomentError
from domain.jobs.artifacts import MediaType, Stem
from domain.jobs.output_formats import USUAL, OutputFormat

T = TypeVar("T")

TIMEOUTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        ToolName.VALIDATE_BLUEPRINT: 15.0,
        ToolName.ANALYZE_HUM: 120.0,
        ToolName.RENDER_VOCALS: 300.0,
        ToolName.RENDER_INSTRUMENTAL: 300.0,
        ToolName.SYNTHESIZE_PREVIEW: 300.0,
        ToolName.CREATE_SONG: 600.0,
        ToolName.ENCODE_AUDIO: 120.0,
    }
)
"""Seconds per call, connecting included. Waiting for a busy server is not: each attempt has the whole time, again from
the first progress on."""

CONNECT_SECONDS: Final = 5.0


class McpMusicTools:
    """Implements `MusicTools` and `FileEncoder`; connects when first used, and again after the server was away.

    Args:
        timeouts: Seconds by tool, instead of `TIMEOUTS`.
        on_busy: Called each time the server refuses a call because it is busy.
        folder: Where the server leaves results that it neither uploads nor serves, if we see that folder.
        chance: Uniform random numbers in [0, 1).
    """

    def __init__(
        self,
        session: McpSession,
        timeouts: Mapping[str, float] = TIMEOUTS,
        telemetry: Telemetry = NO_TELEMETRY,
        on_busy: Callable[[], None] = lambda: None,
        chance: Callable[[], float] = random.random,
        *,
        folder: ResultFolder = NO_FOLDER,
    ) -> None:
        self._session = session
        self._timeouts: dict[str, float] = {**TIMEOUTS, **timeouts}
        self._telemetry = telemetry
        self._on_busy = on_busy
        self._chance = chance
        self._folder = folder

    async def offers(self, tool: ToolName) -> bool:
        """Return whether the server lists a tool, which one of ours must, and whose result we can fetch."""
        server = await self._session.server()
        if server.ours and tool not in server.tools:
            raise calls.missing(tool)
        if found := server.tools.get(tool):
            await self._require_reachable(found)
        return found is not None

    async def ping(self) -> None:
        """Return when the server has listed its tools."""
        await self._session.ping()

    async def check(self, kind: OutputKind) -> None:
        """List the tools, compare them with our calls, and have a sample validated."""
        await self._session.ping()
        calls.check(kind, server := await self._session.server())
        for tool in (*RENDER_TOOLS.values(), MIX_TOOLS[kind]):
            if found := server.tools.get(tool):
                await self._require_reachable(found)
        if problems := await self.validate_blueprint(calls.sample_blueprint(kind)):
            raise calls.unfit(f"the tool server refuses a valid blueprint: {problems[0]}")

    async def validate_blueprint(self, blueprint: Blueprint) -> Sequence[str]:
        """Return what is wrong with a blueprint."""
        return await self._call(ToolName.VALIDATE_BLUEPRINT, problems_of, calls.validation(blueprint))

    async def analyze_hum(self, audio_url: str, *, hints: dict[str, Any], progress: ProgressSink) -> HeardHum:
        """Analyze a hum."""
        return await self._call(ToolName.ANALYZE_HUM, heard_hum_of, calls.analysis(audio_url, hints), progress)

    async def render_stem(
        self,
        stem: Stem,
        blueprint: Blueprint,
        *,
        audio_url: str,
        targets: dict[str, str],
        progress: ProgressSink,
        part_type: MediaType = MediaType.FLAC,
    ) -> ToolResult:
        """Render a stem to its targets."""
        call = calls.rendering(blueprint, audio_url, targets, part_type)
        return await self._call(RENDER_TOOLS[stem], tool_result_of, call, progress)

    async def mix(
        self,
        kind: OutputKind,
        blueprint: Blueprint,
        *,
        stems: dict[Stem, str],
        targets: dict[str, str],
        progress: ProgressSink,
        output_format: OutputFormat = USUAL,
    ) -> ToolResult:
        """Mix and master."""
        call = calls.mixing(kind, blueprint, stems, targets, output_format)
        return await self._call(MIX_TOOLS[kind], tool_result_of, call, progress)

    async def encode(self, audio_url: str, *, target: str, output_format: OutputFormat) -> ToolResult:
        """Encode a file."""
        call = calls.encoding(audio_url, target, output_format)
        return await self._call(ToolName.ENCODE_AUDIO, tool_result_of, call)

    async def _require_reachable(self, tool: Tool) -> None:
        """Return if the result of a tool can be fetched: music that nobody can fetch may cost money all the same."""
        if calls.keeps_result(tool):
            await self._folder.require()

    async def _call(
        self,
        tool: ToolName,
        read: Callable[[Structured], T],
        call: calls.Call,
        progress: ProgressSink | None = None,
    ) -> T:
        attempt = partial(self._attempt, tool, read, call, progress)
        return await until_admitted(attempt, self._on_busy, self._chance)

    async def _attempt(
        self, tool: ToolName, read: Callable[[Structured], T], call: calls.Call, progress: ProgressSink | None
    ) -> T:
        """Return a tool's result as `read` makes it out, and report the call however it ends."""
        began, error_code = perf_counter(), "cancelled"
        try:
            result = read(await self._session.call(tool, call.wanted, call.extras, self._timeouts[tool], progress))
            error_code = ""
        except MomentError as error:
            error_code = error.code
            raise
        finally:
            self._telemetry.emit(ToolCalled(tool, perf_counter() - began, error_code))
        return result


@asynccontextmanager
async def open_mcp_tools(
    url: str,
    token: str = "",
    timeouts: Mapping[str, float] = TIMEOUTS,
    telemetry: Telemetry = NO_TELEMETRY,
    on_busy: Callable[[], None] = lambda: None,
    *,
    folder: ResultFolder = NO_FOLDER,
) -> AsyncIterator[McpMusicTools]:
    """Yield the tools of a server; nothing is sent until they are used, so the server may be down."""
    # Each call has a timeout of its own; a server that answers in JSON sends nothing until the tool is done.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
    async with open_http(url, timeout) as client:
        session = McpSession(client, url, token)
        try:
            yield McpMusicTools(session, timeouts, telemetry, on_busy, folder=folder)
        finally:
            await session.close()

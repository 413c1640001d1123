"""The music tools: connection, token, names and input schemas."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import msgspec

from adapters.mcp.calls import UPLOADS, keeps_result
from adapters.mcp.connections import open_http
from adapters.mcp.negotiation import Tool
from adapters.mcp.server_profile import ServerProfile
from adapters.mcp.session import McpSession
from application.ports.results import ResultFolder
from application.ports.tools import ToolFailed, ToolName
from domain.jobs.artifacts import Picture
from entrypoints.container.opening import shared_folder
from entrypoints.doctor.report import ProbeResult, Report, Verdict, failed
from entrypoints.plurals import count_of
from entrypoints.settings import Settings


class ExpectedTool(msgspec.Struct, frozen=True):
    """A tool that workers call.

    Attributes:
        required: Arguments without which the call is pointless.
        optional: Arguments that are omitted if the tool does not declare them.
        indispensable: Whether no moment can be made without the tool.
    """

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    indispensable: bool = False


def _uploads(*names: str) -> frozenset[str]:
    """Return the arguments for what a tool uploads."""
    return frozenset(UPLOADS[name] for name in names)


_VOICE: Final = frozenset({
    "model_id", "voice_id", "stability", "similarity_boost", "style_exaggeration", "speaker_boost",
})  # fmt: skip
_MIX: Final = frozenset({"output_kind", "stems", *_uploads("audio", Picture.WAVEFORM)})

EXPECTED_TOOLS: Final[Mapping[str, ExpectedTool]] = {
    ToolName.VALIDATE_BLUEPRINT: ExpectedTool(frozenset({"blueprint"}), indispensable=True),
    ToolName.ANALYZE_HUM: ExpectedTool(frozenset({"audio_url"}), frozenset({"hints"})),
    ToolName.RENDER_VOCALS: ExpectedTool(
        frozenset({"blueprint", "audio_url"}), frozenset({"output_kind", *_uploads("audio", Picture.MELODY)})
    ),
    ToolName.RENDER_INSTRUMENTAL: ExpectedTool(
        frozenset({"blueprint"}),
        frozenset({"output_kind", *_uploads("audio", "melody", "lead_sheet"), "part_upload_urls", "part_format"}),
    ),
    ToolName.SYNTHESIZE_PREVIEW: ExpectedTool(frozenset({"blueprint"}), _VOICE | _MIX | {"text"}, indispensable=True),
    ToolName.CREATE_SONG: ExpectedTool(frozenset({"blueprint"}), _MIX | {"music_length_ms"}, indispensable=True),
    ToolName.ENCODE_AUDIO: ExpectedTool(frozenset({"audio_url", "output_format", *_uploads("audio")})),
}

_TOKEN: Final = "set MCP_AUTH_TOKEN to the token that the tool server was started with"  # noqa: S105 - advice
_START: Final = "start the tool server (ours: `moment music-tools`), or correct MCP_BASE_URL"
_ANOTHER: Final = "point MCP_BASE_URL at a server that has them; ours (`moment music-tools`) has all"
_SAME: Final = "run workers and music-tools of the same version"
_WITHOUT: Final = (
    "nothing, if this is intended: blueprints are completed from defaults, and stems are left out, or have one format"
)
_FOLDER: Final = "mount the folder of the tool server's results under its own path, and name it in MCP_OUTPUT_DIR"
_UNDECLARED: Final = "nothing, if this is intended: undeclared arguments are not sent"


async def check_tools(settings: Settings, report: Report) -> None:
    """Check the configured tool server."""
    if not settings.mcp_url:
        report.add("tools", ProbeResult("embedded by `moment up`, on a free port", Verdict.NOT_CONFIGURED))
        return
    found: list[ServerProfile] = []

    async def list_tools() -> ProbeResult:
        async with _session(settings, report.seconds) as session:
            found.append(await session.server())
        token = "MCP_AUTH_TOKEN accepted" if settings.mcp_token else "no token needed"
        return ProbeResult(f"{count_of(len(found[0].tools), 'tool')} at {settings.mcp_url}, {token}")

    if await report.check("tools", list_tools, _explain):
        (server,) = found
        report.add("tools offered", check_names(server.tools, ours=server.ours))
        report.add("tool schemas", check_schemas(server.tools))
        report.add("tool results", await check_results(server.tools, shared_folder(settings)))


def check_names(tools: Mapping[str, Tool], *, ours: bool = False) -> ProbeResult:
    """Return whether the server has the tools that workers call; one of ours has all, or moments wait."""
    missing = [name for name in EXPECTED_TOOLS if name not in tools]
    if not missing:
        return ProbeResult(f"all {len(EXPECTED_TOOLS)} that workers call")
    if ours:
        return ProbeResult(f"missing in our own music-tools: {', '.join(missing)}", Verdict.FAIL, _SAME)
    if any(EXPECTED_TOOLS[name].indispensable for name in missing):
        return ProbeResult(f"missing: {', '.join(missing)}", Verdict.FAIL, _ANOTHER)
    return ProbeResult(f"missing, not essential: {', '.join(missing)}", Verdict.WARN, _WITHOUT)


def check_schemas(tools: Mapping[str, Tool]) -> ProbeResult:
    """Return whether the tools' input schemas declare the arguments that workers send."""
    lacking = {name: _undeclared(tools[name], EXPECTED_TOOLS[name]) for name in EXPECTED_TOOLS if name in tools}
    summary = "; ".join(f"{name} lacks {', '.join(sorted(lack))}" for name, lack in lacking.items() if lack)
    if not summary:
        return ProbeResult("declare every argument that workers send")
    if any(lack & EXPECTED_TOOLS[name].required for name, lack in lacking.items()):
        return ProbeResult(summary, Verdict.FAIL, _ANOTHER)
    return ProbeResult(summary, Verdict.WARN, _UNDECLARED)


async def check_results(tools: Mapping[str, Tool], folder: ResultFolder) -> ProbeResult:
    """Return whether workers can fetch what the tools make; they call none whose result they cannot fetch."""
    kept = sorted(name for name, tool in tools.items() if keeps_result(tool))
    if not kept:
        return ProbeResult("uploaded, or fetched by URL")
    if not folder.is_configured:
        return ProbeResult(f"out of reach, so moments wait: {', '.join(kept)} leave a file", Verdict.FAIL, _FOLDER)
    try:
        await folder.require()
    except ToolFailed as error:
        return failed(error, _FOLDER)
    return ProbeResult(f"MCP_OUTPUT_DIR is readable, for {', '.join(kept)}")


def _undeclared(tool: Tool, use: ExpectedTool) -> frozenset[str]:
    """Return the undeclared arguments; a schema without properties is taken to accept all of them."""
    return frozenset() if tool.declared is None else (use.required | use.optional) - tool.declared


@asynccontextmanager
async def _session(settings: Settings, seconds: float) -> AsyncIterator[McpSession]:
    async with open_http(settings.mcp_url, aiohttp.ClientTimeout(total=seconds)) as client:
        session = McpSession(client, settings.mcp_url, settings.mcp_token)
        try:
            yield session
        finally:
            await session.close()


def _explain(error: Exception) -> ProbeResult:
    denied = isinstance(error, ToolFailed) and error.code == "tools_denied"
    return failed(error, _TOKEN if denied else _START)

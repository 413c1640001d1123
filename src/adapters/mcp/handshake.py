"""Connecting to an MCP server of any revision: discovery or `initialize`, then the list of tools."""

from typing import Any, Final

import anyio
import msgspec

from adapters.mcp.negotiation import HANDSHAKE, MODERN, Tool, read_tools
from adapters.mcp.rpc import RpcClient, result_of
from adapters.mcp.server_profile import CLIENT, DENIED, ServerProfile, name_in, raise_for_status
from application.ports.tools import ToolFailed, ToolsUnavailable

PROBE_SECONDS: Final = 5.0
"""How long a server may take to answer that it speaks the revision without sessions."""

MAX_PAGES: Final = 50
"""Of the list of tools; a server that has more repeats itself."""


async def connect(rpc: RpcClient) -> ServerProfile:
    """Return what the server is, with its tools.

    Raises:
        ToolFailed: `tools_denied`.
        ToolsUnavailable: The server did not answer, or there is no common revision.
    """
    server = ServerProfile(MODERN) if await _is_modern(rpc) else await _initialize(rpc)
    return await list_tools(rpc, server)


async def list_tools(rpc: RpcClient, server: ServerProfile) -> ServerProfile:
    """Return the server with its tools, and its name if the list has it.

    Raises:
        ToolFailed, ToolsUnavailable: The server did not list them.
    """
    tools: dict[str, Tool] = {}
    name, params = server.name, dict[str, Any]()
    for _ in range(MAX_PAGES):
        page = result_of(await rpc.exchange(server, "tools/list", params), server)
        entries = page.get("tools") if isinstance(page, dict) else None
        if not isinstance(entries, list):
            raise ToolsUnavailable("the tool server's list of tools is malformed")
        tools |= read_tools(entries)
        name = name_in(page) or name
        if not (cursor := page.get("nextCursor")):
            break
        params = {"cursor": cursor}
    return msgspec.structs.replace(server, name=name, tools=tools)


async def _is_modern(rpc: RpcClient) -> bool:
    """Return whether the server speaks the revision without sessions; any unclear answer means no."""
    with anyio.move_on_after(PROBE_SECONDS):
        answer = await rpc.exchange(ServerProfile(MODERN), "server/discover", {})
        if answer.status in DENIED:
            raise_for_status(answer, ServerProfile(MODERN))
        found = (answer.message or {}).get("result")
        return isinstance(found, dict) and MODERN in found.get("supportedVersions", ())
    return False


async def _initialize(rpc: RpcClient) -> ServerProfile:
    """Do the handshake, with older revisions for a server that refuses the newest instead of naming its own."""
    refusal: ToolFailed | None = None
    for version in HANDSHAKE:
        try:
            return await _initialize_as(rpc, version)
        except ToolFailed as error:
            if error.code == "tools_denied":
                raise
            refusal = error
    raise ToolsUnavailable(f"the tool server supports none of our protocol revisions: {refusal}")


async def _initialize_as(rpc: RpcClient, version: str) -> ServerProfile:
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
    answer = await rpc.exchange(ServerProfile(""), "initialize", params)
    found = result_of(answer, ServerProfile(""))
    agreed = found.get("protocolVersion") if isinstance(found, dict) else None
    server = ServerProfile(agreed if isinstance(agreed, str) else version, answer.session_id, name_in(found))
    await rpc.notify(server, "notifications/initialized", {})
    return server

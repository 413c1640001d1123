"""The server as we know it: its revision decides what every request carries and what every status means."""

from typing import Any, Final

import msgspec

from adapters.mcp.exchange import Answer
from adapters.mcp.negotiation import MODERN, Tool
from application.ports.tools import ToolFailed, ToolsUnavailable
from application.version import PACKAGE, VERSION

CLIENT: Final = {"name": PACKAGE, "version": VERSION}
ENVELOPE: Final[dict[str, Any]] = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}
HEADER_SINCE: Final = "2025-06-18"
"""The first revision that wants its name in a header."""
DENIED: Final = frozenset({401, 403})
UNKNOWN_VERSION: Final = -32022
UNKNOWN_METHOD: Final = -32601
"""Answered with status 404 since 2026-07-28."""


class SessionLost(ToolsUnavailable):
    """The server does not know us any more; a new acquaintance may help at once."""


class Peer(msgspec.Struct, frozen=True):
    """What the handshake found out."""

    version: str
    session_id: str = ""
    tools: dict[str, Tool] = {}

    def headers(self, method: str = "", routing: dict[str, str] | None = None) -> dict[str, str]:
        """Return the headers of a message; `routing` repeats parts of the body, since 2026-07-28."""
        headers = {"Accept": "application/json, text/event-stream"}
        if self.session_id:
            headers["Mcp-Session-Id"] = self.session_id
        if self.version >= HEADER_SINCE:
            headers["MCP-Protocol-Version"] = self.version
        if self.version == MODERN and method:
            headers |= {"Mcp-Method": method, **(routing or {})}
        return headers

    def envelope(self) -> dict[str, Any]:
        """Return the `_meta` that replaces the handshake since 2026-07-28."""
        return ENVELOPE if self.version == MODERN else {}


def require_welcome(answer: Answer, peer: Peer) -> None:
    """Raise what a status means that is no answer to the request.

    Raises:
        ToolFailed: `tools_denied`, or the request is too large.
        SessionLost: A new handshake may help.
        ToolsUnavailable: Every other failure of HTTP.
    """
    status = answer.status
    if status < 300:
        return
    if status in DENIED:
        raise ToolFailed("the tool server refuses our token", code="tools_denied", permanent=True)
    if _is_stranger(answer, peer):
        raise SessionLost(f"the tool server does not know us: it answered {status}")
    if status == 413:
        raise ToolFailed("the tool server finds the request too large", permanent=True)
    if answer.message is None or status >= 500 or status in {408, 425, 429}:
        raise ToolsUnavailable(f"the tool server answered {status}")


def _is_stranger(answer: Answer, peer: Peer) -> bool:
    """Whether the server has forgotten us, or speaks another revision than it did."""
    error = (answer.message or {}).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if answer.status == 404:
        return code != UNKNOWN_METHOD
    return answer.status == 400 and (bool(peer.session_id) or code == UNKNOWN_VERSION)

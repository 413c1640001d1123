"""What we know about a server: its protocol revision decides what requests carry and what HTTP statuses mean."""

from typing import Any, Final

import msgspec

from adapters.mcp.busy import delay_of
from adapters.mcp.exchange import Answer
from adapters.mcp.negotiation import MODERN, Tool
from application.ports.tools import ToolFailed, ToolsBusy, ToolsUnavailable
from application.version import PACKAGE, VERSION

CLIENT: Final = {"name": PACKAGE, "version": VERSION}
ENVELOPE: Final[dict[str, Any]] = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}
OUR_NAME: Final = PACKAGE
"""The name by which our own music-tools introduces itself, in every version that has it."""

NAME_META: Final = "io.modelcontextprotocol/serverInfo"
"""The key in the `_meta` of every result under which a server introduces itself, since 2026-07-28."""

HEADER_SINCE: Final = "2025-06-18"
"""The first revision that requires the header `MCP-Protocol-Version`."""
DENIED: Final = frozenset({401, 403})
BUSY: Final = 429
UNAVAILABLE: Final = 503
UNKNOWN_VERSION: Final = -32022
UNKNOWN_METHOD: Final = -32601
"""Returned with status 404 since 2026-07-28."""


class SessionExpired(ToolsUnavailable):
    """The server does not know our session any more, or speaks another revision; a new handshake may help at once."""


class ServerProfile(msgspec.Struct, frozen=True):
    """What the handshake found out.

    Attributes:
        version: The protocol revision.
        session_id: Empty where the server keeps no sessions.
        name: By which the server introduces itself; may be empty.
        tools: Empty until they are listed.
    """

    version: str
    session_id: str = ""
    name: str = ""
    tools: dict[str, Tool] = {}

    @property
    def ours(self) -> bool:
        """Whether the server is our own music-tools, which has every tool that a moment needs."""
        return self.name == OUR_NAME

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


def name_in(result: Any) -> str:
    """Return the name by which a server introduces itself in a result, or nothing."""
    found = result if isinstance(result, dict) else {}
    meta = found.get("_meta")
    info = found.get("serverInfo") or (meta.get(NAME_META) if isinstance(meta, dict) else None)
    name = info.get("name") if isinstance(info, dict) else None
    return name if isinstance(name, str) else ""


def raise_for_status(answer: Answer, server: ServerProfile) -> None:
    """Raise an error if the status says that there is no response to the request.

    Raises:
        ToolFailed: `tools_denied`, or the request is too large.
        SessionExpired: A new handshake may help.
        ToolsBusy: 429, or 503 with `Retry-After`: from a gateway, or a server that stops.
        ToolsUnavailable: Every other failure of HTTP.
    """
    status = answer.status
    if status < 300:
        return
    if status == BUSY or (status == UNAVAILABLE and answer.retry_after):
        raise ToolsBusy(f"the tool server answered {status}", retry_after=delay_of(answer.retry_after))
    if status in DENIED:
        raise ToolFailed("the tool server rejected our token", code="tools_denied")
    if _is_expired(answer, server):
        raise SessionExpired(f"the tool server does not know our session: it answered {status}")
    if status == 413:
        raise ToolFailed("the tool server rejected the request as too large")
    if answer.message is None or status >= 500 or status in {408, 425}:
        raise ToolsUnavailable(f"the tool server answered {status}")


def _is_expired(answer: Answer, server: ServerProfile) -> bool:
    """Return whether the server has forgotten our session, or speaks another revision than it did."""
    error = (answer.message or {}).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if answer.status == 404:
        return code != UNKNOWN_METHOD
    return answer.status == 400 and (bool(server.session_id) or code == UNKNOWN_VERSION)

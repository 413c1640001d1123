"""The keys of the API that callers of tools present: what they may call, and as whom."""

from typing import Any

from mcp.server.mcpserver import Context
from starlette.requests import Request

from application.keys.tokens import prefix_of
from application.ports.tools import COMPUTING_TOOLS
from domain.errors import MomentError
from entrypoints.music_tools.bearer_auth import BY_KEY, bearer_of


class KeyNotForTools(MomentError):
    """A key of the API opens what counts for its owner alone."""

    code = "permission_missing"
    permanent = True

    def __init__(self, tool: str) -> None:
        super().__init__(f"a key may call create_moment and validate_blueprint; {tool} needs MCP_AUTH_TOKEN")


def presented_key(context: Context[None, Any] | None) -> str:
    """Return the key that a caller presents, or nothing."""
    request = _request_of(context)
    text = bearer_of(request.scope).decode("latin-1") if request else ""
    return text if prefix_of(text) else ""


def came_by_key(context: Context[None, Any] | None) -> bool:
    """Return whether a caller was let in by a key: they share no folder with us."""
    request = _request_of(context)
    return bool(request and request.scope.get(BY_KEY))


def require_open_to(context: Context[None, Any] | None, tool: str) -> None:
    """Return if the caller may call a tool.

    Raises:
        KeyNotForTools: They were let in by a key, and the tool computes: nobody would count it.
    """
    if came_by_key(context) and tool in COMPUTING_TOOLS:
        raise KeyNotForTools(tool)


def _request_of(context: Context[None, Any] | None) -> Request | None:
    request = context.request_context.request if context else None
    return request if isinstance(request, Request) else None

"""JSON-RPC calls to an MCP server: ids, `_meta`, progress, cancellation."""

from functools import partial
from itertools import count
from typing import Any, Final

import aiohttp
import anyio

from adapters.mcp.exchange import Answer, Exchange, Message
from adapters.mcp.negotiation import MODERN
from adapters.mcp.results import rpc_failure
from adapters.mcp.server_profile import ServerProfile, raise_for_status
from application.ports.tools import ProgressSink, ToolFailed, ToolsUnavailable

CANCEL_SECONDS: Final = 2.0
"""How long a notification of a cancellation, or the end of a session, may take."""


class RpcClient:
    """Sends requests and notifications to one server; what the server is comes with each of them."""

    def __init__(self, client: aiohttp.ClientSession, url: str, token: str) -> None:
        self._client = client
        self._url = url
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}
        self._ids = count(1)

    async def exchange(
        self,
        server: ServerProfile,
        method: str,
        params: dict[str, Any],
        *,
        routing: dict[str, str] | None = None,
        meta: dict[str, Any] | None = None,
        progress: ProgressSink | None = None,
    ) -> Answer:
        """Return the answer to a request, whatever it is; a cancellation is passed on to the server.

        Raises:
            ToolsUnavailable: The server did not answer.
            ToolsLost: It closed the connection before it had answered.
        """
        request_id = next(self._ids)
        message: Message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        if full_meta := server.envelope() | (meta or {}) | ({"progressToken": request_id} if progress else {}):
            message["params"] = {**params, "_meta": full_meta}
        headers = self._authorization | server.headers(method, routing)
        on_message = partial(self._on_message, server, request_id, progress)
        try:
            return await Exchange(self._client, self._url, headers, on_message).post(message)
        except anyio.get_cancelled_exc_class():
            await self._notify_cancelled(server, method, request_id)
            raise

    async def notify(self, server: ServerProfile, method: str, params: dict[str, Any]) -> None:
        """Send a notification.

        Raises:
            ToolFailed, ToolsUnavailable: The server did not accept it.
        """
        message: Message = {"jsonrpc": "2.0", "method": method} | ({"params": params} if params else {})
        await self._post_one_way(server, message)

    async def delete_session(self, server: ServerProfile) -> None:
        """Ask the server to end the session; one that does not answer lets it expire."""
        with anyio.move_on_after(CANCEL_SECONDS, shield=True):
            try:
                headers = self._authorization | server.headers()
                async with self._client.delete(self._url, headers=headers, allow_redirects=False):
                    return
            except (aiohttp.ClientError, OSError):
                return

    async def _notify_cancelled(self, server: ServerProfile, method: str, request_id: int) -> None:
        """Notify the server of a cancellation; since 2026-07-28, closing the connection does it."""
        if server.version == MODERN or method == "initialize":
            return
        with anyio.move_on_after(CANCEL_SECONDS, shield=True):
            try:
                reason = {"requestId": request_id, "reason": "the caller was cancelled or timed out"}
                await self.notify(server, "notifications/cancelled", reason)
            except (ToolsUnavailable, ToolFailed):
                return  # best effort

    async def _post_one_way(self, server: ServerProfile, message: Message) -> None:
        """Send a message that has no response of its own."""
        headers = self._authorization | server.headers()
        raise_for_status(await Exchange(self._client, self._url, headers, _ignore).post(message), server)

    async def _on_message(
        self, server: ServerProfile, request_id: int, progress: ProgressSink | None, message: Message
    ) -> None:
        """Handle what precedes the response: progress, or a request of the server's (only `ping` is supported)."""
        if "id" in message:
            refusal = {"error": {"code": -32601, "message": "not supported by this client"}}
            reply = {"result": {}} if message["method"] == "ping" else refusal
            await self._post_one_way(server, {"jsonrpc": "2.0", "id": message["id"], **reply})
        elif progress and message["method"] == "notifications/progress":
            _report(message.get("params"), request_id, progress)


def result_of(answer: Answer, server: ServerProfile) -> Any:
    """Return the result in an answer.

    Raises:
        ToolFailed: The server refused the request, or returned an error.
        ToolsUnavailable: There is no response in it.
    """
    raise_for_status(answer, server)
    if answer.message is None:
        raise ToolsUnavailable(f"the tool server answered {answer.status} without a response")
    if "error" in answer.message:
        raise rpc_failure(answer.message["error"])
    return answer.message.get("result")


def _report(params: Any, request_id: int, progress: ProgressSink) -> None:
    if not isinstance(params, dict) or params.get("progressToken") != request_id:
        return
    done, total = params.get("progress"), params.get("total")
    if isinstance(done, int | float):
        whole = total if isinstance(total, int | float) and total > 0 else 1.0
        progress(min(1.0, max(0.0, done / whole)))


async def _ignore(_: Message) -> None:
    """Ignore a message."""

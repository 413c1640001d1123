"""A lasting acquaintance with one MCP server: handshake, tools, calls; made when needed, made again when lost."""

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import count
from time import monotonic
from typing import Any, Final

import aiohttp
import anyio
import msgspec

from adapters.mcp.exchange import Answer, Exchange, Message
from adapters.mcp.negotiation import HANDSHAKE, MODERN, Arguments, Tool, fit, mirrored_headers, read_tools
from adapters.mcp.peer import CLIENT, DENIED, Peer, SessionLost, require_welcome
from adapters.mcp.results import Structured, read_result, rpc_failure
from application.ports.tools import ProgressSink, ToolFailed, ToolsUnavailable

PROBE_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 15.0
CANCEL_SECONDS: Final = 2.0
FRESH_SECONDS: Final = 600.0
"""How long the tools of a server without sessions are taken to be what they were."""
PAGES: Final = 50
"""A listing of more pages than this is a server's mistake."""


class McpSession:
    """Calls the tools of a server; many calls may be in flight. No background task: nothing leaks, nothing dies."""

    def __init__(self, client: aiohttp.ClientSession, url: str, token: str) -> None:
        self._client = client
        self._url = url
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}
        self._ids = count(1)
        self._lock = anyio.Lock()
        self._peer: Peer | None = None
        self._stale_at = 0.0
        self._failures = 0
        self._failure = ""

    async def tools(self) -> dict[str, Tool]:
        """Return the server's tools, listed once per acquaintance."""
        return (await self._connected()).tools

    async def ping(self) -> None:
        """Return when the server answers with its tools."""
        peer = await self._connected()
        try:
            with anyio.fail_after(CONNECT_SECONDS):
                await self._list_tools(peer)
        except (ToolsUnavailable, TimeoutError) as error:
            self._forget(peer)
            raise ToolsUnavailable(str(error) or "the tool server does not answer") from error

    async def call(
        self, name: str, wanted: Arguments, extras: Arguments, timeout: float, progress: ProgressSink | None = None
    ) -> Structured:
        """Call a tool with the arguments that it declares; a lost session is made anew and the call repeated once.

        Raises:
            ToolFailed: `tool_not_offered`, `tools_denied`, or the protocol's own refusal.
            ToolsUnavailable: The server did not answer in time, or broke off.
        """
        try:
            async with asyncio.timeout(timeout):  # each call has one, and anyio's takes five times as long
                try:
                    return await self._call(name, wanted, extras, progress)
                except SessionLost:
                    return await self._call(name, wanted, extras, progress)
        except TimeoutError as error:
            raise ToolsUnavailable(f"{name} did not answer within {timeout:.0f} s") from error

    async def close(self) -> None:
        """End the session, if the server keeps one."""
        if self._peer is None or not self._peer.session_id:
            return
        with anyio.move_on_after(CANCEL_SECONDS, shield=True):
            try:
                headers = self._authorization | self._peer.headers()
                async with self._client.delete(self._url, headers=headers, allow_redirects=False):
                    return
            except (aiohttp.ClientError, OSError):
                return  # the server forgets it by itself

    async def _call(self, name: str, wanted: Arguments, extras: Arguments, progress: ProgressSink | None) -> Structured:
        peer = await self._connected()
        if (tool := peer.tools.get(name)) is None:
            raise ToolFailed(f"the tool server has no {name}", code="tool_not_offered", permanent=True)
        arguments = fit(tool, wanted, extras)
        params = {"name": name, "arguments": arguments}
        routing = {"Mcp-Name": name, **mirrored_headers(tool, arguments)}
        try:
            return read_result(await self._request(peer, "tools/call", params, routing, progress))
        except ToolsUnavailable:
            self._forget(peer)
            raise

    def _forget(self, peer: Peer) -> None:
        if self._peer is peer:
            self._peer = None

    async def _connected(self) -> Peer:
        if self._peer is not None and not self._peer.session_id and monotonic() > self._stale_at:
            self._peer = None  # nothing else would tell that a server without sessions was replaced by a newer one
        if self._peer is not None:
            return self._peer
        failures = self._failures
        async with self._lock:
            return await self._connect(failures)

    async def _connect(self, failures: int) -> Peer:
        """Make the acquaintance; those who waited for an attempt that succeeded or failed share what came of it."""
        if self._peer is not None:
            return self._peer
        if self._failures != failures:
            raise ToolsUnavailable(self._failure)
        try:
            with anyio.fail_after(CONNECT_SECONDS):
                peer = Peer(MODERN) if await self._is_modern() else await self._initialize()
                self._peer = msgspec.structs.replace(peer, tools=await self._list_tools(peer))
                self._stale_at = monotonic() + FRESH_SECONDS
        except (ToolsUnavailable, TimeoutError) as error:
            self._failures += 1
            self._failure = str(error) or f"the tool server did not answer within {CONNECT_SECONDS:.0f} s"
            raise ToolsUnavailable(self._failure) from error
        return self._peer

    async def _is_modern(self) -> bool:
        """Ask for the revision without sessions; anything but a clear yes is a no."""
        with anyio.move_on_after(PROBE_SECONDS):
            answer = await self._exchange(Peer(MODERN), "server/discover", {})
            if answer.status in DENIED:
                require_welcome(answer, Peer(MODERN))
            found = (answer.message or {}).get("result")
            return isinstance(found, dict) and MODERN in found.get("supportedVersions", ())
        return False

    async def _initialize(self) -> Peer:
        """Shake hands; a server that refuses our newest revision instead of naming its own is offered older ones."""
        refusal: ToolFailed | None = None
        for version in HANDSHAKE:
            try:
                return await self._shake_hands(version)
            except ToolFailed as error:
                if error.code == "tools_denied":
                    raise
                refusal = error
        raise ToolsUnavailable(f"no protocol revision in common: {refusal}")

    async def _shake_hands(self, version: str) -> Peer:
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
        answer = await self._exchange(Peer(""), "initialize", params)
        found = self._result(Peer(""), answer)
        agreed = found.get("protocolVersion") if isinstance(found, dict) else None
        peer = Peer(agreed if isinstance(agreed, str) else version, answer.session_id)
        await self._notify(peer, "notifications/initialized", {})
        return peer

    async def _list_tools(self, peer: Peer) -> dict[str, Tool]:
        tools: dict[str, Tool] = {}
        params: dict[str, Any] = {}
        for _ in range(PAGES):
            listing = await self._request(peer, "tools/list", params)
            entries = listing.get("tools") if isinstance(listing, dict) else None
            if not isinstance(entries, list):
                raise ToolsUnavailable("the tool server's listing cannot be read")
            tools |= read_tools(entries)
            if not (cursor := listing.get("nextCursor")):
                break
            params = {"cursor": cursor}
        return tools

    async def _request(
        self,
        peer: Peer,
        method: str,
        params: dict[str, Any],
        routing: dict[str, str] | None = None,
        progress: ProgressSink | None = None,
    ) -> Any:
        return self._result(peer, await self._exchange(peer, method, params, routing, progress))

    async def _exchange(
        self,
        peer: Peer,
        method: str,
        params: dict[str, Any],
        routing: dict[str, str] | None = None,
        progress: ProgressSink | None = None,
    ) -> Answer:
        request_id = next(self._ids)
        meta = peer.envelope() | ({"progressToken": request_id} if progress else {})
        message: Message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        if meta:
            message["params"] = {**params, "_meta": meta}
        headers = self._authorization | peer.headers(method, routing)
        exchange = Exchange(self._client, self._url, headers, partial(self._hear, peer, request_id, progress))
        try:
            return await exchange.post(message)
        except anyio.get_cancelled_exc_class():
            await self._tell_cancelled(peer, method, request_id)
            raise

    async def _tell_cancelled(self, peer: Peer, method: str, request_id: int) -> None:
        """Say that nobody waits any more. Since 2026-07-28 (and without sessions) the closed connection says it."""
        if peer.version == MODERN or method == "initialize":
            return
        with anyio.move_on_after(CANCEL_SECONDS, shield=True):
            try:
                reason = {"requestId": request_id, "reason": "the caller was cancelled or ran out of time"}
                await self._notify(peer, "notifications/cancelled", reason)
            except (ToolsUnavailable, ToolFailed):
                return  # it was a courtesy

    async def _notify(self, peer: Peer, method: str, params: dict[str, Any]) -> None:
        message: Message = {"jsonrpc": "2.0", "method": method} | ({"params": params} if params else {})
        await self._post_aside(peer, message)

    async def _post_aside(self, peer: Peer, message: Message) -> None:
        """Send what has no response of its own."""
        answer = await Exchange(self._client, self._url, self._authorization | peer.headers(), _ignore).post(message)
        require_welcome(answer, peer)

    async def _hear(self, peer: Peer, request_id: int, progress: ProgressSink | None, message: Message) -> None:
        """Take what comes before the response: progress, or a request of the server's (only `ping` is served)."""
        if "id" in message:
            refusal = {"error": {"code": -32601, "message": "not supported by this client"}}
            reply = {"result": {}} if message["method"] == "ping" else refusal
            await self._post_aside(peer, {"jsonrpc": "2.0", "id": message["id"], **reply})
        elif progress and message["method"] == "notifications/progress":
            _report(message.get("params"), request_id, progress)

    def _result(self, peer: Peer, answer: Answer) -> Any:
        require_welcome(answer, peer)
        if answer.message is None:
            raise ToolsUnavailable(f"the tool server answered {answer.status} without a response")
        if "error" in answer.message:
            raise rpc_failure(answer.message["error"])
        return answer.message.get("result")


def _report(params: Any, request_id: int, progress: Callable[[float], None]) -> None:
    if not isinstance(params, dict) or params.get("progressToken") != request_id:
        return
    done, total = params.get("progress"), params.get("total")
    if isinstance(done, int | float):
        whole = total if isinstance(total, int | float) and total > 0 else 1.0
        progress(min(1.0, max(0.0, done / whole)))


async def _ignore(_: Message) -> None:
    """A message nobody waits for."""

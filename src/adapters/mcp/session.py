"""A reconnecting MCP client session: it connects when first used, and again when the server was replaced."""

import asyncio
from time import monotonic
from typing import Final

import aiohttp
import anyio

from adapters.mcp.handshake import connect, list_tools
from adapters.mcp.negotiation import JOB_ID_META, Arguments, fit, mirrored_headers
from adapters.mcp.results import Structured, read_result
from adapters.mcp.rpc import RpcClient, result_of
from adapters.mcp.server_profile import ServerProfile, SessionExpired
from application.ports.tools import ProgressSink, ToolFailed, ToolsBusy, ToolsUnavailable
from application.telemetry import job_id

CONNECT_SECONDS: Final = 15.0

CACHE_SECONDS: Final = 600.0
"""How long the list of tools of a server without sessions is used."""


class McpSession:
    """Calls the tools of one server; many calls may be in flight. It has no background task that could leak or die."""

    def __init__(self, client: aiohttp.ClientSession, url: str, token: str) -> None:
        self._rpc = RpcClient(client, url, token)
        self._lock = anyio.Lock()
        self._server: ServerProfile | None = None
        self._stale_at = 0.0
        self._failures = 0
        self._failure: Exception = ToolsUnavailable("")

    async def server(self) -> ServerProfile:
        """Return what the server is, with its tools, listed once per connection.

        Raises:
            ToolFailed: `tools_denied`.
            ToolsUnavailable: The server did not answer.
        """
        return await self._connected()

    async def ping(self) -> None:
        """Return when the server has listed its tools; calls use this list from now on.

        Raises:
            ToolFailed: `tools_denied`.
            ToolsUnavailable: The server did not answer.
        """
        server = await self._connected()
        try:
            with anyio.fail_after(CONNECT_SECONDS):
                listed = await list_tools(self._rpc, server)
            if self._server is server:
                self._server = listed
        except (ToolsUnavailable, TimeoutError) as error:
            self._forget_unless_busy(server, error)
            raise _failure_of(error) from error

    async def call(
        self, name: str, wanted: Arguments, extras: Arguments, timeout: float, progress: ProgressSink | None = None
    ) -> Structured:
        """Call a tool with the arguments that it declares; after an expired session, reconnect and call once more.

        The time-out, in seconds, starts anew at the first progress: until then the call may have been in a queue.

        Raises:
            ToolFailed: `tool_not_offered`, `tools_denied`, or the server returned an error.
            ToolsUnavailable: The server did not answer in time.
            ToolsLost: It closed the connection in the middle of the call.
            ToolsBusy: A gateway refused the call; a server of ours that is busy returns a result.
        """
        try:
            async with asyncio.timeout(timeout) as clock:  # each call has one, and anyio's takes five times as long
                sink = _restarting(clock, timeout, progress) if progress else None
                try:
                    return await self._call(name, wanted, extras, sink)
                except SessionExpired:
                    return await self._call(name, wanted, extras, sink)
        except TimeoutError as error:
            raise ToolsUnavailable(f"{name} did not answer within {timeout:.0f} s") from error

    async def close(self) -> None:
        """End the session, if the server keeps one."""
        if self._server is not None and self._server.session_id:
            await self._rpc.delete_session(self._server)

    async def _call(self, name: str, wanted: Arguments, extras: Arguments, progress: ProgressSink | None) -> Structured:
        server = await self._connected()
        if (tool := server.tools.get(name)) is None:
            raise ToolFailed(f"the tool server does not offer {name}", code="tool_not_offered")
        arguments = fit(tool, wanted, extras)
        params = {"name": name, "arguments": arguments}
        routing = {"Mcp-Name": name, **mirrored_headers(tool, arguments)}
        meta = {JOB_ID_META: job} if (job := job_id.get()) else None
        try:
            answer = await self._rpc.exchange(
                server, "tools/call", params, routing=routing, meta=meta, progress=progress
            )
            return read_result(result_of(answer, server))
        except ToolsUnavailable as error:
            self._forget_unless_busy(server, error)
            raise

    def _forget_unless_busy(self, server: ServerProfile, error: Exception) -> None:
        """Forget what a server is that may have been replaced; one that is busy is still the same."""
        if self._server is server and not isinstance(error, ToolsBusy):
            self._server = None

    async def _connected(self) -> ServerProfile:
        if self._server is not None and not self._server.session_id and monotonic() > self._stale_at:
            self._server = None  # nothing else shows that a server without sessions was replaced by a newer one
        if self._server is not None:
            return self._server
        failures = self._failures
        async with self._lock:
            return await self._connect(failures)

    async def _connect(self, failures: int) -> ServerProfile:
        """Connect; callers that waited for another's attempt share its result, or its failure."""
        if self._server is not None:
            return self._server
        if self._failures != failures:
            raise _failure_of(self._failure)
        try:
            with anyio.fail_after(CONNECT_SECONDS):
                self._server = await connect(self._rpc)
                self._stale_at = monotonic() + CACHE_SECONDS
        except (ToolsUnavailable, TimeoutError) as error:
            self._failures += 1
            self._failure = error
            raise _failure_of(error) from error
        return self._server


def _restarting(clock: asyncio.Timeout, timeout: float, progress: ProgressSink) -> ProgressSink:
    """Return a sink that restarts the clock of a call when it is first called."""
    running = False

    def report(done: float) -> None:
        nonlocal running
        if not running and not clock.expired():
            running = True
            clock.reschedule(asyncio.get_running_loop().time() + timeout)
        progress(done)

    return report


def _failure_of(error: Exception) -> ToolsUnavailable:
    """Return a new error for a caller that could not connect; several callers may share one failure."""
    if isinstance(error, ToolsBusy):
        return ToolsBusy(error.message, retry_after=error.retry_after)
    return ToolsUnavailable(str(error) or f"the tool server did not answer within {CONNECT_SECONDS:.0f} s")

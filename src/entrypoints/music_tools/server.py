"""The MCP server: structured failures, and cancellation by disconnecting."""

import errno
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, InputRequiredResult, TextContent
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.mcp.negotiation import JOB_ID_META
from adapters.toolkit.turns import Stage
from application.ports.tools import COMPUTING_TOOLS, MIX_TOOLS, RENDER_TOOLS, ToolName, ToolsBusy
from application.telemetry import job_id
from application.version import VERSION
from domain.error_codes import Code
from domain.errors import MomentError
from entrypoints.music_tools.admission import Admission
from entrypoints.music_tools.bearer_auth import BearerAuth, no_key
from entrypoints.music_tools.exposure import LOOPBACK_NAMES
from entrypoints.music_tools.presented_keys import KeyNotForTools, require_open_to

MCP_PATH: Final = "/mcp"
HEALTH_PATH: Final = "/healthz"
INSTRUCTIONS: Final = (
    "Turns a hummed tune into finished music. For everything in one call use create_moment. Step by step: "
    f"{ToolName.ANALYZE_HUM}, write a blueprint around its result, {ToolName.VALIDATE_BLUEPRINT}, "
    f"{ToolName.RENDER_VOCALS} and {ToolName.RENDER_INSTRUMENTAL}, "
    f"then {ToolName.SYNTHESIZE_PREVIEW} or {ToolName.CREATE_SONG} with both stems."
)

STAGES: Final = {
    **dict.fromkeys(RENDER_TOOLS.values(), Stage.RENDER),
    **dict.fromkeys(MIX_TOOLS.values(), Stage.MIX),
}
"""How far a moment is when a tool is called; what is not here begins something, or is made on demand."""

MAX_NAME_CHARS: Final = 64
"""Of what callers send and the log shows."""

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""What the system says when nothing can be written."""

log = logging.getLogger("moment.tools")


class StudioServer(MCPServer[None]):
    """An MCP server whose every failure is `{"ok": false, "message", "code", "permanent"}`.

    Args:
        admission: Limits the calls of tools that compute; without it, every call begins at once.
        options: Of the SDK's server.
    """

    def __init__(self, name: str, admission: Admission | None = None, **options: Any) -> None:
        super().__init__(name, **options)
        self._admission = admission

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool when it is its turn; an error, also that the queue is full, becomes a structured result."""
        try:
            require_open_to(context, name)
            async with self._turn(name) as waited:
                if waited and context is not None:
                    await context.report_progress(0.0, 1.0)  # from now on its time-out counts
                return await self._call_and_log(name, arguments, context)
        except (ToolsBusy, KeyNotForTools) as refusal:
            return _failure(name, refusal)

    def _turn(self, name: str) -> AbstractAsyncContextManager[bool]:
        if self._admission is None or name not in COMPUTING_TOOLS:
            return nullcontext(enter_result=False)
        return self._admission.admit(STAGES.get(ToolName(name), Stage.ANALYSIS))

    async def _call_and_log(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None
    ) -> CallToolResult | InputRequiredResult:
        job_id.set(_job_of(context))
        began, outcome = perf_counter(), "cancelled"
        try:
            result = await super().call_tool(name, arguments, context)
            outcome = "ok"
        except ToolError as error:
            result = _failure(name, error.__cause__ or error)
            outcome = result.structured_content["code"]
        finally:
            seconds = round(perf_counter() - began, 3)
            log.info("tool served", extra={"tool": name[:MAX_NAME_CHARS], "seconds": seconds, "outcome": outcome})
        return result


def streamable_http(
    server: StudioServer,
    *,
    host: str,
    token: str,
    is_warm: Callable[[], bool],
    json_response: bool,
    stateless: bool,
    is_key: Callable[[str], Awaitable[bool]] = no_key,
) -> ASGIApp:
    """Return the ASGI application: the MCP endpoint, and the health check without a token.

    Args:
        is_key: Whether a text is a key of the API, which opens some of the tools in place of the token.
    """

    async def healthz(_: Request) -> Response:
        warm = is_warm()
        return JSONResponse(
            {"status": "ok" if warm else "warming up", "version": VERSION}, status_code=200 if warm else 503
        )

    app = server.streamable_http_app(
        streamable_http_path=MCP_PATH,
        json_response=json_response,
        stateless_http=stateless,
        transport_security=_security(host, token),
        host=host,
    )
    app.router.routes.append(Route(HEALTH_PATH, healthz, methods=["GET"]))
    watched: ASGIApp = CancelOnDisconnect(app) if stateless else app
    return BearerAuth(watched, token, HEALTH_PATH, is_key=is_key) if token else watched


def _security(host: str, token: str) -> TransportSecuritySettings:
    """Return the check of `Host` and `Origin` (DNS rebinding).

    With a token there is none: a page that rebinds DNS cannot know it, and public host names are not ours to guess.
    """
    names = [*LOOPBACK_NAMES, f"[{host}]" if ":" in host else host]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=not token,
        allowed_hosts=[f"{name}{port}" for name in names for port in ("", ":*")],
        allowed_origins=[f"http://{name}{port}" for name in names for port in ("", ":*")],
    )


class CancelOnDisconnect:
    """Cancels a request whose client has disconnected.

    SDK 2.3 does so only on the event streams of protocol 2026-07-28. Without sessions there is no other way to
    cancel: a `notifications/cancelled` would reach a transport that knows nothing of the call.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and watch its connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        inbox, outbox = anyio.create_memory_object_stream[Message](16)
        finished = False

        async def watch() -> None:
            while (message := await receive())["type"] != "http.disconnect":
                await inbox.send(message)
            with suppress(anyio.BrokenResourceError):
                await inbox.send(message)
            if not finished:
                group.cancel_scope.cancel()

        async def answer(message: Message) -> None:
            nonlocal finished
            finished = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        async with outbox, inbox, anyio.create_task_group() as group:
            group.start_soon(watch)
            await self._app(scope, outbox.receive, answer)
            group.cancel_scope.cancel()


def _job_of(context: Context[None, Any] | None) -> str:
    """Return the id of the caller's job, if the caller sent one that looks like a job's."""
    meta = context.request_context.meta if context else None
    try:
        return str(UUID(str((meta or {}).get(JOB_ID_META))))
    except ValueError:
        return ""


def _failure(name: str, cause: BaseException) -> CallToolResult:
    message, code, permanent = _describe_failure(name, cause)
    document: dict[str, Any] = {"ok": False, "message": message, "code": code, "permanent": permanent}
    if isinstance(cause, ToolsBusy):
        document["retry_after"] = cause.retry_after
    text = f"{message} ({code})"
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=document, is_error=True)


def _describe_failure(name: str, cause: BaseException) -> tuple[str, Code, bool]:
    """Return message, code and permanence of a failure; an unexpected one is logged, and its details stay here."""
    if isinstance(cause, MomentError):
        return cause.message, cause.code, cause.permanent
    if isinstance(cause, ValidationError):
        problems = [f"/{'/'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in cause.errors()]
        return "; ".join(problems), "invalid_arguments", True
    if isinstance(cause, ToolError):
        return str(cause), "unknown_tool", True
    if isinstance(cause, OSError) and cause.errno in FULL:
        log.error("tool %s failed: %s; the folder of temporary files (TMPDIR) has no room", name, cause)
        return f"{name} has no room for its files", "tools_unavailable", False
    log.error("tool %s failed", name, exc_info=cause)
    return f"{name} failed unexpectedly", "internal_error", False

"""What every HTTP request passes through before the routes, errors of the routing (404, 405, 413) included.

Plain ASGI around the application: a framework's own middleware does not see requests that match no route. The first of
the list is the outermost. A new concern (keys, limits) is one more function in it.
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.path import normalize_path

from application.objects.signed_objects import OBJECTS_PATH
from application.telemetry import RequestServed, Telemetry
from entrypoints.allowed_hosts import AllowedHosts
from entrypoints.api.callers import Callers
from entrypoints.api.client_addresses import ClientAddresses
from entrypoints.api.deprecations import with_deprecations
from entrypoints.api.downloads import DownloadLimits, Downloads
from entrypoints.api.lingering_close import with_lingering_close
from entrypoints.api.object_sharing import with_shared_objects
from entrypoints.api.origin_checks import CrossSiteCheck, HostCheck
from entrypoints.api.problem_documents import CODE_IN_STATE
from entrypoints.api.problems import with_defects_caught
from entrypoints.api.rate_limits import RateLimits
from entrypoints.api.request_bodies import Limits, RequestBodies, has_body
from entrypoints.api.request_ids import with_request_id
from entrypoints.api.security_headers import SecurityHeaders
from entrypoints.settings import Settings

Middleware = Callable[[ASGIApp], ASGIApp]

MAX_ROUTE_CHARS: Final = 200
"""Of the path of a request that matches no route."""

RESPOND_TO_HEAD: Final = f"{OBJECTS_PATH}/"
"""Where routes that respond to HEAD themselves begin."""

RESPONDS_TO_HEAD: Final = "/events"
"""Where another such route ends: its GET does not end by itself."""


def middlewares(telemetry: Telemetry, settings: Settings, callers: Callers) -> Sequence[Middleware]:
    """Return the list, outermost first."""
    return (
        _with_normal_path,
        security_headers(settings).around,
        with_deprecations,
        with_request_id,
        _reported_to(telemetry),
        with_defects_caught,
        _draining,
        HostCheck(AllowedHosts(settings.allowed_hosts, settings.public_url)).around,
        with_shared_objects,
        CrossSiteCheck((*settings.cors_origins, settings.public_url)).around,
        ClientAddresses(settings.trusted_proxies).around,
        RequestBodies(Limits()).around,
        Downloads(DownloadLimits()).around,
        callers.around,
        RateLimits(settings.reads_per_minute, settings.changes_per_minute).around,
        _head_as_get,
    )


def security_headers(settings: Settings) -> SecurityHeaders:
    """Return the headers of every response."""
    return SecurityHeaders(behind_tls=settings.public_url.startswith("https://"))


def wrap(app: ASGIApp, layers: Sequence[Middleware]) -> ASGIApp:
    """Return the application inside its middlewares; scopes other than HTTP (lifespan) bypass them."""
    wrapped = app
    for middleware in reversed(layers):
        wrapped = middleware(wrapped)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await (wrapped if scope["type"] == ScopeType.HTTP else app)(scope, receive, send)

    return serve


def _with_normal_path(app: ASGIApp) -> ASGIApp:
    """Serve a path as the router reads it: `//v1/jobs/` is a route, too, and has its limits and headers."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        scope["path"] = normalize_path(scope["path"])
        await app(scope, receive, send)

    return serve


def _reported_to(telemetry: Telemetry) -> Middleware:
    """Report every request when its response is complete, or the client has disconnected."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            status, began = 0, perf_counter()

            async def watched_send(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                await app(scope, receive, watched_send)
            finally:
                route = scope.get("path_template") or scope["path"][:MAX_ROUTE_CHARS]
                method: str = scope["method"]  # type: ignore[typeddict-item] # only HTTP requests get here
                code: str = scope.get("state", {}).get(CODE_IN_STATE, "")
                telemetry.emit(RequestServed(method, route, status, perf_counter() - began, code))

        return serve

    return middleware


def _head_as_get(app: ASGIApp) -> ASGIApp:
    """Respond to HEAD as to GET, without the body; routes whose GET streams a body respond to it themselves."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        respond_themselves = path.startswith(RESPOND_TO_HEAD) or path.endswith(RESPONDS_TO_HEAD)
        if scope["method"] != "HEAD" or respond_themselves:  # type: ignore[typeddict-item] # as above
            await app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        inner: Scope = {**scope, "method": "GET"}  # type: ignore[assignment] # as above
        try:
            await app(inner, receive, send_head)
        finally:
            if "path_template" in inner:  # the telemetry outside names the route
                scope["path_template"] = inner["path_template"]

    return serve


def _draining(app: ASGIApp) -> ASGIApp:
    """Drain the rest of a request body before the connection closes."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if has_body(scope):
            receive, send = with_lingering_close(receive, send)
        await app(scope, receive, send)

    return serve

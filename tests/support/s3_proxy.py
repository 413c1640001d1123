"""A reverse proxy in front of an S3 server, which tests use to intercept requests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.support.s3 import S3Server
from tests.support.serving import serving

HOP = frozenset({"host", "transfer-encoding", "connection"})
"""Headers that belong to one connection."""

WITHOUT_UPLOADS = (("NotImplemented", 501), ("AccessDenied", 403), ("MethodNotAllowed", 405))
"""The code and the status with which servers refuse to list unfinished uploads."""

Intercept = Callable[[Request], Awaitable[ASGIApp | None]]
"""Responds to a request itself, or returns None to forward it."""


async def drop(scope: Scope, receive: Receive, send: Send) -> None:
    """Drop the connection in the middle of a response."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b"<half", "more_body": True})


async def hang(scope: Scope, receive: Receive, send: Send) -> None:
    """Never respond."""
    await anyio.sleep_forever()


def s3_error(code: str, status: int = 200) -> Response:
    """Return an S3 error response."""
    return Response(f"<Error><Code>{code}</Code></Error>", status, media_type="application/xml")


def is_signed(request: Request) -> bool:
    """Return whether the request uses a presigned URL."""
    return "X-Amz-Signature" in request.query_params


def without_uploads(code: str, status: int) -> Intercept:
    """Return an interceptor that refuses to list unfinished uploads, as some servers do."""

    async def refuse(request: Request) -> ASGIApp | None:
        listing = request.method == "GET" and "uploads" in request.query_params
        return s3_error(code, status) if listing else None

    return refuse


class ReverseProxy:
    """An ASGI application that forwards requests to a server."""

    def __init__(self, client: httpx.AsyncClient, endpoint: str, intercept: Intercept | None = None) -> None:
        self._client = client
        self._endpoint = endpoint
        self._intercept = intercept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        request = Request(scope, receive)
        answer = (self._intercept and await self._intercept(request)) or await self._forward(request)
        await answer(scope, receive, send)

    async def _forward(self, request: Request) -> ASGIApp:
        url = f"{self._endpoint}{request.scope['raw_path'].decode()}?{request.url.query}"
        headers = {name: value for name, value in request.headers.items() if name not in HOP | {"content-length"}}
        found = await self._client.request(request.method, url, content=await request.body(), headers=headers)
        kept = {name: value for name, value in found.headers.items() if name not in HOP}
        return Response(found.content, found.status_code, kept)


@asynccontextmanager
async def intercepted(server: S3Server, intercept: Intercept) -> AsyncIterator[S3Server]:
    """Serve the proxy; yield the server under its address."""
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30.0) as client,
        serving(ReverseProxy(client, server.endpoint, intercept)) as base,
    ):
        yield server._replace(endpoint=base)

"""An S3 server with a meddler in front of it, who lets most requests pass."""

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

Meddle = Callable[[Request], Awaitable[ASGIApp | None]]
"""Answers a request itself, or leaves it to the server by None."""


async def drop(scope: Scope, receive: Receive, send: Send) -> None:
    """Break the connection off in the middle of an answer."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b"<half", "more_body": True})


async def hang(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer nothing."""
    await anyio.sleep_forever()


def saying(code: str, status: int = 200) -> Response:
    """Return an error as S3 words it."""
    return Response(f"<Error><Code>{code}</Code></Error>", status, media_type="application/xml")


def is_signed(request: Request) -> bool:
    """Return whether a stranger asks, by a signed URL."""
    return "X-Amz-Signature" in request.query_params


class Relay:
    """An ASGI application that passes every request on to a server."""

    def __init__(self, client: httpx.AsyncClient, endpoint: str, meddle: Meddle | None = None) -> None:
        self._client = client
        self._endpoint = endpoint
        self._meddle = meddle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        request = Request(scope, receive)
        answer = (self._meddle and await self._meddle(request)) or await self._pass_on(request)
        await answer(scope, receive, send)

    async def _pass_on(self, request: Request) -> ASGIApp:
        url = f"{self._endpoint}{request.scope['raw_path'].decode()}?{request.url.query}"
        headers = {name: value for name, value in request.headers.items() if name not in HOP | {"content-length"}}
        found = await self._client.request(request.method, url, content=await request.body(), headers=headers)
        kept = {name: value for name, value in found.headers.items() if name not in HOP}
        return Response(found.content, found.status_code, kept)


@asynccontextmanager
async def meddled(server: S3Server, meddle: Meddle) -> AsyncIterator[S3Server]:
    """Give the way to the server that leads past the meddler."""
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30.0) as client,
        serving(Relay(client, server.endpoint, meddle)) as base,
    ):
        yield server._replace(endpoint=base)

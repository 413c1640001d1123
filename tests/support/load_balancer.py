"""A load balancer for tests: round robin over the backends that are ready, connections kept alive, nothing retried.

It fails a request that a patient proxy would send again, so that a test sees every request that a restart loses.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import anyio
import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.support.serving import serving

CHECK_SECONDS: Final = 0.25
"""Between two health checks of a backend."""

HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})
"""Headers that concern one connection (RFC 9110, section 7.6.1); all that our clients and servers send."""


class LoadBalancer:
    """An ASGI application that forwards to backends.

    Args:
        backends: Base URLs.
        client: Sends the requests; its pool keeps connections alive.

    Attributes:
        ready: The backends whose `/readyz` last returned 200.
        failures: What went wrong between the balancer and a backend.
    """

    def __init__(self, backends: list[str], client: httpx.AsyncClient) -> None:
        self._backends = backends
        self._client = client
        self._turn = 0
        self.ready: list[str] = []
        self.failures: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request."""
        if scope["type"] == "http":
            response = await self._forward(Request(scope, receive))
            await response(scope, receive, send)

    async def watch(self) -> None:
        """Check the backends until cancelled."""
        while True:
            self.ready = [backend for backend in self._backends if await self._is_ready(backend)]
            await anyio.sleep(CHECK_SECONDS)

    async def _is_ready(self, backend: str) -> bool:
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as probe:
                return (await probe.get(f"{backend}/readyz")).is_success
        except httpx.TransportError:
            return False

    async def _forward(self, request: Request) -> Response:
        if not self.ready:
            return self._failed("no backend is ready", 503)
        self._turn += 1
        backend = self.ready[self._turn % len(self.ready)]
        body = request.stream() if request.method == "POST" else None
        url = f"{backend}{request.url.path}?{request.url.query}".removesuffix("?")
        sent = self._client.build_request(request.method, url, headers=_end_to_end(request.headers), content=body)
        try:
            answer = await self._client.send(sent, stream=True)
        except httpx.TransportError as error:
            return self._failed(f"{request.method} {url}: {type(error).__name__}", 502)
        headers, last = _end_to_end(answer.headers), BackgroundTask(answer.aclose)
        return StreamingResponse(answer.aiter_raw(), answer.status_code, headers, background=last)

    def _failed(self, reason: str, status: int) -> Response:
        self.failures.append(reason)
        return Response(reason, status)


def _end_to_end(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}


@asynccontextmanager
async def balancing(backends: list[str]) -> AsyncIterator[tuple[LoadBalancer, str]]:
    """Run a load balancer for the duration of the block; yield it and its base URL."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=60)
    async with httpx.AsyncClient(timeout=60, trust_env=False, limits=limits) as client:
        balancer = LoadBalancer(backends, client)
        async with serving(balancer) as url, anyio.create_task_group() as group:
            group.start_soon(balancer.watch)
            yield balancer, url
            group.cancel_scope.cancel()

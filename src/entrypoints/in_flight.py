"""The requests in flight of a server: what is left to do before its process may end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import anyio

App = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application; the api's framework and music-tools' have incompatible types for it."""

CONNECTION_CLOSE: Final = (b"connection", b"close")
NOTHING_MORE: Final = {"type": "http.response.body", "body": b"", "more_body": False}
"""Ends a response early; where its length was announced, the client notices."""


class RequestsInFlight:
    """An ASGI application around another one, whose requests it tracks and can cut.

    Once `closing` is set, every response carries `Connection: close`. The client, or the proxy that keeps its
    connections open, then sends the next request over a new one, and the proxy opens that to another process.

    Args:
        app: The application.
        closing: Set when the process is to end.
        refusal: Responds to a request that is cut before its response has begun.
    """

    def __init__(self, app: App, closing: anyio.Event, refusal: App) -> None:
        self._app = app
        self._closing = closing
        self._refusal = refusal
        self._methods: dict[asyncio.Task[object], str] = {}
        self._cut: set[asyncio.Task[object]] = set()
        self._idle = anyio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request; the server runs each in a task of its own."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        task = cast("asyncio.Task[object]", asyncio.current_task())
        response = _Response(send, self._closing)
        self._methods[task] = scope["method"]
        try:
            await self._app(scope, receive, response.send)
        except asyncio.CancelledError:
            if task not in self._cut:
                raise
            if not response.begun:
                await self._refusal(scope, receive, response.send)
            elif not response.complete:
                await response.send(NOTHING_MORE)
        finally:
            self._forget(task)

    async def idle(self) -> None:
        """Wait until no request is in flight."""
        while self._methods:
            self._idle = anyio.Event()
            await self._idle.wait()

    def cut(self, method: str = "") -> int:
        """Cancel the requests in flight, or those with one method; return how many there were."""
        chosen = [task for task, used in self._methods.items() if method in {"", used}]
        self._cut.update(chosen)
        for task in chosen:
            task.cancel()
        return len(chosen)

    def _forget(self, task: "asyncio.Task[object]") -> None:
        del self._methods[task]
        self._cut.discard(task)
        if not self._methods:
            self._idle.set()


class _Response:
    """The response to one request, as far as it has been sent."""

    def __init__(self, send: Callable[[Any], Awaitable[None]], closing: anyio.Event) -> None:
        self._send = send
        self._closing = closing
        self.begun = self.complete = False

    def send(self, message: Any) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.begun = True
            if self._closing.is_set():
                message = {**message, "headers": [*filter(_is_not_connection, message["headers"]), CONNECTION_CLOSE]}
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
        return self._send(message)


def _is_not_connection(header: tuple[bytes, bytes]) -> bool:
    return header[0].lower() != b"connection"

"""Faults for a server: a share of its requests ends badly, in every way in which HTTP can."""

import random
from collections.abc import Callable, Collection
from typing import Final

import anyio
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WAYS: Final = ("500", "503", "hang", "drop", "lose")
"""`drop` breaks the connection off before anything was done, `lose` after it was done: the answer alone is lost."""

LONGEST_HANG: Final = 30.0


class Faults:
    """An ASGI application that misbehaves for a share of its requests, as its seed has it.

    Args:
        app: Does the work.
        rate: The share, 0..1.
        seed: Decides which requests, in the order in which they come, and how.
        concerns: Whether a request, by its scope and body, may be chosen.
        longest_hang: Seconds until a request that hangs breaks off.
    """

    def __init__(
        self,
        app: ASGIApp,
        rate: float,
        seed: str,
        concerns: Callable[[Scope, bytes], bool],
        longest_hang: float = LONGEST_HANG,
    ) -> None:
        self._app = app
        self._rate = rate
        self._random = random.Random(seed)  # noqa: S311 - a plan, not a secret
        self._concerns = concerns
        self._longest_hang = longest_hang

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or fail it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, receive = await _read(receive)
        if not self._concerns(scope, body) or self._random.random() >= self._rate:
            await self._app(scope, receive, send)
        else:
            await self._fail(self._random.choice(WAYS), scope, receive, send)

    async def _fail(self, way: str, scope: Scope, receive: Receive, send: Send) -> None:
        if way == "hang":
            with anyio.move_on_after(self._longest_hang):
                await _until_gone(receive)
        elif way == "lose":
            await self._app(scope, receive, _to_nobody)
        if way.isdigit() or scope["method"] == "HEAD":  # whose answer has no body to break off in
            await PlainTextResponse("as planned", int(way) if way.isdigit() else 500)(scope, receive, send)
        else:  # begun and never ended: the server can but close the connection
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})


def share_of(paths: Collection[str]) -> Callable[[Scope, bytes], bool]:
    """Return the test for requests whose path starts with one of these."""
    return lambda scope, _: scope["path"].startswith(tuple(paths))


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """Return the body, and a `receive` that gives it again; what the tests send is small."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _to_nobody(_: Message) -> None:
    """Lose what was to be sent."""

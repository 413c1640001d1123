"""A server that fails a share of its requests, in every way in which HTTP can fail."""

import random
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

import anyio
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAULTS: Final = ("500", "503", "hang", "drop", "lose")
"""`drop` closes the connection before the request is handled, `lose` after: only the response is lost."""

MAX_HANG_SECONDS: Final = 3.0


OUTAGE: Final = "outage"
"""The file of an outage of the object store, in the data folder."""


class FaultyApp:
    """An ASGI application that fails a share of its requests, chosen by a seed.

    Args:
        app: Handles the other requests.
        rate: The share, 0..1.
        seed: Determines which requests fail, in order of arrival, and how.
        matches: Whether a request, by its scope and body, may fail.
        max_hang: Seconds after which a hanging request is dropped.
        outage: A file that holds, while there is an outage, how every request fails that may fail: `away`, the
            connection is closed; a status, that is the response; `full`, uploads alone are refused.
    """

    def __init__(
        self,
        app: ASGIApp,
        rate: float,
        seed: str,
        matches: Callable[[Scope, bytes], bool],
        *,
        max_hang: float = MAX_HANG_SECONDS,
        outage: Path | None = None,
    ) -> None:
        self._outage = outage
        self._app = app
        self._rate = rate
        self._random = random.Random(seed)  # noqa: S311 - a plan, not a secret
        self._matches = matches
        self._max_hang = max_hang

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or fail it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, receive = await _read(receive)
        if (way := self._way_of_outage(scope)) and self._matches(scope, body):
            await self._fail(way, scope, receive, send)
        elif not self._matches(scope, body) or self._random.random() >= self._rate:
            await self._app(scope, receive, send)
        else:
            await self._fail(self._random.choice(FAULTS), scope, receive, send)

    def _way_of_outage(self, scope: Scope) -> str:
        """Return how the request fails because of an outage; empty if it does not."""
        way = self._outage.read_text() if self._outage and self._outage.exists() else ""
        if way == "full":
            return "507" if scope["method"] in {"PUT", "POST"} else ""
        return way

    async def _fail(self, way: str, scope: Scope, receive: Receive, send: Send) -> None:
        if way == "hang":
            with anyio.move_on_after(self._max_hang):
                await _wait_for_disconnect(receive)
        elif way == "lose":
            await self._app(scope, receive, _discard)
        if way.isdigit() or scope["method"] == "HEAD":  # their responses have no body to truncate
            await PlainTextResponse("as planned", int(way) if way.isdigit() else 500)(scope, receive, send)
        else:  # an incomplete response makes the server close the connection
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})


def paths_under(paths: Collection[str]) -> Callable[[Scope, bytes], bool]:
    """Return a predicate for requests whose path starts with one of these."""
    return lambda scope, _: scope["path"].startswith(tuple(paths))


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """Return the body, and a `receive` that returns it again; the tests' requests are small."""
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


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _discard(_: Message) -> None:
    """Discard a message."""

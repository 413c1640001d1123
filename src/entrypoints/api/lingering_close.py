"""Lingering close: a response that is sent before the request has arrived completely must still reach the client.

A server that closes a connection with unread data resets it, and the response (413, 415 …) is lost. So the response is
sent at once, and the rest of the request body is read and discarded for a while (nginx: `lingering_close`).
"""

import asyncio
from typing import Final

import anyio
from litestar.types import Message, Receive, ReceiveMessage, Send

LINGER_SECONDS: Final = 20.0
"""How long to drain a body, at most."""

SILENCE_SECONDS: Final = 0.5
"""A client that sends nothing for so long has read the response and waits for its end."""


def with_lingering_close(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Return a request's two channels; the last part of the response waits until the body has been drained."""
    arrived = False
    ahead: asyncio.Future[ReceiveMessage] | None = None

    async def watched_receive() -> ReceiveMessage:
        """Receive a message; while a body is processed, the server fetches the next part of it."""
        nonlocal arrived, ahead
        ahead = ahead or asyncio.ensure_future(receive())
        message = await asyncio.shield(ahead)  # who gives up waiting leaves it to `drain`
        arrived = message["type"] == "http.disconnect" or not message.get("more_body", False)
        ahead = None if arrived else asyncio.ensure_future(receive())
        return message

    async def lingering_send(message: Message) -> None:
        if arrived:
            await send(message)
        elif message["type"] == "http.response.start":
            await send({**message, "headers": [*filter(_is_not_length, message["headers"])]})
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            await send({**message, "more_body": True})
            await drain()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await send(message)

    async def drain() -> None:
        silent = False
        with anyio.move_on_after(LINGER_SECONDS):
            while not (arrived or silent):
                with anyio.move_on_after(SILENCE_SECONDS) as patience:
                    await watched_receive()
                silent = patience.cancelled_caught

    return watched_receive, lingering_send


def _is_not_length(header: tuple[bytes, bytes]) -> bool:
    """Return whether a header may stay: the server would close after a response of the announced length."""
    return header[0].lower() != b"content-length"

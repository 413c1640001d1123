"""Answering before the request has arrived whole, in a way that its sender gets to read.

A server that closes on unread data resets the connection, and the answer (413, 415 …) is lost on the way. So the answer
goes out at once, and what is still arriving is read and thrown away for a while: nginx calls it a lingering close.
"""

from typing import Final

import anyio
from litestar.types import Message, Receive, ReceiveMessage, Send

LINGER_SECONDS: Final = 20.0
SILENCE_SECONDS: Final = 0.5
"""A sender that has been silent for so long has seen the answer and waits for its end."""


def lingering(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Return a request's two channels with patience for the rest of its body."""
    arrived = False

    async def watched_receive() -> ReceiveMessage:
        nonlocal arrived
        message = await receive()
        arrived = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def patient_send(message: Message) -> None:
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

    return watched_receive, patient_send


def _is_not_length(header: tuple[bytes, bytes]) -> bool:
    """Tell the one header that must go: the server would take an answer of the announced length for finished."""
    return header[0].lower() != b"content-length"

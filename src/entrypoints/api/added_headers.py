"""Headers that a layer around the application adds to every response."""

from collections.abc import Sequence

from litestar.types import Message, Send


def with_headers(send: Send, headers: Sequence[tuple[bytes, bytes]]) -> Send:
    """Return a channel that adds headers to the response; without any it is `send` itself."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return send_with_headers if headers else send

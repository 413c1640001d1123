"""Responses that are encoded already; Litestar's own cost more than the query behind them."""

from litestar.types import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]


class EncodedJson:
    """A response of encoded JSON."""

    def __init__(
        self, body: bytes, headers: Headers, status: int = 200, media_type: bytes = b"application/json"
    ) -> None:
        self._body = body
        self._status = status
        self._headers = [*headers, (b"content-type", media_type), (b"content-length", b"%d" % len(body))]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the response."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


class NotModified:
    """A response with status 304: the client's copy is current."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the response."""
        await send({"type": "http.response.start", "status": 304, "headers": self._headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

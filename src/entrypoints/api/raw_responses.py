"""An answer that is bytes already; Litestar's own responses cost more than the query that they answer."""

from litestar.types import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]


class EncodedJson:
    """JSON, ready to be sent."""

    def __init__(self, body: bytes, headers: Headers, status: int = 200) -> None:
        self._body = body
        self._status = status
        self._headers = [*headers, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


class NotModified:
    """304: what the client has is still so."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": 304, "headers": self._headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

"""A client that is cheap compared with what it measures: keep-alive connections, pre-encoded requests."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

BOUNDARY: Final = b"a-hum"
HUM: Final = b"RIFF\x24\x10\x00\x00WAVEfmt " + bytes(4096)
"""A recording that is just long enough to be accepted."""

Request = Callable[[bytes], Awaitable[bytes]]


def create_moment(hum: bytes = HUM, *, client: str = "", output_kind: str = "") -> bytes:
    """Return the request that sends a hum, as a proxy passes it on for a client; Celery takes a file alone."""
    disposition = b'Content-Disposition: form-data; name="output_kind"'
    kind = b"--%b\r\n%b\r\n\r\n%b\r\n" % (BOUNDARY, disposition, output_kind.encode()) if output_kind else b""
    part = b'Content-Disposition: form-data; name="file"; filename="hum.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    body = b"%b--%b\r\n%b%b\r\n--%b--\r\n" % (kind, BOUNDARY, part, hum, BOUNDARY)
    return head_of_a_moment(client, len(body)) + body


def head_of_a_moment(client: str = "", length: int = 1_000_000) -> bytes:
    """Return the head of the request that sends a hum."""
    form = b"Content-Type: multipart/form-data; boundary=%b\r\n" % BOUNDARY
    return _head("POST", "/v1/create-moment", client, form + b"Content-Length: %d\r\n" % length)


def post(path: str, client: str = "") -> bytes:
    """Return a request without a body that changes something."""
    return _head("POST", path, client, b"Content-Length: 0\r\n")


def read(path: str, client: str = "") -> bytes:
    """Return the request that reads a path."""
    return _head("GET", path, client)


def _head(method: str, path: str, client: str, more: bytes = b"") -> bytes:
    named = f"X-Forwarded-For: {client}\r\n" if client else ""
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{named}".encode() + more + b"\r\n"


class Connection:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def __call__(self, request: bytes) -> bytes:
        """Return the body of a successful response."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._body(head.lower())
        if not head.startswith(b"HTTP/1.1 20"):
            raise RuntimeError(f"{head.splitlines()[0]!r} {body!r}")
        return body

    async def location(self, request: bytes) -> str:
        """Return where a redirect leads."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        await self._body(head.lower())
        lines = (line.partition(b": ") for line in head.splitlines())
        return next(value.decode() for name, _, value in lines if name.lower() == b"location")

    async def _body(self, head: bytes) -> bytes:
        if b"content-length:" in head:
            return await self._reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
        chunked = await self._reader.readuntil(b"0\r\n\r\n")
        return b"".join(chunked.split(b"\r\n")[1::2])

    def close(self) -> None:
        """Close it."""
        self._writer.close()


async def connect(port: int) -> Connection:
    """Open a connection."""
    return Connection(*await asyncio.open_connection("127.0.0.1", port))


async def hammer(port: int, requests: Sequence[bytes], connections: int) -> tuple[float, list[bytes]]:
    """Send all requests over several connections; return the seconds and the bodies."""
    opened = [await connect(port) for _ in range(connections)]
    waiting = iter(requests)
    bodies: list[bytes] = []

    async def work(connection: Connection) -> None:
        for request in waiting:
            bodies.append(await connection(request))  # noqa: PERF401 - answers of several connections

    began = time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in opened))
    seconds = time.perf_counter() - began
    for connection in opened:
        connection.close()
    return seconds, bodies

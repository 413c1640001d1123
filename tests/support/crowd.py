"""Clients that keep what they have got: unfinished uploads, waits, streams, downloads that nobody reads."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

BATCH: Final = 64
"""How many connect at the same time."""

RECEIVED_BYTES: Final = 4096
"""What the system takes of a response that nobody reads."""

HALF_AN_UPLOAD: Final = (
    b"POST /v1/create-moment HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    b"Content-Length: 100000\r\n\r\n--b\r\n"
)


def wait_for(job_id: object, seconds: int = 30) -> bytes:
    """Return the request that waits for a job to change."""
    return f"GET /v1/status/{job_id} HTTP/1.1\r\nHost: localhost\r\nPrefer: wait={seconds}\r\n\r\n".encode()


def follow(job_id: object) -> bytes:
    """Return the request that follows a job."""
    return f"GET /v1/jobs/{job_id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def download(path: str) -> bytes:
    """Return the request that reads a file."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


class Crowd:
    """Connections, each with its request."""

    def __init__(self) -> None:
        self._connections: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, port: int, requests: Sequence[bytes]) -> None:
        """Send each request over a connection of its own."""
        for start in range(0, len(requests), BATCH):
            batch = [_opened(port, request) for request in requests[start : start + BATCH]]
            self._connections += await asyncio.gather(*batch)

    async def statuses(self, seconds: float) -> Counter[int]:
        """Return how many got which status; 0 for those that got nothing in so many seconds."""
        return Counter(await asyncio.gather(*(_status(reader, seconds) for reader, _ in self._connections)))

    def leave(self) -> None:
        """Close all connections at once."""
        for _, writer in self._connections:
            writer.transport.abort()
        self._connections.clear()


@asynccontextmanager
async def crowd(port: int, requests: Sequence[bytes]) -> AsyncIterator[Crowd]:
    """Have a crowd while the block lasts."""
    held = Crowd()
    try:
        await held.send(port, requests)
        yield held
    finally:
        held.leave()


async def _opened(port: int, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_BYTES)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=plain, limit=RECEIVED_BYTES)
    writer.write(request)
    return reader, writer


async def _status(reader: asyncio.StreamReader, seconds: float) -> int:
    try:
        async with asyncio.timeout(seconds):
            return int((await reader.readline()).split()[1])
    except TimeoutError:
        return 0

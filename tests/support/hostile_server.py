"""An HTTP server that strangers run: slow, endless, lying about its length, redirecting to wherever they like."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import SocketAttribute, SocketStream

from tests.support.api import WAV

PIECE = bytes(65_536)


def _head(status: str = "200 OK", *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *headers, "", ""]).encode()


WHOLE = {
    "/hum.wav": _head("200 OK", f"Content-Length: {len(WAV)}", "Content-Type: text/html") + WAV,
    "/my%20hum.wav": _head() + WAV,
    "/missing": _head("404 Not Found", "Content-Length: 0"),
    "/forbidden": _head("403 Forbidden", "Content-Length: 0"),
    "/too-early": _head("425 Too Early", "Content-Length: 0"),
    "/part": _head("206 Partial Content", f"Content-Length: {len(WAV)}") + WAV,
    "/failing": _head("503 Service Unavailable", "Content-Length: 0"),
    "/page": _head("200 OK", "Content-Type: audio/wav") + b"<!doctype html><title>hi</title>",
    "/empty": _head("200 OK", "Content-Length: 0"),
    "/truncated": _head("200 OK", f"Content-Length: {len(WAV) + 1}") + WAV,
    "/broken-chunks": _head("200 OK", "Transfer-Encoding: chunked") + b"800\r\n" + WAV[:2048] + b"\r\n",
    "/announced": _head("200 OK", "Content-Length: 99999999999"),
    "/packed": _head("200 OK", "Content-Encoding: gzip") + b"\x1f\x8b\x08\x00" + bytes(5000),
    "/garbage": b"this is no HTTP\r\n\r\n",
    "/moved": _head("302 Found", "Location: /hum.wav"),
    "/inward": _head("302 Found", "Location: http://127.0.0.2:{port}/hum.wav"),
    "/metadata": _head("302 Found", "Location: http://169.254.169.254/latest/meta-data/"),
    "/to-a-file": _head("302 Found", "Location: file:///etc/passwd"),
    "/round": _head("302 Found", "Location: /round"),
}
"""Responses that are sent at once."""


class HostileServer:
    """What a test sees of it.

    Attributes:
        port: Of both of its addresses.
        seen: The paths that were asked for.
        sent: Bytes of endless responses.
        arrived: Set when a request has arrived.
        leave: What the response of `/held` waits for.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[str] = []
        self.sent = 0
        self.arrived = anyio.Event()
        self.leave = anyio.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def handle(self, connection: SocketStream) -> None:
        async with connection:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                request = await connection.receive()
                path = request.split(b" ")[1].decode()
                self.seen.append(path)
                self.arrived.set()
                await self._respond(connection, path)

    async def _respond(self, connection: SocketStream, path: str) -> None:
        if path == "/held":
            await self.leave.wait()
            path = "/hum.wav"
        if path in WHOLE:
            await connection.send(WHOLE[path].replace(b"{port}", str(self.port).encode()))
            return
        if path == "/silent":
            await anyio.sleep_forever()
        await connection.send(_head() + WAV)
        while True:
            await connection.send(PIECE if path == "/endless" else b"\0")
            self.sent += len(PIECE)
            await anyio.sleep(0 if path == "/endless" else 0.05)


@asynccontextmanager
async def hostile_server() -> AsyncIterator[HostileServer]:
    """Run the server for the duration of the block, on two addresses of this machine."""
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as first:
        server = HostileServer(first.extra(SocketAttribute.local_port))  # noqa: S610 - anyio's, not Django's
        async with (
            await anyio.create_tcp_listener(local_host="127.0.0.2", local_port=server.port) as second,
            anyio.create_task_group() as group,
        ):
            group.start_soon(first.serve, server.handle)
            group.start_soon(second.serve, server.handle)
            yield server
            group.cancel_scope.cancel()

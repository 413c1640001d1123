"""TCP in front of the embedded server's socket: it can go silent, break, and speak TLS, which that server cannot.

A Postgres at a Unix socket refuses TLS, and the embedded one is built without it. With a certificate the cable answers
the client's SSLRequest (PostgreSQL, "Message Flow: SSL Session Encryption") as a server with TLS does and ends the
encryption here; without one the request reaches the server, which says no.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import anyio
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSStream

SSL_REQUEST: Final = bytes.fromhex("0000000804d2162f")
"""Length and code: the first thing that a client says which would like TLS."""

PIECE: Final = 65536


class ServersEnd(ByteStream):
    """The server's socket, through asyncio's transport.

    anyio's own stream (4.16) raises InvalidStateError in the loop when a receive is cancelled in the same turn in which
    the socket becomes readable: its reader sets the result of a future that is cancelled already.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def receive(self, max_bytes: int = PIECE) -> bytes:
        """Return what has come, once something has."""
        try:
            piece = await self._reader.read(max_bytes)
        except OSError as error:
            raise anyio.BrokenResourceError from error
        if not piece:
            raise anyio.EndOfStream
        return piece

    async def send(self, item: bytes) -> None:
        """Send all of it."""
        try:
            self._writer.write(item)
            await self._writer.drain()
        except OSError as error:
            raise anyio.BrokenResourceError from error

    async def send_eof(self) -> None:
        """Say that nothing more will come."""
        self._writer.write_eof()

    async def aclose(self) -> None:
        """Close it."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


class Cable:
    """What runs between clients and the server's socket.

    Attributes:
        connections: How many there have been.
    """

    def __init__(self, server: Path, tls: ssl.SSLContext | None) -> None:
        self._server = server
        self._tls = tls
        self._silent: list[anyio.CancelScope] = []
        self._relays: list[anyio.CancelScope] = []
        self.connections = 0

    async def serve(self, client: ByteStream) -> None:
        """Carry one connection until either side ends it."""
        self.connections += 1
        async with client:
            try:
                inner = await self._secured(client)
            except (anyio.BrokenResourceError, anyio.EndOfStream, ssl.SSLError):
                return  # the client does not trust us
            async with ServersEnd(*await asyncio.open_unix_connection(self._server)) as server:
                await self._carry(inner, server)

    def go_silent(self) -> None:
        """Cut what stands, unnoticed: nothing arrives, nothing is closed. What is connected from now on works."""
        self._silent += self._relays
        self.cut()

    def cut(self) -> None:
        """Close what stands."""
        for relay in self._relays:
            relay.cancel()
        self._relays = []

    async def _secured(self, client: ByteStream) -> ByteStream:
        if self._tls is None:
            return client
        said = b""
        while len(said) < len(SSL_REQUEST):
            said += await client.receive(len(SSL_REQUEST) - len(said))
        if said != SSL_REQUEST:
            raise anyio.BrokenResourceError
        await client.send(b"S")
        return await TLSStream.wrap(client, server_side=True, ssl_context=self._tls, standard_compatible=False)

    async def _carry(self, client: ByteStream, server: ByteStream) -> None:
        async with anyio.create_task_group() as relays:
            self._relays.append(relays.cancel_scope)
            relays.start_soon(self._relay, client, server, relays.cancel_scope)
            relays.start_soon(self._relay, server, client, relays.cancel_scope)
        if relays.cancel_scope in self._silent:
            await anyio.sleep_forever()  # both ends stay open

    async def _relay(self, source: Any, target: Any, scope: anyio.CancelScope) -> None:
        try:
            async for piece in source:
                await target.send(piece)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        scope.cancel()


@asynccontextmanager
async def cable(url: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Cable, int]]:
    """Give a cable to the server that a URL names by its socket, and the port of 127.0.0.1 at its end."""
    line = Cable(Path(parse_qs(urlsplit(url).query)["host"][0]) / ".s.PGSQL.5432", tls)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, line.serve)
        yield line, listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        group.cancel_scope.cancel()

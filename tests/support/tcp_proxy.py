"""A TCP proxy for the embedded Postgres: it can stall, disconnect, and terminate TLS, which that server cannot.

Postgres refuses TLS at a Unix socket, and the embedded one is built without it. With a certificate, the proxy accepts
the client's SSLRequest (PostgreSQL, "Message Flow: SSL Session Encryption") and terminates TLS; without one, the
request reaches the server, which rejects it.
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
"""Length and code of the message with which a client requests TLS."""

CHUNK_BYTES: Final = 65536


class UpstreamSocket(ByteStream):
    """A connection to the server's socket over asyncio's streams.

    anyio's own stream (4.16) raises InvalidStateError in the loop when a receive is cancelled in the same turn in which
    the socket becomes readable: its reader sets the result of a future that is cancelled already.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def receive(self, max_bytes: int = CHUNK_BYTES) -> bytes:
        """Wait for bytes and return them."""
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
        """Signal the end of the stream."""
        self._writer.write_eof()

    async def aclose(self) -> None:
        """Close it."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


class TcpProxy:
    """A proxy between TCP clients and the server's Unix socket.

    Attributes:
        connections: Number of connections accepted so far.
    """

    def __init__(self, server: Path, tls: ssl.SSLContext | None) -> None:
        self._server = server
        self._tls = tls
        self._silent: list[anyio.CancelScope] = []
        self._relays: list[anyio.CancelScope] = []
        self.connections = 0

    async def serve(self, client: ByteStream) -> None:
        """Forward one connection until either side closes it."""
        self.connections += 1
        async with client:
            try:
                inner = await self._accept_tls(client)
            except (anyio.BrokenResourceError, anyio.EndOfStream, ssl.SSLError):
                return  # the client does not trust us
            async with UpstreamSocket(*await asyncio.open_unix_connection(self._server)) as server:
                await self._forward(inner, server)

    def go_silent(self) -> None:
        """Stall the open connections: nothing arrives, nothing is closed. New connections work."""
        self._silent += self._relays
        self.cut()

    def cut(self) -> None:
        """Close the open connections."""
        for relay in self._relays:
            relay.cancel()
        self._relays = []

    async def _accept_tls(self, client: ByteStream) -> ByteStream:
        if self._tls is None:
            return client
        said = b""
        while len(said) < len(SSL_REQUEST):
            said += await client.receive(len(SSL_REQUEST) - len(said))
        if said != SSL_REQUEST:
            raise anyio.BrokenResourceError
        await client.send(b"S")
        return await TLSStream.wrap(client, server_side=True, ssl_context=self._tls, standard_compatible=False)

    async def _forward(self, client: ByteStream, server: ByteStream) -> None:
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
async def tcp_proxy(
    url: str, tls: ssl.SSLContext | None = None, *, port: int = 0
) -> AsyncIterator[tuple[TcpProxy, int]]:
    """Run a proxy for the server whose socket is in a URL; yield it and its port on 127.0.0.1."""
    proxy = TcpProxy(Path(parse_qs(urlsplit(url).query)["host"][0]) / ".s.PGSQL.5432", tls)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, proxy.serve)
        yield proxy, listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        group.cancel_scope.cancel()

"""What PgBouncer has done since 1.21, in front of an older one: it gives prepared statements names of its own.

It renames in the messages Parse, Bind, Describe and Close (PostgreSQL, "Message Formats"). The pooler behind it must
have one connection to the server, which then has every statement.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Final
from urllib.parse import parse_qs, urlsplit

_LENGTH_BYTES: Final = 4
_NAME_AT: Final = {b"P": 0, b"B": 1, b"D": 0, b"C": 0}
"""How many texts stand before the statement's name."""


class _Renamer:
    def __init__(self, client: int) -> None:
        self._suffix = f"_of_client_{client}".encode()

    def renamed(self, kind: bytes, body: bytes) -> bytes:
        """Return a message's body with the pooler's name for its statement; unnamed ones and portals stay."""
        if kind not in _NAME_AT or (kind in b"DC" and body[:1] != b"S"):
            return body
        texts = body.split(b"\0", _NAME_AT[kind] + 1)
        at = _NAME_AT[kind]
        if texts[at] not in {b"", b"S"}:
            texts[at] += self._suffix
        return b"\0".join(texts)


async def _rename(source: asyncio.StreamReader, target: asyncio.StreamWriter, renamer: _Renamer) -> None:
    kind = b""  # the first message, StartupMessage, has none
    while True:
        length = int.from_bytes(await source.readexactly(_LENGTH_BYTES))
        body = renamer.renamed(kind, await source.readexactly(length - _LENGTH_BYTES))
        target.write(kind + (len(body) + _LENGTH_BYTES).to_bytes(_LENGTH_BYTES) + body)
        await target.drain()
        kind = await source.readexactly(1)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        target.write(piece)
        await target.drain()


@asynccontextmanager
async def statement_tracker(url: str) -> AsyncIterator[str]:
    """Run it in front of the pooler whose socket is in a URL; yield the URL that leads through both."""
    query = parse_qs(urlsplit(url).query)
    path = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
    clients = count()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_unix_connection(path)
        relays = [
            asyncio.create_task(_rename(reader, requests, _Renamer(next(clients)))),
            asyncio.create_task(_copy(answers, writer)),
        ]
        await asyncio.wait(relays, return_when=asyncio.FIRST_COMPLETED)
        for relay, end in zip(relays, (requests, writer), strict=True):
            relay.cancel()
            end.close()
        await asyncio.gather(*relays, return_exceptions=True)
        for end in (requests, writer):
            with suppress(OSError):
                await end.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield urlsplit(url)._replace(netloc=f"postgres@127.0.0.1:{port}", query="sslmode=disable").geturl()

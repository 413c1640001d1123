"""A TCP server with one canned response."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import SocketAttribute, SocketStream


@asynccontextmanager
async def raw_server(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Respond to every request with the same bytes, or never; yield the port and the requests received."""
    requests: list[bytes] = []

    async def handle(connection: SocketStream) -> None:
        async with connection:
            with suppress(anyio.EndOfStream):  # a client may disconnect before it sends anything
                requests.append(await connection.receive())
                await (connection.send(answer) if answer else anyio.sleep_forever())

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, handle)
        yield listener.extra(SocketAttribute.local_port), requests  # noqa: S610 - anyio's, not Django's
        group.cancel_scope.cancel()

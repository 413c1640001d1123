"""TCP servers below HTTP: one with a canned response, one that is slow."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream


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


@asynccontextmanager
async def slow_server(bytes_per_second: int) -> AsyncIterator[int]:
    """Take bodies of a known length no faster than that, as over a slow line, and accept them; yield the port."""
    step = bytes_per_second // 8

    async def handle(connection: SocketStream) -> None:
        async with connection:
            stream = BufferedByteReceiveStream(connection)
            head = await stream.receive_until(b"\r\n\r\n", 65536)
            if b"100-continue" in head:
                await connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            left = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            while left > 0:
                await anyio.sleep(1 / 8)
                left -= len(await stream.receive_exactly(min(step, left)))
            await connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        for each in listener.listeners:  # what the kernel takes by itself would arrive at once
            each.extra(SocketAttribute.raw_socket).setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, step)  # noqa: S610
        group.start_soon(listener.serve, handle)
        yield listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        group.cancel_scope.cancel()

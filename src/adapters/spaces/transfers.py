"""Requests with a body: how many at once, and how long one may go on without progress.

A limit for the whole request would be wrong: a slow line needs minutes, and a store that has stalled would be given as
many. So the limit is about progress, that is, about the position up to which the body has been sent.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from io import IOBase
from math import inf
from typing import Any, Final

import anyio
from aiohttp import AddrInfoType
from botocore.exceptions import ClientError

from adapters.spaces.errors import translated
from application.ports.objects import StorageUnavailable

STALL_SECONDS: Final = 15.0
"""How long nothing of a body may be sent, or, when all is sent, how long the response may take."""

LOOKS: Final = 15
"""How often within that time progress is looked for."""

TRANSFER_SECONDS: Final = 600.0
"""How long a request may take at all, with its retries and the wait for its turn."""

SEND_BUFFER: Final = 256 * 1024
"""Bytes in the kernel. What is there counts as sent: with megabytes of it, a slow line would look like a stall."""

TRANSFERS: Final = 12
"""At once: fewer than there are connections, so that short requests find one."""


class Transfers:
    """Sends requests with bodies; those beyond the limit wait for their turn."""

    def __init__(self) -> None:
        self._turns = anyio.Semaphore(TRANSFERS)
        self._stalled_at = -inf
        self._answered_at = -inf

    async def send(self, request: Callable[..., Awaitable[Any]], body: IOBase, **parameters: Any) -> Any:
        """Return the response to a request.

        Raises:
            StorageDenied, StorageUnavailable: As `translated` raises them; also when there is no progress, for this
                request, or, while it waited for its turn, for others.
        """
        began = anyio.current_time()
        with translated(seconds=TRANSFER_SECONDS):
            async with self._turns:
                if self._stalled_at > began > self._answered_at:  # or many would wait as long, one after the other
                    raise StorageUnavailable("the object store stalled while this upload waited for its turn")
                with self._noting_stalls(), unless_stalled(body):
                    response = await request(Body=body, **parameters)
        return response

    @contextmanager
    def _noting_stalls(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            self._stalled_at = anyio.current_time()
            raise
        except ClientError:
            self._answered_at = anyio.current_time()
            raise
        self._answered_at = anyio.current_time()


@contextmanager
def unless_stalled(body: IOBase) -> Iterator[None]:
    """Limit the time without progress.

    Raises:
        TimeoutError: The position in the body has not changed for `STALL_SECONDS`.
    """
    with anyio.fail_after(STALL_SECONDS) as scope:
        following = asyncio.create_task(_follow(body, scope))
        try:
            yield
        finally:
            following.cancel()


async def _follow(body: IOBase, scope: anyio.CancelScope) -> None:
    """Put off the deadline of a scope as long as there is progress."""
    position = body.tell()
    while not scope.cancel_called:
        await anyio.sleep(STALL_SECONDS / LOOKS)
        if body.tell() != position and not scope.cancel_called:
            position, scope.deadline = body.tell(), anyio.current_time() + STALL_SECONDS


def small_buffered(address: AddrInfoType) -> socket.socket:
    """Return a socket whose buffer for sending is `SEND_BUFFER`, for an entry of `getaddrinfo`."""
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return made

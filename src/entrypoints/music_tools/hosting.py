"""An ASGI application on a socket, until cancelled."""

import socket
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import anyio
import uvicorn
from starlette.types import ASGIApp

from entrypoints.listen_errors import cannot_listen

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients keep idle connections, so that the client closes them."""
BACKLOG: Final = 512


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; bound before anything else starts, so that a taken port is reported at once.

    Raises:
        InvalidSettings: The address is taken, or cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise cannot_listen(host, port, error) from error
    # Connections inherit it. Without it, a response body, written after its headers, waits for the client's
    # delayed acknowledgement of those: 40 ms per call. asyncio sets it only on sockets that were made for TCP by name.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)
    return listener


async def host(app: ASGIApp, listener: socket.socket, grace: float) -> None:
    """Serve until cancelled, then let running calls finish for `grace` seconds; close the socket."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        ws="none",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=round(grace),
    )
    server = _Server(config)

    async def run() -> None:
        with anyio.CancelScope(shield=True):
            await server.serve(sockets=[listener])
        group.cancel_scope.cancel()

    with listener:
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            try:
                await anyio.sleep_forever()
            finally:
                server.should_exit = True


class _Server(uvicorn.Server):
    """Does not handle signals: the caller does."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override] # a generator there
        return nullcontext()

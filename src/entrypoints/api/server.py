"""Serving the API with granian inside our own event loop: one process, one loop, our own signals and exit code."""

import errno
import logging
import socket
from typing import Final

import anyio
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from litestar.types import ASGIApp

from entrypoints.api.app import create_app
from entrypoints.container import open_container
from entrypoints.lifecycle import run_until_signalled
from entrypoints.settings import InvalidSettings, Settings

BACKLOG: Final = 1024
SHUTDOWN_SECONDS: Final = 10

_log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Serve the API until SIGTERM or SIGINT.

    Raises:
        InvalidSettings: A required setting is missing or cannot be used, or the address is taken.
    """
    require_free(settings.host, settings.port)
    async with open_container(settings) as container:
        app = create_app(container)
        _log.info("listening on %s:%d as %s", settings.host, settings.port, settings.public_url)
        await run_until_signalled(lambda stopping: serve_app(app, settings.host, settings.port, stopping))
    _log.info("stopped")


async def serve_app(app: ASGIApp, host: str, port: int, stopping: anyio.Event) -> None:
    """Serve until `stopping` is set, then finish the requests in flight."""
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        log_enabled=False,
    )
    server.workers_kill_timeout = SHUTDOWN_SECONDS
    async with anyio.create_task_group() as serving:
        serving.start_soon(server.serve)
        await stopping.wait()
        server.stop()  # type: ignore[no-untyped-call] # granian has no types


def require_free(host: str, port: int) -> None:
    """Check that an address is free: granian shares ports (SO_REUSEPORT) and would not notice.

    Raises:
        InvalidSettings: The address is taken, or cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InvalidSettings(_address_message(host, port, error)) from error


def _address_message(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: stop what uses it, or pass another --port"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"

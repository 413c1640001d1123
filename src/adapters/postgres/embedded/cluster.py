"""The cluster of the embedded server: its files and its socket, without the server process."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from adapters.postgres.embedded.environment import server_environment
from adapters.postgres.embedded.errors import EmbeddedDatabaseFailed
from adapters.postgres.embedded.pid_file import CLUSTER, PID_FILE
from adapters.postgres.embedded.programs import programs
from adapters.postgres.embedded.system_user import Account, server_account

INITDB: Final = ("--auth=trust", "--auth-local=trust", "--encoding=utf8", "-U", "postgres")
INITDB_SECONDS: Final = 120.0
LONGEST_SOCKET_PATH: Final = 103
"""Bytes: `sockaddr_un` has 104 on macOS and 108 on Linux, the terminating NUL included."""

SOCKET: Final = ".s.PGSQL.5432"


class OpenFolders(msgspec.Struct, frozen=True):
    """The cluster's folders as a process may name them that has the descriptors.

    Attributes:
        home: The cluster.
        sockets: The folder of the socket.
        descriptors: What the process must inherit.
    """

    home: str
    sockets: str
    descriptors: tuple[int, ...]


class Cluster:
    """A complete cluster; hold the lock of its folder while it is created.

    The server may be another user, to whom the folders above the cluster are closed. They stay so: it inherits a
    descriptor of the cluster and enters through that (`/proc/self/fd`), which needs no permission of any parent.

    Attributes:
        home: Its files.
        sockets: A private folder for the socket: its home, or one of its own if that path is too long.

    Raises:
        EmbeddedDatabaseFailed: It cannot be created.
    """

    def __init__(self, data_dir: Path) -> None:
        self.home = self.sockets = data_dir / CLUSTER
        try:
            self._account = server_account()
            self._programs = programs(self._account)
            self.program = str(self._programs.folder / "postgres")
            self._prepare(data_dir)
        except (OSError, subprocess.SubprocessError) as error:
            raise EmbeddedDatabaseFailed(_reason(error)) from error

    def clear(self) -> None:
        """Remove the files that a killed server left: they name a process id that may belong to another program."""
        for path in (self.home / PID_FILE, self.sockets / SOCKET, self.sockets / f"{SOCKET}.lock"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove what it has outside of its folder."""
        if self.sockets != self.home:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self._programs.remove()

    def identity(self) -> dict[str, Any]:
        """Return the arguments that run a child as the cluster's user; none if that is ourselves."""
        return self._account.identity() if self._account else {}

    @contextmanager
    def opened(self) -> Iterator[OpenFolders]:
        """Yield the names of the folders for a child that is started in the block."""
        with _entered(self.home, self._account) as (home, descriptors):
            sockets = home if self.sockets == self.home else str(self.sockets)
            yield OpenFolders(home, sockets, (*descriptors, *self._programs.descriptors()))

    def _prepare(self, data_dir: Path) -> None:
        try:
            self._create(data_dir / "cluster.new")
            self._own(self.home)
            self.sockets = self._socket_dir()
        except BaseException:  # an interruption, too, leaves no copy of the programs behind
            self.close()
            raise

    def _create(self, draft: Path) -> None:
        """Create the cluster unless it exists; it gets its name when it is complete."""
        if self.home.exists():
            return
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._own(draft)
        with _entered(draft, self._account) as (home, descriptors):
            subprocess.run(  # noqa: S603 - our own arguments
                [str(self._programs.folder / "initdb"), *INITDB, "-D", home],
                check=True,
                capture_output=True,
                cwd="/",
                env=server_environment(),
                pass_fds=descriptors,
                timeout=INITDB_SECONDS,
                start_new_session=True,  # Ctrl-C is for us: we stop when it is done
                **self.identity(),
            )
        draft.rename(self.home)

    def _own(self, folder: Path) -> None:
        if self._account is not None:
            os.chown(folder, self._account.uid, self._account.gid)

    def _socket_dir(self) -> Path:
        if len(os.fsencode(self.home / SOCKET)) <= LONGEST_SOCKET_PATH and not set(',"') & set(str(self.home)):
            return self.home
        folder = Path(tempfile.mkdtemp(prefix="moment-", dir="/tmp"))  # TMPDIR may be too long as well
        self._own(folder)
        return folder


@contextmanager
def _entered(folder: Path, account: Account | None) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield a folder's name for a child of this account, and the descriptors that the child must inherit."""
    if account is None or not Path("/proc/self/fd").exists():
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _reason(error: OSError | subprocess.SubprocessError) -> str:
    printed = error.stderr if isinstance(error, subprocess.CalledProcessError) else b""
    return printed.decode(errors="replace").strip() or str(error)

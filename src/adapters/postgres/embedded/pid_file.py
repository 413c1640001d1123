"""What a server writes about itself in `postmaster.pid`, on a folder of `embedded_postgres`.

Source: Postgres, `src/include/utils/pidfile.h`. A server that was killed leaves the file, and its URL does not answer.
"""

from pathlib import Path
from typing import Final
from urllib.parse import quote

CLUSTER: Final = "cluster"
"""The subfolder with the server's data."""

PID_FILE: Final = "postmaster.pid"

_SOCKET_DIR: Final = 4
_STATE: Final = 7
"""Indices of lines."""


def is_ready(data_dir: Path) -> bool:
    """Return whether the server on the folder accepts connections, by its own account."""
    return _ready_lines(data_dir) is not None


def find_running(data_dir: Path) -> str | None:
    """Return the URL of the server on the folder, or None if none is ready there."""
    lines = _ready_lines(data_dir)
    if lines is None:
        return None
    entered = lines[_SOCKET_DIR].startswith("/proc/self/")  # that is the cluster, as the server names it
    return server_url(str(data_dir / CLUSTER) if entered else lines[_SOCKET_DIR])


def server_url(socket_dir: str) -> str:
    """Return the URL of a server by the folder of its socket."""
    return f"postgresql://postgres@/postgres?host={quote(socket_dir, safe='/')}"


def _ready_lines(data_dir: Path) -> list[str] | None:
    try:
        lines = (data_dir / CLUSTER / PID_FILE).read_text().splitlines()
    except OSError:
        return None
    return lines if len(lines) > _STATE and lines[_STATE].strip() == "ready" else None

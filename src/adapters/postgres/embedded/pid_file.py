"""Finding the embedded server that another process of this machine runs."""

from pathlib import Path
from urllib.parse import quote


def find_running(data_dir: Path) -> str | None:
    """Return the URL of the server on a folder of `embedded_postgres`, or None if none is ready there.

    The lines of postmaster.pid are the server's own account: the fifth is where its socket is, the eighth its state
    (Postgres, `src/include/utils/pidfile.h`). One that was killed leaves the file, and its URL does not answer.
    """
    try:
        lines = (data_dir / "cluster" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    return f"postgresql://postgres@/postgres?host={quote(lines[4], safe='/')}"

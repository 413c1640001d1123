"""What goes wrong with the embedded server."""

from pathlib import Path

from domain.errors import MomentError


class EmbeddedDatabaseBusy(MomentError):
    """Another process runs the database in this folder."""

    code = "embedded_database_busy"

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"the database in {data_dir} is in use by another process, probably another `moment up`: use "
            "that one, or pass another --data-dir"
        )


class EmbeddedDatabaseFailed(MomentError):
    """The cluster could not be created, or the server did not start."""

    code = "embedded_database_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the embedded database did not start: {reason}")

"""Lock files of the embedded server's folder."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from adapters.postgres.embedded.errors import EmbeddedDatabaseBusy
from adapters.toolkit.private_files import owner_only

POLL_SECONDS: Final = 0.02


@contextmanager
def locked(data_dir: Path, name: str, *, timeout: float) -> Iterator[IO[bytes]]:
    """Hold a lock file, waiting `timeout` seconds for it; children that inherit the file keep the lock.

    Raises:
        EmbeddedDatabaseBusy: Another process holds it.
    """
    deadline = time.monotonic() + timeout
    with open(data_dir / name, "ab", opener=owner_only) as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise EmbeddedDatabaseBusy(data_dir) from None
            time.sleep(POLL_SECONDS)
        yield file

"""Results that stay on this machine until somebody fetches them, for a while and up to a size in total."""

import logging
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import uuid4

from adapters.toolkit.private_files import make_folder

MAX_BYTES: Final = 5_000_000_000
"""Of all results together; the newest stays in any case."""

_OURS: Final = re.compile(r"[0-9a-f]{32}(\.\w+)?")

log: Final = logging.getLogger(__name__)


class KeptFiles:
    """A folder of results; nothing else in it is touched.

    Args:
        folder: Created when something is kept.
        seconds: How long a result stays.
        max_bytes: How much they may have together.
        now: The time, in seconds since 1970.
    """

    def __init__(
        self, folder: Path, seconds: float, max_bytes: int = MAX_BYTES, now: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._now = now

    def keep(self, path: Path) -> Path:
        """Move a file here under a name that cannot be guessed, for its owner only; return its path.

        Raises:
            OSError: It cannot be moved.
        """
        make_folder(self._folder)
        kept = self._folder / f"{uuid4().hex}{path.suffix}"
        path.chmod(0o600)
        shutil.move(path, kept)
        kept.touch()
        self.clean()
        return kept

    def clean(self) -> int:
        """Delete what is too old, and the oldest of what is too much; return the number of files."""
        deleted, size = 0, 0
        for modified, length, path in sorted(self._files(), reverse=True):
            size += length
            if modified < self._now() - self._seconds or (size > self._max_bytes and size != length):
                path.unlink(missing_ok=True)
                deleted += 1
        if deleted:
            log.info("deleted %d results that nobody has fetched", deleted)
        return deleted

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self._folder.glob("*"):
            if _OURS.fullmatch(path.name) and not path.is_symlink() and path.is_file():
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
        return found

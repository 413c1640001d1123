"""Logs that child processes write to by themselves: they are appended to, and their size is bounded.

A child has its log as standard output, so only its parent can rotate it, and only by copying the content and truncating
the file (logrotate calls it `copytruncate`). Children append (O_APPEND), so they go on at the new end. A line that is
written between the copy's end and the truncation, some microseconds, is lost.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from adapters.toolkit.private_files import owner_only

MAX_BYTES: Final = 10_000_000
KEPT: Final = 3
"""Older files, `{name}.1` being the newest."""

TAIL_BYTES: Final = 16_384


class RotatingLog:
    """The log of one process after another.

    Attributes:
        path: The file.
        began: The size that it had when it was first opened here.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self.began = 0
        self._max_bytes = max_bytes
        self._opened = False

    def open(self) -> IO[bytes]:
        """Return the file, for a child that appends to it."""
        self.rotate_if_large()
        file = open(self.path, "ab", opener=owner_only)  # noqa: SIM115 - the caller's; Path.open has no opener
        if not self._opened:
            self.began, self._opened = file.tell(), True
        return file

    def rotate_if_large(self) -> None:
        """Move the content to the next file if there is too much of it; call it now and then while a child writes."""
        with suppress(OSError):
            if self.path.stat().st_size >= self._max_bytes:
                self._rotate()

    def tail(self, lines: int) -> list[str]:
        """Return the last lines, at most 16 KiB of them."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(file.seek(0, os.SEEK_END) - TAIL_BYTES, 0))
                return file.read().decode(errors="replace").splitlines()[-lines:]
        except OSError:
            return []

    def _rotate(self) -> None:
        for number in range(KEPT, 1, -1):
            with suppress(FileNotFoundError):
                self._older(number - 1).replace(self._older(number))
        with self.path.open("r+b") as file:
            # on a full disk, the bound matters more
            with suppress(OSError), open(self._older(1), "wb", opener=owner_only) as copy:
                shutil.copyfileobj(file, copy)
            file.truncate(0)

    def _older(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


class Follower:
    """Reads what is appended to a log.

    Args:
        path: The log.
        position: Where to begin, in bytes.
    """

    def __init__(self, path: Path, position: int) -> None:
        self._path = path
        self._position = position
        self._rest = b""

    def lines(self) -> list[str]:
        """Return the lines completed since the last call."""
        with self._path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._position:  # it was rotated
                self._position = 0
            file.seek(self._position)
            fresh = file.read()
        self._position += len(fresh)
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

"""Temporary folders that do not stay behind, however their process ends.

A process keeps its workspaces in one folder, and holds a lock on it.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from anyio import to_thread

from adapters.toolkit.locked_folders import create_locked, delete_abandoned

PREFIX: Final = "moment-tools-"


class Workspaces:
    """The workspaces of this process.

    Args:
        parent: The temporary directory, which other processes may share.

    Raises:
        OSError: Nothing can be created there.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._creating = threading.Lock()
        self._locks: list[int] = []
        self._home = self._open_home()

    def create(self) -> Path:
        """Return a new empty folder.

        Raises:
            OSError: It cannot be created.
        """
        with self._creating:
            if not self._home.is_dir():  # whoever empties temporary directories may not respect locks
                self._home = self._open_home()
            return Path(tempfile.mkdtemp(dir=self._home))

    def close(self) -> None:
        """Delete all workspaces."""
        shutil.rmtree(self._home, ignore_errors=True)
        while self._locks:
            os.close(self._locks.pop())

    def _open_home(self) -> Path:
        home, lock = create_locked(PREFIX, self._parent)
        if lock is not None:
            self._locks.append(lock)
        return home


@asynccontextmanager
async def open_workspaces(parent: Path | None = None) -> AsyncIterator[Workspaces]:
    """Delete what dead processes left, yield the workspaces of this one, and delete them at the end of the block.

    Args:
        parent: As for `Workspaces`; the system's temporary directory if None.

    Raises:
        OSError: Nothing can be created there.
    """
    place = parent or Path(tempfile.gettempdir())
    await to_thread.run_sync(delete_abandoned, PREFIX, place)
    workspaces = await to_thread.run_sync(Workspaces, place)
    try:
        yield workspaces
    finally:
        workspaces.close()

"""Temporary folders that do not stay behind, however their process ends.

A process keeps its workspaces in one folder and holds a lock on that folder (flock(2)). The kernel releases the lock
when the process ends, also after SIGKILL, so an unlocked folder belongs to nobody. A process id would not do: in
containers that share a temporary directory every process may have the same one. systemd-tmpfiles respects these locks.
"""

import fcntl
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from anyio import to_thread

PREFIX: Final = "moment-tools-"

log: Final = logging.getLogger(__name__)


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
        while True:
            home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._parent))
            try:
                lock = _lock(home)
            except OSError:  # the file system has no locks; so nobody can lock this folder and delete it
                return home
            if lock is not None:  # else another process found it before it was locked, and deletes it
                self._locks.append(lock)
                return home


def delete_abandoned(parent: Path) -> None:
    """Delete what dead processes of this user left in a temporary directory."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            lock = _lock(folder) if folder.lstat().st_uid == os.geteuid() else None
        except OSError:  # not a folder, or a file system without locks
            continue
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
            log.info("deleted %s, which a process that was killed had left", folder)


@asynccontextmanager
async def open_workspaces(parent: Path | None = None) -> AsyncIterator[Workspaces]:
    """Delete what dead processes left, yield the workspaces of this one, and delete them at the end of the block.

    Args:
        parent: As for `Workspaces`; the system's temporary directory if None.

    Raises:
        OSError: Nothing can be created there.
    """
    place = parent or Path(tempfile.gettempdir())
    await to_thread.run_sync(delete_abandoned, place)
    workspaces = await to_thread.run_sync(Workspaces, place)
    try:
        yield workspaces
    finally:
        workspaces.close()


def _lock(folder: Path) -> int | None:
    """Return a descriptor that holds the lock on a folder; None if another has the lock, or the folder is gone.

    Raises:
        OSError: It is not a folder of ours, or the file system has no locks.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), folder.lstat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None

"""Temporary folders that a later process may tell from those in use.

A process holds a lock on its folder (flock(2)). The kernel releases the lock when the process ends, also after SIGKILL,
so an unlocked folder belongs to nobody. A process id would not do: in containers that share a temporary directory every
process may have the same one. systemd-tmpfiles respects these locks.
"""

import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

log: Final = logging.getLogger(__name__)


def create_locked(prefix: str, parent: Path) -> tuple[Path, int | None]:
    """Return a new empty folder, and the descriptor that holds its lock; None if the file system has no locks.

    Raises:
        OSError: It cannot be created.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            lock = lock_folder(folder)
        except OSError:  # the file system has no locks; so nobody can lock this folder and delete it
            return folder, None
        if lock is not None:  # else another process found it before it was locked, and deletes it
            return folder, lock


def delete_abandoned(prefix: str, parent: Path, in_use: Callable[[Path], bool] = lambda _: False) -> None:
    """Delete what dead processes of this user left in a temporary directory.

    Args:
        prefix: How the folders are named.
        parent: The directory.
        in_use: Tells folders that are in use although nobody holds their lock.
    """
    for folder in parent.glob(f"{prefix}*"):
        try:
            lock = lock_folder(folder) if folder.lstat().st_uid == os.geteuid() else None
        except OSError:  # not a folder, or a file system without locks
            continue
        if lock is not None:
            if not in_use(folder):
                shutil.rmtree(folder, ignore_errors=True)
                log.info("deleted %s, which a process that was killed had left", folder)
            os.close(lock)


def lock_folder(folder: Path) -> int | None:
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

"""Copies of objects: a second name of the same file, since an object is replaced and never changed."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

from adapters.filesystem.files import FOLDER
from adapters.toolkit.private_files import make_folder


def copy(source: Path, target: Path) -> None:
    """Store the file of an object under another path as well, atomically. Blocking.

    The time of writing is now, for both names: a copy whose row is still to come must not look like an old orphan.

    Raises:
        FileNotFoundError: There is no such object.
        OSError: The folder is not usable.
    """
    make_folder(target.parent)
    draft = target.with_name(f"{target.name}{FOLDER}{uuid4().hex}")
    try:
        _link(source, draft)
        os.utime(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)  # also if the target was this very file: then replacing it does nothing


def _link(source: Path, draft: Path) -> None:
    try:
        draft.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:  # some filesystems have no links, or no more of this file
        shutil.copyfile(source, draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.chmod(0o600)

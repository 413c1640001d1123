"""What was found out of recordings, kept in a folder for those who need it next: a file of numbers for each recording.

It is found by the recording's content and a kind. Who finds nothing computes it, and gets the same numbers.
"""

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from adapters.audio.kept_folder import forget_oldest, write_whole


def find(recording: Path, folder: Path | None, kind: str) -> npt.NDArray[Any] | None:
    """Return what is kept of a recording, None if nothing is, or what is there is damaged."""
    if folder is None:
        return None
    try:
        with _file(recording, folder, kind).open("rb") as file:
            found: npt.NDArray[Any] = np.lib.format.read_array(file)
    except Exception:  # noqa: BLE001 - never kept, forgotten, or damaged, of which numpy says it in many ways
        return None
    return found


def keep(recording: Path, folder: Path, kind: str, values: npt.NDArray[Any], most_bytes: int) -> None:
    """Keep values, and forget the oldest of their kind while all take more bytes; where the disk refuses, forget it.

    Drafts count, too: a child that was killed has left them.
    """
    with suppress(OSError):
        write_whole(_file(recording, folder, kind), lambda file: np.save(file, values))
        forget_oldest(folder.glob(f"*.{kind}.*"), most_bytes)


def _file(recording: Path, folder: Path, kind: str) -> Path:
    with recording.open("rb") as file:
        return folder / f"{hashlib.file_digest(file, 'sha256').hexdigest()}.{kind}.npy"

"""A folder of files that can be made again: each is there whole or not at all; the oldest go when they are too much."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file that gets its name when it is complete; its draft has the same suffixes but the last.

    Raises:
        OSError: The disk refuses; nothing is left of the draft.
    """
    draft = path.with_name(f"{uuid4().hex}{''.join(path.suffixes[:-1])}.draft")
    try:
        with draft.open("wb") as file:
            write(file)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def forget_oldest(paths: Iterable[Path], most_bytes: int) -> None:
    """Delete the files that were used longest ago, so that the others are few enough. Raises `OSError`."""
    total = 0
    for stat, path in sorted(((path.stat(), path) for path in paths), key=lambda file: -file[0].st_mtime_ns):
        total += stat.st_size
        if total > most_bytes:
            path.unlink(missing_ok=True)

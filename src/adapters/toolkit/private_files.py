"""Files and folders for their owner only, whatever the umask says. What exists already keeps its mode."""

import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Create a folder, and what is missing above it, unless it exists. Raises `OSError`."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def owner_only(path: str, flags: int) -> int:
    """Open a file; the `opener` of `open`."""
    return os.open(path, flags, 0o600)

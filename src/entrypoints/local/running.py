"""Where `moment up` runs in a folder, for the commands that are given beside it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from adapters.toolkit.private_files import owner_only

FILE: Final = "up.json"


class Running(msgspec.Struct, frozen=True):
    """A running `moment up`: the URL of its api, and its process."""

    url: str
    pid: int


@contextmanager
def announced(data_dir: Path, url: str) -> Iterator[None]:
    """Let other commands find the service while the block lasts."""
    path = data_dir / FILE
    with open(path, "wb", opener=owner_only) as file:
        file.write(msgspec.json.encode(Running(url, os.getpid())))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find_url(data_dir: Path) -> str:
    """Return the URL of the api that `moment up` runs in a folder; empty if none does."""
    try:
        running = msgspec.json.decode((data_dir / FILE).read_bytes(), type=Running)
        os.kill(running.pid, 0)  # a process that was killed leaves its file
    except (OSError, msgspec.DecodeError):
        return ""
    return running.url

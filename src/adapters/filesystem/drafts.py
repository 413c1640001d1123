"""Atomic writes: an object is written to a draft file beside its place, synced to disk, then renamed into place."""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import anyio
from anyio import to_thread

from adapters.filesystem.files import FOLDER, description
from adapters.toolkit.batcher import Batcher
from adapters.toolkit.private_files import make_folder
from domain.jobs.artifacts import Artifact


class Draft:
    """An object being written, next to its final path, under a name that no key can have. Blocking."""

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key
        self._draft = path.with_name(f"{path.name}{FOLDER}{uuid4().hex}")
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def is_begun(self) -> bool:
        """Whether a block has been written."""
        return self._file is not None

    def write(self, block: BytesIO) -> None:
        """Append a block."""
        content = block.getbuffer()
        self._open().write(content)
        self._digest.update(content)
        self._size += len(content)

    def commit(self, mime_type: str) -> Artifact:
        """Sync the draft to disk and rename it to the object, atomically."""
        file = self._open()
        file.write(description(mime_type, self._digest.hexdigest()))
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self._draft.replace(self._path)
        return Artifact(key=self._key, size=self._size, mime_type=mime_type, sha256=self._digest.hexdigest())

    def discard(self) -> None:
        """Delete the draft, if there is one; what it still holds in memory is lost, even on a full disk."""
        if self._file is not None:
            with suppress(OSError):  # closing writes the buffer
                self._file.close()
        self._draft.unlink(missing_ok=True)

    def _open(self) -> BinaryIO:
        if self._file is None:
            make_folder(self._path.parent)
            self._file = self._draft.open("xb")
            self._draft.chmod(0o600)
        return self._file


_Ending = tuple[Draft, BytesIO, str]
"""A draft, its last block, and its media type."""


class Commits:
    """Commits drafts. Small ones that end at the same time share a thread.

    A commit mostly waits for the disk; contention of many threads for the interpreter lock would cost more.
    """

    def __init__(self) -> None:
        self._small: Batcher[_Ending, Artifact | Exception] = Batcher(_finish_in_thread)

    async def __call__(self, draft: Draft, last: BytesIO, mime_type: str) -> Artifact:
        """Write the last block and commit; raises `OSError`."""
        if draft.is_begun:  # a large draft would delay the others of its batch
            return await to_thread.run_sync(_finish, (draft, last, mime_type))
        with anyio.CancelScope(shield=True):  # a draft must not be discarded while a thread works on it
            ended = await self._small((draft, last, mime_type))
        if isinstance(ended, Exception):
            raise ended
        return ended


async def _finish_in_thread(endings: Sequence[_Ending]) -> list[Artifact | Exception]:
    return await to_thread.run_sync(_finish_all, endings)


def _finish_all(endings: Sequence[_Ending]) -> list[Artifact | Exception]:
    return [_finished(ending) for ending in endings]


def _finished(ending: _Ending) -> Artifact | Exception:
    """Commit one draft independently of the others; a block must never be written twice."""
    try:
        return _finish(ending)
    except Exception as error:  # noqa: BLE001 - returned to the caller of this draft
        return error


def _finish(ending: _Ending) -> Artifact:
    draft, last, mime_type = ending
    draft.write(last)
    return draft.commit(mime_type)

"""Atomic writes: an object is written to a draft file in its store, synced to disk, then renamed into place."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from io import BufferedRandom
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

import anyio
from anyio import to_thread

from adapters.filesystem.files import FOLDER, description, path_of
from adapters.filesystem.refusals import in_thread, refusals
from adapters.toolkit.batcher import Batcher
from adapters.toolkit.private_files import make_folder
from domain.errors import MomentError
from domain.jobs.artifacts import Artifact

BLOCK_SIZE: Final = 256 * 1024
"""Of a draft, in memory: one that is filled while another one is written."""


class DraftFile:
    """The file of a draft, under a name that no key can have. Blocking."""

    def __init__(self, root: Path, key: str) -> None:
        path = path_of(root, key)
        self._root = root
        self._path = path.with_name(f"{path.name}{FOLDER}{uuid4().hex}")
        self._file: BufferedRandom | None = None
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def is_begun(self) -> bool:
        """Whether there is a file, which is no object yet."""
        return self._file is not None

    def write(self, block: bytes | bytearray) -> None:
        """Append a block."""
        self._opened().write(block)
        self._digest.update(block)
        self._size += len(block)

    def read(self, start: int) -> bytes:
        """Return up to a block of what was written."""
        file = self._opened()
        file.flush()
        return os.pread(file.fileno(), BLOCK_SIZE, start)

    def commit(self, key: str, mime_type: str) -> Artifact:
        """Sync the draft to disk and rename it to the object, atomically."""
        target, file = path_of(self._root, key), self._opened()
        file.write(description(mime_type, self._digest.hexdigest()))
        file.flush()
        os.fsync(file.fileno())
        file.close()
        make_folder(target.parent)
        self._path.replace(target)
        self._file = None
        return Artifact(key=key, size=self._size, mime_type=mime_type, sha256=self._digest.hexdigest())

    def discard(self) -> None:
        """Delete the draft, if there is one; what it still holds in memory is lost, even on a full disk."""
        if self._file is not None:
            with suppress(OSError):  # closing writes the buffer
                self._file.close()
            self._path.unlink(missing_ok=True)

    def _opened(self) -> BufferedRandom:
        if self._file is None:
            try:
                self._file = self._created()
            except FileNotFoundError:  # the folder was deleted with its last object, just now
                self._file = self._created()
        return self._file

    def _created(self) -> BufferedRandom:
        make_folder(self._path.parent)
        file = self._path.open("x+b")
        self._path.chmod(0o600)
        return file


class _Ending(NamedTuple):
    """A draft that becomes an object: its file, its last block, its key and media type."""

    file: DraftFile
    last: bytearray
    key: str
    mime_type: str


class Commits:
    """Commits drafts. Small ones that end at the same time share a thread.

    A commit mostly waits for the disk; contention of many threads for the interpreter lock would cost more.
    """

    def __init__(self) -> None:
        self._small: Batcher[_Ending, Artifact | Exception] = Batcher(_finish_in_thread)

    async def __call__(self, ending: _Ending) -> Artifact:
        """Write the last block and commit; raises `OSError`."""
        if ending.file.is_begun:  # a large draft would delay the others of its batch
            return await to_thread.run_sync(_finish, ending)
        with anyio.CancelScope(shield=True):  # a draft must not be discarded while a thread works on it
            ended = await self._small(ending)
        if isinstance(ended, Exception):
            raise ended
        return ended


class FolderDraft:
    """Port `Draft`: a block is written in a thread while the next one arrives."""

    def __init__(self, root: Path, key: str, commits: Commits) -> None:
        self._commits = commits
        self._file = DraftFile(root, key)
        self._block = bytearray()
        self._writing: asyncio.Task[None] | None = None
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Append data."""
        self._block += data
        self.size += len(data)
        if len(self._block) >= BLOCK_SIZE:
            await self._written()
            block, self._block = self._block, bytearray()
            self._writing = asyncio.create_task(in_thread(self._file.write, block))

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what was written."""
        await self._written()
        start, end = 0, self.size - len(self._block)
        while start < end:
            chunk = await in_thread(self._file.read, start)
            start += len(chunk)
            yield chunk
        yield bytes(self._block)

    async def store(self, key: str, mime_type: str) -> Artifact:
        """Make it an object; the last block is written by the thread that commits."""
        await self._written()
        with refusals():
            return await self._commits(_Ending(self._file, self._block, key, mime_type))

    async def discard(self) -> None:
        """Delete the file, unless it is an object already."""
        with anyio.CancelScope(shield=True):
            with suppress(MomentError):
                await self._written()
            if self._file.is_begun:
                await in_thread(self._file.discard)

    async def _written(self) -> None:
        """Wait for the block that is being written; a caller who is cancelled does not cancel it."""
        if self._writing:
            await asyncio.wait([self._writing])
            self._writing.result()


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
    ending.file.write(ending.last)
    return ending.file.commit(ending.key, ending.mime_type)

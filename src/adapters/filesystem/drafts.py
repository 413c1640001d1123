"""Atomic writes: an object is written to a draft file in its store, synced to disk, then renamed into place."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple
from uuid import uuid4

import anyio
from anyio import to_thread

from adapters.filesystem.files import FOLDER, description, path_of
from adapters.filesystem.refusals import refusals
from adapters.toolkit.arriving_files import ArrivingFile
from adapters.toolkit.batcher import Batcher
from adapters.toolkit.private_files import make_folder
from domain.jobs.artifacts import Artifact

TRIES: Final = 3
"""How often a draft's folder may vanish; each takes a deletion at just that time."""


class FolderDraft(ArrivingFile):
    """Port `Draft`: a file of the store, under a name that no key can have."""

    def __init__(self, root: Path, key: str, commits: "Commits") -> None:
        super().__init__(self._created, refusals)
        path = path_of(root, key)
        self._root = root
        self._path = path.with_name(f"{path.name}{FOLDER}{uuid4().hex}")
        self._commits = commits

    async def store(self, key: str, mime_type: str) -> Artifact:
        """Make it an object."""
        await self.settle()
        with refusals():
            return await self._commits(_Ending(self, key, mime_type))

    def commit(self, key: str, mime_type: str) -> Artifact:
        """Write the end, sync the file to disk and rename it to the object, atomically. Blocking."""
        target, file = path_of(self._root, key), self.append(self.end)
        file.write(description(mime_type, self.digest.hexdigest()))
        file.flush()
        os.fsync(file.fileno())
        file.close()
        make_folder(target.parent)
        self._path.replace(target)
        self.file = None
        return Artifact(key=key, size=self.size, mime_type=mime_type, sha256=self.digest.hexdigest())

    def remove(self, file: IO[bytes]) -> None:
        """Delete the file, unless it is an object already. Blocking."""
        super().remove(file)
        self._path.unlink(missing_ok=True)

    def _created(self) -> IO[bytes]:
        for _ in range(TRIES):
            with suppress(FileNotFoundError, FileExistsError):  # the folder was deleted with its last object, just now
                return self._opened()
        return self._opened()

    def _opened(self) -> IO[bytes]:
        make_folder(self._path.parent)
        self.file = self._path.open("x+b")
        self._path.chmod(0o600)
        return self.file


class _Ending(NamedTuple):
    """A draft that becomes an object, its key and media type."""

    draft: FolderDraft
    key: str
    mime_type: str


class Commits:
    """Commits drafts. Small ones that end at the same time share a thread.

    A commit mostly waits for the disk; contention of many threads for the interpreter lock would cost more.
    """

    def __init__(self) -> None:
        self._small: Batcher[_Ending, Artifact | Exception] = Batcher(_finish_in_thread)

    async def __call__(self, ending: _Ending) -> Artifact:
        """Commit; raises `OSError`."""
        if ending.draft.file:  # a large draft would delay the others of its batch
            return await to_thread.run_sync(_finish, ending)
        with anyio.CancelScope(shield=True):  # a draft must not be discarded while a thread works on it
            ended = await self._small(ending)
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
    return ending.draft.commit(ending.key, ending.mime_type)

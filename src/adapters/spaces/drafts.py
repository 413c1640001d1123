"""Files on their way to the bucket, which asks for their length first: clients may send them slowly."""

import io
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

from adapters.spaces.multipart import PART_SIZE
from adapters.toolkit.arriving_files import ArrivingFile
from application.ports.objects import StorageUnavailable
from domain.jobs.artifacts import Artifact

Parts = AsyncGenerator[io.IOBase, None]
"""The parts of an object, all but the last one of `PART_SIZE`."""

Send = Callable[[str, Parts, str, Callable[[], str]], Awaitable[None]]
"""Sends parts to a key, with a media type and a digest, which is asked for when the first part is there."""


class Span(io.RawIOBase):
    """A part of a file, as the body of a request: of those that wait for their turn, nothing is in memory."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file = file
        self._start = start
        self._size = end - start
        self._position = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position, and return it."""
        self._position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes. Raises `ValueError` once the file is closed."""
        room = memoryview(buffer)[: max(self._size - self._position, 0)]
        count = os.preadv(self._file.fileno(), [room], self._start + self._position)
        self._position += count
        return count


class SpooledDraft(ArrivingFile):
    """Port `Draft`: what exceeds a block is in an unnamed temporary file."""

    def __init__(self, send: Send) -> None:
        super().__init__(TemporaryFile, _refusals)
        self._send = send

    async def store(self, key: str, mime_type: str) -> Artifact:
        """Send it."""
        await self.settle()
        if self.file:
            await self.in_thread(self.append, self.end)
        else:
            self.digest.update(self.end)
        await self._send(key, self._parts(), mime_type, self.digest.hexdigest)
        return Artifact(key=key, size=self.size, mime_type=mime_type, sha256=self.digest.hexdigest())

    async def _parts(self) -> Parts:
        if not self.file:
            yield io.BytesIO(self.end)
            return
        for start in range(0, self.size, PART_SIZE):
            yield Span(self.file, start, min(start + PART_SIZE, self.size))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"the folder of temporary files is not usable: {error.strerror}") from error

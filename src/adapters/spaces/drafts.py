"""Files on their way to the bucket, which takes them once their length is known: clients may send them slowly."""

import hashlib
import io
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Any, Final, TypeVar, TypeVarTuple

from anyio import to_thread

from adapters.spaces.multipart import PART_SIZE
from application.ports.objects import StorageUnavailable
from domain.jobs.artifacts import Artifact

BLOCK_SIZE: Final = 256 * 1024
"""What stays in memory: the whole of a smaller file, and the end of a larger one."""

T = TypeVar("T")
Args = TypeVarTuple("Args")

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

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def seekable(self) -> bool:
        """Return that it is."""
        return True

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


class SpooledDraft:
    """Port `Draft`: in memory while it is small, else in an unnamed temporary file, but for its end.

    The disk is written in a thread, a block at a time: each way to a thread and back costs more than a small write.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._end = bytearray()
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self.size = 0

    async def write(self, data: bytes) -> None:
        """Append data."""
        self.size += len(data)
        self._end += data
        if len(self._end) > BLOCK_SIZE:
            await self._flush()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what was written."""
        start, end = 0, self.size - len(self._end)
        while self._file and start < end:
            chunk = await _in_thread(os.pread, self._file.fileno(), BLOCK_SIZE, start)
            start += len(chunk)
            yield chunk
        yield bytes(self._end)

    async def store(self, key: str, mime_type: str) -> Artifact:
        """Send it."""
        if self._file:
            await self._flush()
        else:
            self._digest.update(self._end)
        await self._send(key, self._parts(), mime_type, self._digest.hexdigest)
        return Artifact(key=key, size=self.size, mime_type=mime_type, sha256=self._digest.hexdigest())

    async def discard(self) -> None:
        """Delete the content."""
        self._end.clear()
        if self._file:
            with suppress(OSError):  # closing writes what is left of a block that a full disk refused
                self._file.close()

    async def _parts(self) -> Parts:
        if not self._file:
            yield io.BytesIO(self._end)
            return
        for start in range(0, self.size, PART_SIZE):
            yield Span(self._file, start, min(start + PART_SIZE, self.size))

    async def _flush(self) -> None:
        block, self._end = self._end, bytearray()
        await _in_thread(self._append, block)

    def _append(self, block: bytearray) -> None:
        self._file = self._file or TemporaryFile()  # noqa: SIM115 - closed by `discard`
        self._file.write(block)
        self._file.flush()
        self._digest.update(block)


async def _in_thread(function: Callable[[*Args], T], *args: *Args) -> T:
    try:
        return await to_thread.run_sync(function, *args)
    except OSError as error:
        raise StorageUnavailable(f"the folder of temporary files is not usable: {error.strerror}") from error

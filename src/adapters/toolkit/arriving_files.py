"""Files that arrive in pieces, perhaps slowly: their end is in memory, the rest on disk.

The disk is written in a thread, a block at a time, since each way to a thread and back costs more than a small write.
The next block arrives meanwhile.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, suppress
from typing import IO, Final, TypeVar, TypeVarTuple

import anyio
from anyio import to_thread

BLOCK_SIZE: Final = 256 * 1024
LARGEST_BLOCK: Final = 1024 * 1024
"""Blocks grow with a file, since few files are large, and a thread may have to wait for its turn."""

T = TypeVar("T")
Args = TypeVarTuple("Args")


class ArrivingFile:
    """A file that is written once and then read; what fails is raised by the next call.

    Args:
        create: Creates the file, when it exceeds a block. Blocking.
        refusals: Gives the block that translates an `OSError`.
    """

    def __init__(self, create: Callable[[], IO[bytes]], refusals: Callable[[], AbstractContextManager[None]]) -> None:
        self._create = create
        self._refusals = refusals
        self._writing: asyncio.Task[object] | None = None
        self.file: IO[bytes] | None = None
        self.digest = hashlib.sha256()
        self.size = 0
        self.end = bytearray()

    async def write(self, data: bytes) -> None:
        """Append data."""
        self.end += data
        self.size += len(data)
        if len(self.end) >= min(max(BLOCK_SIZE, self.size // 8), LARGEST_BLOCK):
            await self.settle()
            block, self.end = self.end, bytearray()
            self._writing = asyncio.create_task(self.in_thread(self.append, block))

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content from the start."""
        await self.settle()
        start, end = 0, self.size - len(self.end)
        while self.file and start < end:
            chunk = await self.in_thread(os.pread, self.file.fileno(), BLOCK_SIZE, start)
            start += len(chunk)
            yield chunk
        yield bytes(self.end)

    async def settle(self) -> None:
        """Wait for the block that is being written; to be cancelled meanwhile does not cancel that."""
        if self._writing:
            await asyncio.wait([self._writing])
            self._writing.result()

    def append(self, block: bytes | bytearray) -> IO[bytes]:
        """Write a block to the file. Blocking."""
        self.file = self.file or self._create()
        self.file.write(block)
        self.file.flush()
        self.digest.update(block)
        return self.file

    async def discard(self) -> None:
        """Remove the file, if there is one, even for a task that is cancelled."""
        with anyio.CancelScope(shield=True):
            if self._writing:
                await asyncio.wait([self._writing])
                self._writing.exception()  # it has been raised, or nobody needs the file any more
            if self.file:
                await self.in_thread(self.remove, self.file)

    def remove(self, file: IO[bytes]) -> None:
        """Close the file, which removes one without a name. Blocking."""
        with suppress(OSError):  # closing writes what is left of a block that a full disk refused
            file.close()

    async def in_thread(self, function: Callable[[*Args], T], *args: *Args) -> T:
        """Return the result of a blocking call."""
        with self._refusals():
            return await to_thread.run_sync(function, *args)

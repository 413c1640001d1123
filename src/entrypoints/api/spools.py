"""Uploaded files on their way to the store: their name is known only after they have arrived."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Final, TypeVar

import anyio.to_thread

from application.ports.objects import StorageUnavailable
from entrypoints.api.invalid_form import InvalidForm

A = TypeVar("A")
T = TypeVar("T")

SPOOL_BYTES: Final = 1 << 20
"""What stays in memory: the whole of a smaller file, and the end of a larger one."""

CHUNK_BYTES: Final = 1 << 18


class Spool:
    """An uploaded file: in memory while it is small, else in an unnamed temporary file, but for its end.

    The disk is written in a thread, a megabyte at a time: each way to a thread and back costs more than a small write.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._end = bytearray()
        self._file: IO[bytes] | None = None

    @property
    def size(self) -> int:
        """The bytes that were written."""
        return self._size

    async def write(self, data: bytes) -> None:
        """Append data.

        Raises:
            InvalidForm: The file exceeds its limit.
            StorageUnavailable: The disk is full.
        """
        self._size += len(data)
        if self._size > self._max_bytes:
            raise InvalidForm(f"the file is larger than {self._max_bytes} bytes", code="upload_too_large")
        self._end += data
        if len(self._end) > SPOOL_BYTES:
            block, self._end = self._end, bytearray()
            await _in_thread(self._append, block)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content from the start.

        Raises:
            StorageUnavailable: The disk fails.
        """
        if self._file:
            await _in_thread(self._file.seek, 0)
            while chunk := await _in_thread(self._file.read, CHUNK_BYTES):
                yield chunk
        for start in range(0, len(self._end), CHUNK_BYTES):
            yield bytes(self._end[start : start + CHUNK_BYTES])

    def close(self) -> None:
        """Delete the content."""
        self._end.clear()
        if self._file:
            with suppress(OSError):  # closing writes what is left of a block that a full disk refused
                self._file.close()

    def _append(self, block: bytearray) -> None:
        self._file = self._file or TemporaryFile()  # noqa: SIM115 - closed by `receive`
        self._file.write(block)
        self._file.flush()


async def _in_thread(method: Callable[[A], T], argument: A) -> T:
    try:
        return await anyio.to_thread.run_sync(method, argument)
    except OSError as error:
        raise StorageUnavailable(f"the folder of temporary files is not usable: {error.strerror}") from error

"""Uploaded files on their way to the store: their name is known only after they have arrived."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Final, TypeVar

import anyio.to_thread

from application.ports.objects import StorageUnavailable
from entrypoints.api.invalid_form import InvalidForm

A = TypeVar("A")
T = TypeVar("T")

SPOOL_BYTES: Final = 1 << 20
"""A file up to this size stays in memory: a hum of 15 s does."""

CHUNK_BYTES: Final = 1 << 18


class Spool:
    """An uploaded file: in memory while it is small, else in an unnamed temporary file."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._file = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - closed by `receive`

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
        await self._call(self._file.write, data)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content from the start.

        Raises:
            StorageUnavailable: The disk is full: the end of the file was not written yet.
        """
        await self._call(self._file.seek, 0)
        while chunk := await self._call(self._file.read, CHUNK_BYTES):
            yield chunk

    def close(self) -> None:
        """Delete the content."""
        with suppress(OSError):  # closing writes the buffer, for which a full disk has no room
            self._file.close()

    async def _call(self, method: Callable[[A], T], argument: A) -> T:
        """Call a method of the file: in a thread if it is on disk."""
        if self._size <= SPOOL_BYTES:
            return method(argument)
        try:
            return await anyio.to_thread.run_sync(method, argument)
        except OSError as error:
            raise StorageUnavailable(f"the folder of temporary files is not usable: {error.strerror}") from error

"""Results that a tool server leaves in a folder which both of us see.

The path comes from another program: it must not lead us out of the folder, neither by `..` nor by a link, and not to
anything but a file.
"""

import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import FileIO
from pathlib import Path
from typing import Final, TypeVar

import anyio
from anyio import to_thread

from application.ports.objects import Chunks
from application.ports.results import SharedFile
from application.ports.tools import ToolFailed
from domain.recordings.sniffing import SNIFF_BYTES, UNKNOWN, audio_mime_type

T = TypeVar("T")

PIECE_BYTES: Final = 256 * 1024
WAIT_SECONDS: Final = 3.0
"""How long a file may take to appear: a network file system shows it later here than where it was written."""
POLL_SECONDS: Final = 0.1
READ_SECONDS: Final = 30.0
"""How long one access may take: a network file system may hang."""

_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


class SharedFolder:
    """Port `ResultFolder`.

    Args:
        root: Where both of us see the folder.
        max_bytes: The size of the largest result that is taken.
    """

    is_configured = True

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root = root
        self._max_bytes = max_bytes

    async def require(self) -> None:
        """Return when the folder can be listed."""
        try:
            await _in_thread(self._look)
        except OSError as error:
            raise _unreachable(f"the folder of MCP_OUTPUT_DIR cannot be read: {_reason(error)}") from error

    @asynccontextmanager
    async def open(self, path: str) -> AsyncIterator[SharedFile]:
        """Open a result for the duration of the block."""
        file = await self._appeared(path)
        try:
            head = await _read(file, SNIFF_BYTES)
            mime_type = audio_mime_type(head)
            if not head or mime_type in {None, UNKNOWN}:
                raise ToolFailed("the tool's result is no audio", code="result_invalid")
            yield SharedFile(self._chunks(head, file), str(mime_type))
        finally:
            file.close()

    def _look(self) -> None:
        with os.scandir(self._root) as entries:
            next(entries, None)

    async def _appeared(self, path: str) -> FileIO:
        ends = anyio.current_time() + WAIT_SECONDS
        while True:
            try:
                return await _in_thread(lambda: self._opened(path))
            except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
                if not isinstance(error, FileNotFoundError) or anyio.current_time() >= ends:
                    raise _unreachable(f"the tool's result is not in MCP_OUTPUT_DIR: {_reason(error)}") from error
            await anyio.sleep(POLL_SECONDS)

    def _opened(self, path: str) -> FileIO:
        """Return the open file; each step of its real path is opened without following links."""
        root = self._root.resolve(strict=True)
        *folders, name = (root / path).resolve(strict=True).relative_to(root).parts or (".",)
        at = os.open(root, _FOLDER)
        try:
            for folder in folders:
                inner = os.open(folder, _FOLDER, dir_fd=at)
                os.close(at)
                at = inner
            return FileIO(self._checked(os.open(name, _FILE, dir_fd=at)))
        finally:
            os.close(at)

    def _checked(self, file: int) -> int:
        found = os.fstat(file)
        if stat.S_ISREG(found.st_mode) and found.st_size <= self._max_bytes:
            return file
        os.close(file)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no file")
        raise self._too_large()

    async def _chunks(self, head: bytes, file: FileIO) -> Chunks:
        size, piece = 0, head
        while piece:
            if (size := size + len(piece)) > self._max_bytes:  # it may still grow
                raise self._too_large()
            yield piece
            piece = await _read(file, PIECE_BYTES)

    def _too_large(self) -> ToolFailed:
        return ToolFailed(f"the tool's result is larger than {self._max_bytes} bytes", code="result_invalid")


async def _read(file: FileIO, size: int) -> bytes:
    try:
        return await _in_thread(lambda: file.read(size)) or b""
    except OSError as error:
        raise _unreachable(f"the tool's result cannot be read: {_reason(error)}") from error


async def _in_thread(work: Callable[[], T]) -> T:
    """Return the result of a blocking access; one that hangs is left behind."""
    with anyio.fail_after(READ_SECONDS):
        return await to_thread.run_sync(work, abandon_on_cancel=True)


def _reason(error: Exception) -> str:
    """Return what is wrong without a path, which is the tool server's own affair."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it lies elsewhere" if isinstance(error, ValueError) else type(error).__name__


def _unreachable(message: str) -> ToolFailed:
    return ToolFailed(message, code="result_unreachable")

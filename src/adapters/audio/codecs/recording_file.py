"""The file as FFmpeg reads it: with a repaired header, and never for longer than the processor time allows."""

import errno
import io
from typing import BinaryIO

from adapters.audio.codecs.limits import CpuBudget
from domain.errors import BadAudio


class RecordingFile:
    """A readable, seekable file whose every read checks the budget.

    Args:
        file: Opened for binary reading.
        budget: Of the recording.
        patch: Where bytes of the file are replaced, and by what.
    """

    def __init__(self, file: BinaryIO, budget: CpuBudget, patch: tuple[int, bytes] = (0, b"")) -> None:
        self._file = file
        self._budget = budget
        self._patch_at, self._patch = patch
        self._refused = False

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes. Raises `BadAudio` with `decoding_limit`, once; then the file ends."""
        if self._refused:
            return b""
        try:
            self._budget.check()
        except BadAudio:
            self._refused = True
            raise
        at = self._file.tell()
        content = self._file.read(size)
        first = max(self._patch_at, at)
        last = min(self._patch_at + len(self._patch), at + len(content))
        if first >= last:
            return content
        new = self._patch[first - self._patch_at : last - self._patch_at]
        return content[: first - at] + new + content[last - at :]

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, and return the new position, or what FFmpeg understands if a broken file leads out of itself."""
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):
            return -errno.EINVAL

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

"""Audio between signed URLs and files, so that no array ever reaches the application."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from domain.errors import MomentError

Progress = Callable[[float], Awaitable[None]]
"""Told how far a use case is, 0..1, after each step."""


class TransferFailed(MomentError):
    """A signed URL could not be read or written."""

    code = "transfer_failed"


class Transfers(Protocol):
    """Moves audio between signed URLs and files. Raises `TransferFailed`."""

    def workspace(self) -> AbstractAsyncContextManager[Path]:
        """Give an empty folder, gone at the end of the block."""

    async def download(self, url: str, out: Path, max_bytes: int) -> None:
        """Write what the URL answers to a file; `BadAudio` (`file_too_large`) past the limit."""

    async def upload(self, path: Path, url: str, mime_type: str) -> str:
        """Put a file to a URL; return its sha256."""

    async def keep(self, path: Path) -> Path:
        """Move a file to the output folder under a name of its own; return where it lies."""

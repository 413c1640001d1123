"""Moves audio between signed URLs and files: the application handles paths, never samples."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from domain.error_codes import Code
from domain.errors import MomentError

Progress = Callable[[float], Awaitable[None]]
"""Receives the progress of a use case, 0..1, after each step."""


class TransferFailed(MomentError):
    """A signed URL refuses to be read or written."""

    code: Code = "transfer_failed"


class TransferInterrupted(TransferFailed):
    """The other side of a transfer does not respond, however often it is tried; later it may."""

    code = "transfer_interrupted"


class UrlNotAllowed(TransferFailed):
    """A URL leads to a host that callers may not name.

    Attributes:
        reason: The message without what operators may have meant.
    """

    code = "url_not_allowed"

    def __init__(self, host: str, port: int, *, loopback: bool = False) -> None:
        hint = "; if that should be the api, give api, worker and music-tools the same PUBLIC_URL" if loopback else ""
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.reason = f"{place} is not public, and this server may not reach it: EGRESS_ALLOWED_HOSTS names exceptions"
        super().__init__(f"{self.reason}{hint}")


class Transfers(Protocol):
    """Moves audio between signed URLs and files. Raises `TransferFailed`, `TransferInterrupted` if that may pass."""

    def workspace(self) -> AbstractAsyncContextManager[Path]:
        """Return an empty folder that is deleted at the end of the block."""

    async def download(self, url: str, out: Path, max_bytes: int) -> None:
        """Write the content at a URL to a file.

        Raises:
            TransferFailed: When the URL cannot be read.
            UrlNotAllowed: When it leads to a host that callers may not name.
            BadAudio: `file_too_large` past `max_bytes`.
        """

    async def upload(self, path: Path, url: str, mime_type: str) -> str:
        """PUT a file to a URL; return its SHA-256. Raises `TransferFailed`, `UrlNotAllowed`."""

    async def keep(self, path: Path) -> Path:
        """Move a file to the output folder under a unique name; return its path."""

"""Recordings that are elsewhere: their URL is named instead of sending them."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from application.ports.objects import Chunks
from domain.errors import MomentError


class AudioUrlNotAllowed(MomentError):
    """The URL, or one that it redirects to, leads to a host that callers may not name."""

    code = "audio_url_not_allowed"
    permanent = True


class AudioUrlUnreachable(MomentError):
    """The URL cannot be read, or not to its end; the same request may succeed later."""

    code = "audio_url_unreachable"


class AudioUrlRefused(MomentError):
    """The server of the URL gives no recording, and says that it will not later either."""

    code = "audio_url_refused"
    permanent = True


class RecordingTooLarge(MomentError):
    """The recording has more bytes than an upload may have."""

    code = "upload_too_large"
    permanent = True

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"the recording is larger than {max_bytes} bytes")


class RecordingFetcher(Protocol):
    """Reads recordings from URLs that strangers name."""

    def fetch(self, url: str, max_bytes: int) -> AbstractAsyncContextManager[Chunks]:
        """Yield the content of a URL for the duration of the block, in constant memory.

        Raises:
            AudioUrlNotAllowed, AudioUrlRefused: It is not read; on entry.
            AudioUrlUnreachable: It cannot be read; on entry, or while the content is read.
            RecordingTooLarge: It has more than `max_bytes`; likewise.
        """

"""The port behind `/v1/objects/{key}`: objects that this service itself serves to whoever holds a signed URL."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Final, Protocol

import msgspec

from application.objects.byte_range import ByteRange
from application.ports.objects import Chunks
from domain.errors import MomentError
from domain.jobs.artifacts import Artifact

OBJECTS_PATH: Final = "/v1/objects"
"""Signed URLs are `{base URL}{OBJECTS_PATH}/{key}?…`."""


class UrlInvalid(MomentError):
    """The URL is not one that we signed, or signed for something else: answer 403."""

    code = "url_invalid"
    permanent = True

    def __init__(self) -> None:
        super().__init__("the URL's signature does not fit what it is used for")


class UrlExpired(MomentError):
    """The URL was ours and its time is over: answer 403."""

    code = "url_expired"
    permanent = True

    def __init__(self) -> None:
        super().__init__("the URL has expired; read the job's status for a fresh one")


class ObjectTooLarge(MomentError):
    """An upload ran past its limit and nothing of it was kept: answer 413."""

    code = "object_too_large"
    permanent = True

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"the object is larger than {max_bytes} bytes")


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a signed URL allows.

    Attributes:
        method: `GET` (which includes `HEAD`) or `PUT`.
        mime_type: What an upload's Content-Type must be; empty for downloads.
        download_name: File name for `Content-Disposition: attachment`; empty for none.
    """

    method: str
    key: str
    expires_at: datetime
    mime_type: str = ""
    download_name: str = ""


class SignedObjects(Protocol):
    """Objects behind signed URLs. Methods but `verify` may raise `StorageUnavailable`."""

    def verify(self, method: str, key: str, query: Mapping[str, str], now: datetime) -> Grant:
        """Return what a request's URL allows; `HEAD` counts as `GET`. Raises `UrlInvalid` or `UrlExpired`."""

    async def stat(self, key: str) -> Artifact:
        """Return the pointer to a stored object, or raise `ObjectNotFound`."""

    def read(self, artifact: Artifact, span: ByteRange) -> AsyncIterator[bytes]:
        """Give part of an object in pieces, as `stat` saw it, whoever replaces it meanwhile.

        Raises `ObjectNotFound` before the first piece if it is that one no longer.
        """

    async def put(self, key: str, chunks: Chunks, mime_type: str, *, max_bytes: int | None = None) -> Artifact:
        """Store an upload, all or nothing. Raises `ObjectTooLarge` past the limit."""

"""The port behind `/v1/objects/{key}`: objects that this service itself serves to holders of a signed URL."""

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
    """The URL was not signed by us, or signed for another use: status 403."""

    code = "url_invalid"
    permanent = True

    def __init__(self, message: str = "the URL's signature is invalid for this request") -> None:
        super().__init__(message)


class UrlExpired(MomentError):
    """The URL has expired: status 403."""

    code = "url_expired"
    permanent = True

    def __init__(self) -> None:
        super().__init__("the URL has expired; read the job's status for a new one")


class ObjectTooLarge(MomentError):
    """An upload exceeded its limit, and nothing of it was stored: status 413."""

    code = "object_too_large"
    permanent = True

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"the object is larger than {max_bytes} bytes")


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a signed URL allows.

    Attributes:
        method: `GET` (which includes `HEAD`) or `PUT`.
        mime_type: The Content-Type that an upload must have; empty for downloads.
        size: The Content-Length that an upload must have; None for any.
        download_name: File name for `Content-Disposition: attachment`; empty for none.
    """

    method: str
    key: str
    expires_at: datetime
    mime_type: str = ""
    download_name: str = ""
    size: int | None = None


class SignedObjects(Protocol):
    """Objects behind signed URLs. Methods but `verify` may raise `StorageUnavailable`."""

    def verify(self, method: str, key: str, query: Mapping[str, str], now: datetime) -> Grant:
        """Return what the URL of a request allows; `HEAD` counts as `GET`.

        Raises:
            UrlInvalid, UrlExpired: The request is not allowed.
        """

    async def stat(self, key: str) -> Artifact:
        """Return the pointer to a stored object.

        Raises:
            ObjectNotFound: There is no object under the key.
        """

    def read(self, artifact: Artifact, span: ByteRange) -> AsyncIterator[bytes]:
        """Yield part of an object in chunks, as `stat` saw it, even if it is replaced meanwhile.

        Raises:
            ObjectNotFound: Before the first chunk, if the object has changed since `stat`.
        """

    async def put(self, key: str, chunks: Chunks, mime_type: str, *, max_bytes: int | None = None) -> Artifact:
        """Store an upload, all or nothing.

        Raises:
            ObjectTooLarge: It exceeds `max_bytes`.
        """

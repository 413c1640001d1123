"""Object storage: what is stored, what may be signed, what is listed."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.errors import MomentError
from domain.jobs.artifacts import Artifact

Chunks = AsyncIterator[bytes]
"""A file's content in pieces of any size, read once."""


class StorageUnavailable(MomentError):
    """The object store did not answer, or refused for now; the same call may work later."""

    code = "storage_unavailable"


class StorageDenied(MomentError):
    """The object store refuses our credentials or the bucket does not exist."""

    code = "storage_denied"


class ObjectNotFound(MomentError):
    """There is no object under this key."""

    code = "object_not_found"
    permanent = True

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no object {key}")


class StoredObject(msgspec.Struct, frozen=True):
    """An object, or what an unfinished upload left of one, and when it was written by the store's clock."""

    key: str
    modified_at: datetime


class ObjectStore(Protocol):
    """Where audio lies. Every method may raise `StorageUnavailable` or `StorageDenied`."""

    async def put(self, key: str, chunks: Chunks, mime_type: str) -> Artifact:
        """Store a stream of any length in constant memory; return its pointer with size and sha256.

        All or nothing: when the stream or the store breaks off, nothing is left under the key.
        """

    async def stat(self, key: str) -> Artifact:
        """Return the pointer to a stored object (sha256 empty if unknown), or raise `ObjectNotFound`."""

    async def delete(self, prefix: str) -> int:
        """Delete every object whose key starts with the prefix; return how many there were."""

    async def ping(self) -> None:
        """Return when the store answers and the credentials are good."""


class UrlSigner(Protocol):
    """URLs that carry their own permission. Every method may raise `StorageUnavailable` or `StorageDenied`."""

    async def sign_get(self, key: str, *, download_name: str = "") -> str:
        """Return a URL that anyone may read the object from for a while, Range included.

        With `download_name` the answer carries `Content-Disposition: attachment`.
        """

    async def sign_put(self, key: str, mime_type: str) -> str:
        """Return a URL that anyone may put this object to, with this Content-Type, for a while."""


class ObjectInventory(Protocol):
    """What the store holds, as housekeeping sees it. May raise `StorageUnavailable` or `StorageDenied`."""

    async def list_page(self, after: str, limit: int) -> Sequence[StoredObject]:
        """Return what follows the key `after` ("" for the beginning) in the store's own order, unfinished uploads too.

        Fewer than `limit` are the last.
        """


class ObjectStorage(ObjectStore, UrlSigner, ObjectInventory, Protocol):
    """All of object storage, as one adapter offers it; use cases ask for the part that they need."""

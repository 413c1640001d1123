"""Object storage: what is stored, what may be signed, what is listed."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.artifacts import Artifact

Chunks = AsyncIterator[bytes]
"""A file's content in pieces of any size, read once."""


async def in_one_piece(content: bytes) -> Chunks:
    """Yield the content in one piece."""
    yield content


class StorageUnavailable(MomentError):
    """The object store did not answer, or refused for now; the same call may succeed later."""

    code = "storage_unavailable"


class StorageDenied(MomentError):
    """The object store rejected our credentials, or the bucket does not exist."""

    code: Code = "storage_denied"


class ObjectNotFound(MomentError):
    """There is no object under this key."""

    code = "object_not_found"
    permanent = True

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no object {key}")


class StoredObject(msgspec.Struct, frozen=True):
    """An object, or an unfinished upload, and when it was written, by the store's clock."""

    key: str
    modified_at: datetime


class Draft(Protocol):
    """A file on its way into the store, whose key is known only when it has arrived. For one task.

    Attributes:
        size: The bytes that were written.
    """

    size: int

    async def write(self, data: bytes) -> None:
        """Append data. Raises `StorageUnavailable` or `StorageDenied`, perhaps at the next call only."""

    def chunks(self) -> Chunks:
        """Yield what was written, from the start, until it is stored. Raises as `write` does."""

    async def store(self, key: str, mime_type: str) -> Artifact:
        """Store it under a key, once, all or nothing. Raises as `write` does."""

    async def discard(self) -> None:
        """Delete what was not stored."""


class ObjectStore(Protocol):
    """Where audio is stored. Every method may raise `StorageUnavailable` or `StorageDenied`."""

    async def put(self, key: str, chunks: Chunks, mime_type: str) -> Artifact:
        """Store a stream of any length in constant memory; return its pointer with size and sha256.

        All or nothing: if the stream or the store fails, nothing is stored under the key.
        """

    def draft(self) -> Draft:
        """Return an empty draft, for a file that may come slowly: it holds neither a connection nor a thread.

        Until it is discarded or stored, it takes two megabytes of memory at most, a hum half of one.
        """

    async def stat(self, key: str) -> Artifact:
        """Return the pointer to a stored object (sha256 empty if unknown).

        Raises:
            ObjectNotFound: There is no object under the key.
        """

    async def first_bytes(self, artifact: Artifact, count: int) -> bytes:
        """Return the beginning of a stored object, at most so many bytes.

        Raises:
            ObjectNotFound: There is no object under the key.
        """

    async def copy(self, source: str, target: str) -> None:
        """Copy an object inside the store.

        Either can be deleted without the other. The copy replaces what was stored under the target, all or nothing.

        Raises:
            ObjectNotFound: There is no object under the source.
        """

    async def delete(self, prefix: str) -> int:
        """Delete every object whose key starts with the prefix; return how many there were."""

    async def ping(self) -> None:
        """Return when the store has answered and accepted the credentials."""


class UrlSigner(Protocol):
    """Signed URLs. Signing is local: it sends nothing to the store, and works while the store is away or denies us."""

    async def sign_get(self, key: str, *, download_name: str = "") -> str:
        """Return a URL from which anyone may read the object until it expires, ranges included.

        With `download_name`, the response has `Content-Disposition: attachment`.
        """

    async def sign_put(self, key: str, mime_type: str, *, size: int | None = None) -> str:
        """Return a URL to which anyone may PUT this object, with this Content-Type, until it expires.

        With `size`, the Content-Length must be just that.
        """

    def expiry_of(self, url: str) -> datetime:
        """Return when a URL that this signer has signed expires."""


class ObjectInventory(Protocol):
    """The contents of the store, as housekeeping sees them. May raise `StorageUnavailable` or `StorageDenied`."""

    @property
    def place(self) -> str:
        """Where the objects are, for operators: a URL without credentials, or a path."""

    async def list_page(self, after: str, limit: int) -> Sequence[StoredObject]:
        """Return the objects after the key `after` ("" for the first) in the store's order, and unfinished uploads.

        Fewer than `limit` means that there are no more.
        """

    async def delete_each(self, prefixes: Collection[str]) -> Mapping[str, Exception]:
        """Delete the objects under each of the prefixes; return those that failed, of which something may be left.

        One that fails does not keep the others from being deleted.

        Raises:
            ValueError: One of them is empty.
        """


class ObjectStorage(ObjectStore, UrlSigner, ObjectInventory, Protocol):
    """All of object storage, as one adapter implements it; use cases take the part that they need."""

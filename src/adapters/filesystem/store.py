"""Object storage in a local folder: the store that needs no configuration."""

import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Final, TypeVar, TypeVarTuple
from uuid import uuid4

from anyio import to_thread

from adapters.filesystem.copies import copy
from adapters.filesystem.deletion import delete_each, delete_prefix
from adapters.filesystem.drafts import Commits, FolderDraft
from adapters.filesystem.files import describe, name_of, path_of, require_key
from adapters.filesystem.listing import Listing
from adapters.filesystem.refusals import refusals
from adapters.filesystem.signing import SignedUrls, expiry_of
from adapters.toolkit.private_files import make_folder
from application.objects.byte_range import ByteRange
from application.objects.signed_objects import Grant, ObjectTooLarge
from application.ports.clock import Clock
from application.ports.objects import Chunks, ObjectNotFound, StoredObject
from application.ports.uploads import UPLOADS_PREFIX
from domain.jobs.artifacts import Artifact

PIECE_SIZE: Final = 32 * 1024
"""Of a file, for one read: a client that reads slowly holds about ten of them."""

T = TypeVar("T")
Args = TypeVarTuple("Args")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class FilesystemStore:
    """The `ObjectStore` port, and the `SignedObjects` port that lets the API serve what it signs.

    Blocking calls run in threads, except opening a file and reading its description, which take a tenth of the time
    of a thread hop. A malformed key raises `ValueError`.
    """

    def __init__(
        self, root: Path, base_url: str, secret: bytes, url_expiry: timedelta, clock: Clock = _utc_now
    ) -> None:
        self._root = root
        self._urls = SignedUrls(base_url, secret, url_expiry)
        self._clock = clock
        self._commits = Commits()
        self._listing = Listing(root)

    @property
    def place(self) -> str:
        """The path of the folder."""
        return str(self._root.absolute())

    async def put(self, key: str, chunks: Chunks, mime_type: str, *, max_bytes: int | None = None) -> Artifact:
        """Store a stream, all or nothing; an upload that runs past `max_bytes` raises `ObjectTooLarge`."""
        draft = FolderDraft(self._root, key, self._commits)
        try:
            async for chunk in _limited(chunks, max_bytes):
                await draft.write(chunk)
            return await draft.store(key, mime_type)
        finally:
            await draft.discard()

    def draft(self) -> FolderDraft:
        """Return an empty draft, among direct uploads: what a killed process leaves of it goes with old ones."""
        return FolderDraft(self._root, f"{UPLOADS_PREFIX}{uuid4()}", self._commits)

    async def stat(self, key: str) -> Artifact:
        """Return the pointer to a stored object. Raises `ObjectNotFound`."""
        with refusals(), self._open(key) as file:
            return describe(file, key)

    async def first_bytes(self, artifact: Artifact, count: int) -> bytes:
        """Return the beginning of an object. Raises `ObjectNotFound`."""
        pieces = [piece async for piece in self.read(artifact, ByteRange(0, min(count, artifact.size)))]
        return b"".join(pieces)

    async def copy(self, source: str, target: str) -> None:
        """Store an object under another key as well. Raises `ObjectNotFound`."""
        with refusals():
            try:
                await to_thread.run_sync(copy, path_of(self._root, source), path_of(self._root, target))
            except FileNotFoundError:
                await self.stat(source)  # says that it is missing
                raise

    async def read(self, artifact: Artifact, span: ByteRange) -> AsyncIterator[bytes]:
        """Yield part of an object; an open file keeps its content when the object is replaced or deleted.

        Raises:
            ObjectNotFound: The object is gone, or is no longer this version.
        """
        key = artifact.key
        with refusals(), self._open(key) as file:
            if describe(file, key) != artifact:
                raise ObjectNotFound(key)
            file.seek(span.start)
            left = span.end - span.start
            while left > 0:
                piece = await _in_thread(file.read, min(left, PIECE_SIZE))
                left -= len(piece)
                yield piece

    async def sign_get(self, key: str, *, download_name: str = "") -> str:
        """Return a URL of the API from which to GET the object."""
        require_key(key)
        return self._urls.sign("GET", key, self._clock(), download_name=download_name)

    async def sign_put(self, key: str, mime_type: str, *, size: int | None = None) -> str:
        """Return a URL of the API to which to PUT the object."""
        require_key(key)
        return self._urls.sign("PUT", key, self._clock(), mime_type=mime_type, size=size)

    def expiry_of(self, url: str) -> datetime:
        """Return what the URL says."""
        return expiry_of(url)

    def verify(self, method: str, key: str, query: Mapping[str, str], now: datetime) -> Grant:
        """Return what a request's URL permits. Raises `UrlInvalid` and `UrlExpired`."""
        return self._urls.verify(method, key, query, now)

    async def delete(self, prefix: str) -> int:
        """Delete the objects whose keys start with the prefix, and abandoned drafts; return the number of objects."""
        return await _in_thread(delete_prefix, self._root, prefix)

    async def list_page(self, after: str, limit: int) -> Sequence[StoredObject]:
        """Return up to `limit` objects and abandoned drafts after a key."""
        return await _in_thread(self._listing.page, after, limit)

    async def delete_each(self, prefixes: Collection[str]) -> Mapping[str, Exception]:
        """Delete what is under each prefix, all of it in one thread. Raises `ValueError` for an empty prefix."""
        return await _in_thread(delete_each, self._root, prefixes)

    async def ping(self) -> None:
        """Return if the folder exists, or could be created, and is writable."""
        await _in_thread(_check_writable, self._root)

    def _open(self, key: str) -> FileIO:
        try:
            return FileIO(f"{self._root}/{name_of(key)}")  # unbuffered: it is read in large pieces
        except FileNotFoundError as error:
            raise ObjectNotFound(key) from error


async def _in_thread(function: Callable[[*Args], T], *args: *Args) -> T:
    with refusals():
        return await to_thread.run_sync(function, *args)


async def _limited(chunks: Chunks, max_bytes: int | None) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if max_bytes is not None and size > max_bytes:
            raise ObjectTooLarge(max_bytes)
        yield chunk


def _check_writable(root: Path) -> None:
    make_folder(root)
    if not os.access(root, os.W_OK | os.X_OK):
        raise PermissionError(0, "it is not writable")

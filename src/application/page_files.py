"""The files of our pages in the store, by version: whichever process is asked for one has it.

While a service is updated behind a load balancer, processes of two versions answer in turn: a page comes from one of
them, and asks both for its modules. So a process stores its files before it hands out a page that names them. A page
that was opened before an update still finds the modules that it has not loaded yet.
"""

import logging
import re
import zlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from gzip import decompress
from hashlib import blake2b
from time import monotonic
from typing import Final

import anyio
import msgspec

from application.bounded_cache import BoundedCache
from application.ports.objects import ObjectNotFound, ObjectStore, StorageUnavailable, in_one_piece
from domain.errors import MomentError

PAGES_PREFIX: Final = "moment-pages/"
"""What the keys of all files of pages start with: of no job, so that no sweep takes them for orphans."""

PAGES_KEPT: Final = timedelta(days=7)
"""Files that no process has stored again for so long belong to no page that is handed out any more."""

STORE_EVERY: Final = 86_400.0
RETRY_AFTER: Final = 10.0
MISSING_FOR: Final = 2.0
PATIENCE: Final = 2.0
"""Seconds; what is missing is looked for again, because its process may be about to store it."""

MOST_BYTES: Final = 4_000_000
MOST_VERSIONS: Final = 4
MOST_MISSES: Final = 256
_DIGEST_BYTES: Final = 16
_DIGEST: Final = re.compile(rf"[0-9a-f]{{{2 * _DIGEST_BYTES}}}")

Files = Mapping[str, bytes]
"""Files by their names."""

log: Final = logging.getLogger(__name__)


def digest_of(files: Files) -> str:
    """Return what changes with any of the files or their names, and what nobody can find other files for."""
    return blake2b(msgspec.msgpack.encode(sorted(files.items())), digest_size=_DIGEST_BYTES).hexdigest()


class PageFiles:
    """Stores the files of this version, and finds those of others.

    Args:
        require_bucket: Raises `WrongBucket` if the store is not the one of the jobs.
        clock: Seconds that only grow.
        patience: Seconds that a page or a file waits for the store, at most.
    """

    def __init__(
        self,
        store: ObjectStore,
        require_bucket: Callable[[], Awaitable[None]],
        clock: Callable[[], float] = monotonic,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._store = store
        self._require_bucket = require_bucket
        self._clock = clock
        self._patience = patience
        self._store_at = clock()
        self._storing = anyio.Lock()
        self._reading = anyio.Lock()
        self._found: BoundedCache[str, Files] = BoundedCache(MOST_VERSIONS)
        self._missed_at: BoundedCache[str, float] = BoundedCache(MOST_MISSES)

    async def publish(self, digest: str, compressed: Callable[[], Files]) -> None:
        """Store the files of this version once a day; without a store, its pages work where they come from.

        Args:
            digest: Of the files, as `digest_of` has it.
            compressed: Returns them in gzip; it may take a while, and is called in a thread.
        """
        if self._clock() < self._store_at:
            return
        with anyio.move_on_after(self._patience):
            async with self._storing:
                if self._clock() >= self._store_at:
                    self._store_at = self._clock() + RETRY_AFTER
                    await self._put(digest, compressed)

    async def find(self, digest: str) -> Files:
        """Return the files of a version in gzip; none of one that nobody has stored.

        The modules of a page ask at the same time, for what is then read once. Whoever guesses waits for the others who
        do.

        Raises:
            StorageUnavailable, StorageDenied: It cannot be said now.
        """
        if not _DIGEST.fullmatch(digest):
            return {}
        if (known := self._found.get(digest)) is not None:
            return known
        with anyio.move_on_after(self._patience):
            async with self._reading:
                return await self._read(digest)
        raise StorageUnavailable("the object store does not return the files of another version in time")

    async def _put(self, digest: str, compressed: Callable[[], Files]) -> None:
        try:
            await self._require_bucket()
            body = msgspec.msgpack.encode(await anyio.to_thread.run_sync(compressed))
            await self._store.put(_key(digest), in_one_piece(body), "application/octet-stream")
        except MomentError as error:
            log.warning("the files of the pages are not stored, so that other processes lack them: %s", error)
        else:
            self._store_at = self._clock() + STORE_EVERY

    async def _read(self, digest: str) -> Files:
        if (known := self._found.get(digest)) is not None:  # somebody before us has read them
            return known
        if self._clock() < (self._missed_at.get(digest) or -MISSING_FOR) + MISSING_FOR:
            return {}
        files = await self._stored(digest)
        if files:
            self._found.put(digest, files)
        else:
            self._missed_at.put(digest, self._clock())
        return files

    async def _stored(self, digest: str) -> Files:
        try:
            stored = await self._store.stat(_key(digest))
            body = await self._store.first_bytes(stored, MOST_BYTES)
        except ObjectNotFound:
            return {}
        return await anyio.to_thread.run_sync(_checked, body, digest)


def _key(digest: str) -> str:
    return f"{PAGES_PREFIX}{digest}"


def _checked(body: bytes, digest: str) -> Files:
    """Return stored files, unless they are others than the digest names: then they are not ours, and none."""
    try:
        files = msgspec.msgpack.decode(body, type=dict[str, bytes])
        plain = {name: decompress(file) for name, file in files.items()}
    except (msgspec.MsgspecError, OSError, EOFError, zlib.error):
        plain = {}
    if digest_of(plain) == digest:
        return files
    log.error("the object %s has other files than its name says", _key(digest))
    return {}

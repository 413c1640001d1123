"""Trying the object store without data of a job: a store that is full, or read-only to us, still answers a ping."""

from collections.abc import AsyncIterator
from typing import Final

from application.ports.objects import ObjectStore, StorageDenied
from application.upkeep.bucket_owner import BucketOwner, BucketState

PROBE_KEY: Final = "moment-probe/worker"
"""None of a job's, and always the same: a probe that is cut short leaves nothing that the next one does not replace."""


class StorageProbe:
    """Tries the store, and whose it is."""

    def __init__(self, store: ObjectStore, owner: BucketOwner) -> None:
        self._store = store
        self._owner = owner

    async def __call__(self) -> None:
        """Return when the store has taken a small object and deleted it, and is not another database's.

        Raises:
            StorageUnavailable, StorageDenied: It did not, or is.
            DatabaseUnavailable: The id of our database cannot be read.
        """
        await self._store.ping()
        bucket = await self._owner.examine()
        if bucket.state is BucketState.FOREIGN:
            raise StorageDenied(f"the bucket is another database's: {bucket.explanation}")
        await self._store.put(PROBE_KEY, _content(), "text/plain")
        await self._store.delete(PROBE_KEY)


async def _content() -> AsyncIterator[bytes]:
    yield b"probe"

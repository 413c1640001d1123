"""Trying the object store without data of a job: a store that is full, or read-only to us, still answers a ping."""

from contextlib import suppress

from application.ports.jobs import DatabaseUnavailable
from application.ports.objects import ObjectStore, in_one_piece
from application.upkeep.bucket_owner import PROBE_KEY, BucketOwner


class StorageProbe:
    """Tries the store, and whose it is."""

    def __init__(self, store: ObjectStore, owner: BucketOwner) -> None:
        self._store = store
        self._owner = owner

    async def __call__(self) -> None:
        """Return when the store is the right one, as far as the database can tell now, and has taken a small object.

        It takes a few requests, however large the bucket is: a worker repeats it every few seconds in an outage.

        Raises:
            WrongBucket: It is another one, in which nothing is written.
            StorageUnavailable, StorageDenied: It did not take the object.
        """
        await self._store.ping()
        with suppress(DatabaseUnavailable):  # that is not the store's fault, and is told elsewhere
            (await self._owner.identify()).require_right()
        await self._store.put(PROBE_KEY, in_one_piece(b"probe"), "text/plain")

"""The copies of music that links lead to: they go with their links, and the links with their jobs."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from application.ports.objects import ObjectInventory, ObjectStore, StorageDenied, StorageUnavailable
from application.ports.shares import Shares
from application.upkeep.bucket_report import WrongBucket
from application.upkeep.deletion import Deletion
from application.upkeep.time_share import Chore
from domain.jobs.job import JobId

AT_ONCE: Final = 100
"""Links of each kind that one step removes."""


class SharedCopies:
    """Removes links with their copies; whatever fails is left to the next round.

    Args:
        require_bucket: Raises `WrongBucket` if the copies are elsewhere.
    """

    def __init__(
        self,
        shares: Shares,
        store: ObjectStore,
        inventory: ObjectInventory,
        require_bucket: Callable[[], Awaitable[None]],
    ) -> None:
        self._shares = shares
        self._store = store
        self._inventory = inventory
        self._require_bucket = require_bucket

    async def remove_of(self, job_id: JobId) -> None:
        """Revoke the link of a job, if it has one, and delete its copy if that can be done now.

        Raises:
            DatabaseUnavailable: It may be revoked or not.
        """
        if share := await self._shares.revoke(job_id):
            with suppress(WrongBucket, StorageUnavailable, StorageDenied):
                await self._require_bucket()
                await self._store.delete(share.key)
                await self._shares.forget(share.token)

    async def steps(self) -> Chore:
        """Delete the copies of dead links, then the links.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The rest is removed in the next round.
        """
        with suppress(WrongBucket):  # the sweep warns of it
            await self._require_bucket()
            while await self._remove_some():
                yield

    async def _remove_some(self) -> bool:
        """Remove some; return whether there may be more that can be removed now."""
        deletion = Deletion(self._store, self._inventory)
        dead = {share.key: share.token for share in await self._shares.dead(AT_ONCE)}
        for key in await deletion.delete(dead):
            await self._shares.forget(dead[key])
        deletion.report()
        return len(dead) >= AT_ONCE and not deletion.skipped

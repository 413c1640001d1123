"""The copies of music that links lead to: they go with their links, and the links with their jobs."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from application.ports.objects import ObjectStore, StorageDenied, StorageUnavailable
from application.ports.shares import Share, Shares
from application.upkeep.bucket_report import WrongBucket
from application.upkeep.deletion import Deletion
from domain.jobs.job import JobId

AT_ONCE: Final = 100
"""Links of each kind that one round removes at most."""


class SharedCopies:
    """Removes links with their copies; whatever fails is left to the next round.

    Args:
        require_bucket: Raises `WrongBucket` if the copies are elsewhere.
    """

    def __init__(self, shares: Shares, store: ObjectStore, require_bucket: Callable[[], Awaitable[None]]) -> None:
        self._shares = shares
        self._store = store
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

    async def tidy(self) -> None:
        """Delete the copies of dead links, then the links.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The rest is removed in the next round.
        """
        deletion = Deletion(self._store)
        with suppress(WrongBucket):  # the sweep warns of it
            await self._require_bucket()
            for share in await self._shares.dead(AT_ONCE):
                await self._remove(share, deletion)
        deletion.report()

    async def _remove(self, share: Share, deletion: Deletion) -> None:
        if await deletion.delete(share.key):
            await self._shares.forget(share.token)

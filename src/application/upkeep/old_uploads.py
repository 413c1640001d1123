"""Direct uploads that can no longer be used are removed, their objects first."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from application.ports.objects import ObjectInventory, ObjectStore
from application.ports.uploads import UPLOADS_PREFIX, Uploads
from application.upkeep.bucket_report import WrongBucket
from application.upkeep.deletion import Deletion
from application.upkeep.time_share import Chore, StepSize

FIRST_STEP: Final = 50
LARGEST_STEP: Final = 1000


class OldUploads:
    """Removes what nobody used, or what is left of it after it was used.

    Args:
        require_bucket: Raises `WrongBucket` if the objects are elsewhere: only their rows would go.
    """

    def __init__(
        self,
        uploads: Uploads,
        store: ObjectStore,
        inventory: ObjectInventory,
        require_bucket: Callable[[], Awaitable[None]],
    ) -> None:
        self._uploads = uploads
        self._store = store
        self._inventory = inventory
        self._require_bucket = require_bucket
        self._size = StepSize(FIRST_STEP, LARGEST_STEP)

    async def steps(self) -> Chore:
        """Remove them; what cannot be deleted is tried again in the next round.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The rest is removed in the next round.
        """
        with suppress(WrongBucket):  # the sweep warns of it
            await self._require_bucket()
            while await self._remove_some():
                yield

    async def _remove_some(self) -> bool:
        """Remove the oldest; return whether there may be more that can be removed now."""
        deletion, limit = Deletion(self._store, self._inventory), self._size.current
        with self._size.measured():
            old = {f"{UPLOADS_PREFIX}{each}": each for each in await self._uploads.list_old(limit)}
            await self._uploads.forget([old[key] for key in await deletion.delete(old)])
        deletion.report()
        return len(old) == limit and not deletion.skipped

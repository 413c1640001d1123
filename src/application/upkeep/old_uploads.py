"""Direct uploads that can no longer be used are removed, their objects first."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from application.ports.objects import ObjectStore
from application.ports.uploads import UPLOADS_PREFIX, Uploads
from application.upkeep.bucket_report import WrongBucket
from application.upkeep.deletion import Deletion

AT_ONCE: Final = 500
"""Uploads that one round removes at most."""


class OldUploads:
    """Removes what nobody used, or what is left of it after it was used.

    Args:
        require_bucket: Raises `WrongBucket` if the objects are elsewhere: only their rows would go.
    """

    def __init__(self, uploads: Uploads, store: ObjectStore, require_bucket: Callable[[], Awaitable[None]]) -> None:
        self._uploads = uploads
        self._store = store
        self._require_bucket = require_bucket

    async def __call__(self) -> None:
        """Remove a bounded number of them; what cannot be deleted is tried again in the next round.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The rest is removed in the next round.
        """
        with suppress(WrongBucket):  # the sweep warns of it
            await self._require_bucket()
            deletion = Deletion(self._store)
            old = await self._uploads.list_old(AT_ONCE)
            await self._uploads.forget([each for each in old if await deletion.delete(f"{UPLOADS_PREFIX}{each}")])
            deletion.report()

"""Deleting objects of many jobs, so that one that cannot be deleted does not stop the others."""

import logging
from collections.abc import Collection
from typing import Final

from application.ports.objects import ObjectInventory, ObjectStore
from domain.errors import MomentError

NAMED: Final = 5
"""Prefixes that a warning names, at most."""

log: Final = logging.getLogger(__name__)


class Deletion:
    """Deletes prefixes, many at a time, skips what cannot be deleted, and reports that once."""

    def __init__(self, store: ObjectStore, inventory: ObjectInventory) -> None:
        self._store = store
        self._inventory = inventory
        self._named: list[str] = []
        self._first: Exception | None = None
        self.skipped = 0

    async def delete(self, prefixes: Collection[str]) -> set[str]:
        """Delete the objects under the prefixes; return those of which nothing is left.

        Raises:
            StorageUnavailable, StorageDenied: The store as a whole does not answer, or denies access.
        """
        failed = await self._inventory.delete_each(prefixes) if prefixes else {}
        if failed:
            await self._store.ping()
            self._first = self._first or next(iter(failed.values()))
            self._named += [*failed][: NAMED - len(self._named)]
            self.skipped += len(failed)
        return {prefix for prefix in prefixes if prefix not in failed}

    def report(self) -> None:
        """Log what was skipped, if anything: one warning with the first error and the first prefixes."""
        if self._first is None:
            return
        log.warning(
            "deletion failed (%s), skipped until the next round: %s%s",
            self._first,
            ", ".join(self._named),
            f", … ({self.skipped} in all)" if self.skipped > NAMED else "",
            exc_info=None if isinstance(self._first, MomentError) else self._first,
        )

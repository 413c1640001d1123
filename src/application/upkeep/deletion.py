"""Deleting objects of many jobs, so that one that cannot be deleted does not stop the others."""

import logging
from typing import Final

from application.ports.objects import ObjectStore
from domain.errors import MomentError

NAMED: Final = 5
"""Prefixes that a warning names, at most."""

log: Final = logging.getLogger(__name__)


class Deletion:
    """Deletes prefix by prefix, skips what cannot be deleted, and reports that once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._skipped: dict[str, Exception] = {}

    async def delete(self, prefix: str) -> bool:
        """Delete the objects under a prefix; return whether that succeeded.

        Raises:
            StorageUnavailable, StorageDenied: The store as a whole does not answer, or denies access.
        """
        try:
            await self._store.delete(prefix)
        except Exception as error:  # noqa: BLE001 - even a defect must not stop the other deletions
            await self._store.ping()
            self._skipped[prefix] = error
            return False
        return True

    def report(self) -> None:
        """Log what was skipped, if anything: one warning with the first error and the first prefixes."""
        if not self._skipped:
            return
        error, count = next(iter(self._skipped.values())), len(self._skipped)
        log.warning(
            "deletion failed (%s), skipped until the next round: %s%s",
            error,
            ", ".join([*self._skipped][:NAMED]),
            f", … ({count} in all)" if count > NAMED else "",
            exc_info=None if isinstance(error, MomentError) else error,
        )

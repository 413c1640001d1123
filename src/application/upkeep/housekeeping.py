"""Housekeeping: the rounds of retention and sweep, of which one worker of the fleet does each.

What cannot be deleted is skipped until the next round; only a store that is away as a whole ends a round.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import anyio

from application.ports.conversions import Conversions
from application.ports.maintenance import MaintenanceRound, RetentionStore
from application.ports.objects import StorageDenied, StorageUnavailable
from application.ports.request_keys import RequestKeys
from application.upkeep.old_uploads import OldUploads
from application.upkeep.retention import Retention
from application.upkeep.shared_copies import SharedCopies
from application.upkeep.sweep import Sweep
from domain.errors import MomentError
from domain.jobs.retry import jittered

PAUSE: Final = timedelta(minutes=1)
"""Between two rounds of all workers together."""

KEYS_AT_ONCE: Final = 10_000
"""Idempotency keys that one round removes at most: more than arrive between two rounds."""

TURNS_AT_ONCE: Final = 10_000
"""The same for clients whose turns are over."""

CONVERSION_AGE: Final = timedelta(days=1)
CONVERSIONS_AT_ONCE: Final = 1000
"""Formats of music that nobody waits for any more, and how many of them one round removes at most."""

log: Final = logging.getLogger(__name__)


class Housekeeping:
    """Works in bounded rounds. All of a round can be repeated, so two workers that do the same one do no harm.

    Args:
        chance: Uniform random numbers in [0, 1).
        pause: Between two rounds of all workers together.
    """

    def __init__(
        self,
        retention_store: RetentionStore,
        request_keys: RequestKeys,
        retention: Retention,
        sweep: Sweep,
        *,
        shared_copies: SharedCopies,
        conversions: Conversions,
        old_uploads: OldUploads,
        chance: Callable[[], float],
        pause: timedelta = PAUSE,
    ) -> None:
        self._retention_store = retention_store
        self._request_keys = request_keys
        self._retention = retention
        self._old_uploads = old_uploads
        self._sweep = sweep
        self._shared_copies = shared_copies
        self._conversions = conversions
        self._chance = chance
        self._pause = pause

    async def run(self) -> None:
        """Do rounds until cancelled; whatever fails is tried again in the next one."""
        while True:
            await anyio.sleep(jittered(self._pause.total_seconds(), self._chance()))
            try:
                await self.tidy()
            except MomentError as error:
                log.warning("housekeeping failed: %s", error)
            except Exception:  # it must not stop the jobs of the same worker
                log.exception("housekeeping failed")

    async def tidy(self) -> None:
        """Do a round, unless a worker began one less than a pause ago.

        Retention, with the old uploads, and sweep fail independently, unless the store is away, which both need.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The rest is done in the next round.
        """
        begun = await self._retention_store.begin_maintenance(self._pause)
        if begun is None:
            return
        await self._request_keys.forget_old(KEYS_AT_ONCE)
        await self._conversions.forget_old(CONVERSION_AGE, CONVERSIONS_AT_ONCE)
        await self._retention_store.forget_turns(TURNS_AT_ONCE)
        try:
            await self._retention()
            await self._old_uploads()
            await self._shared_copies.tidy()
        except (StorageUnavailable, StorageDenied):
            raise
        except Exception:
            await self._sweep_and_store_cursor(begun)
            raise
        await self._sweep_and_store_cursor(begun)

    async def _sweep_and_store_cursor(self, begun: MaintenanceRound) -> None:
        cursor = await self._sweep(begun)
        if cursor != begun.cursor:
            await self._retention_store.end_maintenance(cursor)

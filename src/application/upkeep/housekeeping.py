"""Housekeeping: the rounds of retention and sweep, of which one worker of the fleet does each.

What cannot be deleted is skipped until the next round; a store that is away ends the chores of a round that need it.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from typing import Final

import anyio
import msgspec

from application.ports.conversions import Conversions
from application.ports.maintenance import MaintenanceRound, RetentionStore
from application.ports.request_keys import RequestKeys
from application.upkeep.old_uploads import OldUploads
from application.upkeep.retention import Retention
from application.upkeep.shared_copies import SharedCopies
from application.upkeep.sweep import Sweep
from application.upkeep.time_share import Chore, TimeShare
from domain.errors import MomentError
from domain.jobs.retry import jittered

PAUSE: Final = timedelta(minutes=1)
"""Between two rounds of all workers together, where nothing is left to do."""

ROUND: Final = timedelta(minutes=1)
"""How long a round works and rests; where something is left then, the next one begins at once."""

TURN: Final = 3 * ROUND
"""How long a worker has the turn that does not end its round: killed, or with a step that hangs."""

SWEEP_REST: Final = timedelta(hours=1)
"""Before a worker begins to sweep a store of many pages again: what it would find must be that old anyway."""

ROWS_AT_ONCE: Final = 1000
"""Idempotency keys, clients whose turns are over, or orders of formats that one statement removes."""

CONVERSION_AGE: Final = timedelta(days=1)
"""Nobody waits for a format any more that was asked for so long ago."""

log: Final = logging.getLogger(__name__)


class Housekeeping:
    """Works in bounded rounds. All of a round can be repeated, so two workers that do the same one do no harm.

    Args:
        chance: Uniform random numbers in [0, 1).
        pause: Between two rounds of all workers together, if the former left nothing to do.
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
        time_share: TimeShare,
        chance: Callable[[], float],
        pause: timedelta = PAUSE,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._retention_store = retention_store
        self._request_keys = request_keys
        self._retention = retention
        self._old_uploads = old_uploads
        self._sweep = sweep
        self._shared_copies = shared_copies
        self._conversions = conversions
        self._time_share = time_share
        self._chance = chance
        self._pause = pause
        self._clock = clock
        self._sweeps_from = 0.0

    async def run(self) -> None:
        """Do rounds until cancelled; whatever fails is tried again in the next one."""
        is_done = True
        while True:
            if is_done:
                await anyio.sleep(jittered(self._pause.total_seconds(), self._chance()))
            is_done = True
            try:
                is_done = await self.tidy()
            except MomentError as error:
                log.warning("housekeeping failed: %s", error)
            except Exception:  # it must not stop the jobs of the same worker
                log.exception("housekeeping failed")

    async def tidy(self) -> bool:
        """Do a round, unless another worker has the turn; return whether nothing is left to do for this worker.

        A chore that fails does not keep the others from being done.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The first failure; the next round tries again.
        """
        begun = await self._retention_store.begin_maintenance(TURN)
        if begun is None:
            return True
        turn = Turn(begun)
        worked = await self._time_share.work(self._chores(turn), ROUND.total_seconds())
        is_done = worked.is_done or bool(worked.errors)
        await self._retention_store.end_maintenance(turn.begun, self._pause if is_done else timedelta(0))
        for error in worked.errors:
            raise error
        return is_done

    def _chores(self, turn: "Turn") -> list[Chore]:
        return [
            removing(lambda: self._request_keys.forget_old(ROWS_AT_ONCE), ROWS_AT_ONCE),
            removing(lambda: self._conversions.forget_old(CONVERSION_AGE, ROWS_AT_ONCE), ROWS_AT_ONCE),
            removing(lambda: self._retention_store.forget_turns(ROWS_AT_ONCE), ROWS_AT_ONCE),
            self._retention.give_up_audio(),
            self._retention.remove_expired(),
            self._old_uploads.steps(),
            self._shared_copies.steps(),
            self._sweep_pages(turn),
        ]

    async def _sweep_pages(self, turn: "Turn") -> Chore:
        """Sweep on from the cursor, at most to the end of the store."""
        if not turn.begun.cursor and self._clock() < self._sweeps_from:
            return
        while (cursor := await self._sweep(turn.begun)) != turn.begun.cursor:  # else it is all of the store, or stopped
            turn.begun = msgspec.structs.replace(turn.begun, cursor=cursor)
            if not cursor:
                self._sweeps_from = self._clock() + SWEEP_REST.total_seconds()
                return
            yield


class Turn:
    """A worker's turn.

    Attributes:
        begun: The round, with the cursor that the sweep has reached.
    """

    def __init__(self, begun: MaintenanceRound) -> None:
        self.begun = begun


async def removing(remove: Callable[[], Awaitable[int]], limit: int) -> Chore:
    """Remove rows, at most so many in each step, until there are fewer."""
    while await remove() >= limit:
        yield

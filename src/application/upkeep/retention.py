"""Retention: jobs that ended long ago are removed, their objects first; the audio of refused jobs goes earlier.

A round that fails between the two leaves a row that the next round finds again; the other way round it would leave
objects that nothing points to. A job whose objects cannot be deleted keeps its row until the next round.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

import msgspec

from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectInventory, ObjectStore
from application.upkeep.bucket_report import WrongBucket
from application.upkeep.deletion import Deletion
from application.upkeep.time_share import Chore, StepSize
from domain.jobs.job import JobId
from domain.jobs.keys import job_prefix

FOREVER: Final = timedelta(days=36_500)
"""The age of jobs that are kept for ever; those that an operator deletes are older."""

MOST_SKIPPED: Final = 1000
"""Jobs whose objects cannot be deleted end the work of a round: so many are no accident, and each is asked for."""

log: Final = logging.getLogger(__name__)


class RetentionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How long jobs are kept, and how many are removed at once.

    Attributes:
        age: How long a finished job is kept; zero means forever.
        refused_audio: How long the audio of a job is kept whose input was refused.
        first_step: Jobs that are removed at once at first; how long that takes decides about the next ones.
        largest_step: The most that are ever removed at once.
    """

    age: timedelta = timedelta(days=30)
    refused_audio: timedelta = timedelta(days=1)
    first_step: int = 50
    largest_step: int = 1000


class Retention:
    """Removes what has expired. It deletes objects of its own rows only, so it goes on where nothing is swept.

    Args:
        require_bucket: Raises `WrongBucket` if the objects of the rows are elsewhere: only their rows would go.
    """

    def __init__(
        self,
        retention_store: RetentionStore,
        store: ObjectStore,
        inventory: ObjectInventory,
        config: RetentionConfig,
        require_bucket: Callable[[], Awaitable[None]],
    ) -> None:
        self._retention_store = retention_store
        self._store = store
        self._inventory = inventory
        self._require_bucket = require_bucket
        self._config = config
        self._size = StepSize(config.first_step, config.largest_step)

    async def give_up_audio(self) -> Chore:
        """Remove the audio of refused jobs; the sweep finds what cannot be deleted now.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The rest is removed in the next round.
        """
        with suppress(WrongBucket):  # the sweep warns of it
            await self._require_bucket()
            while await self._give_up_some():
                yield

    async def remove_expired(self) -> Chore:
        """Remove expired jobs. Raises as `give_up_audio` does."""
        run = _Removal(Deletion(self._store, self._inventory))
        try:
            with suppress(WrongBucket):
                await self._require_bucket()
                while await self._remove_some(run):
                    yield
        finally:
            run.report()

    async def _give_up_some(self) -> bool:
        deletion, limit = Deletion(self._store, self._inventory), self._config.first_step
        refused = await self._retention_store.give_up_audio(self._config.refused_audio, limit)
        await deletion.delete([job_prefix(job_id) for job_id in refused])
        deletion.report()
        return len(refused) == limit

    async def _remove_some(self, run: "_Removal") -> bool:
        """Remove the oldest; return whether there may be more that can be removed now."""
        age, limit = self._config.age or FOREVER, self._size.current
        expired = await self._retention_store.expire(age, limit, run.kept)
        with self._size.measured():
            gone = await run.delete(expired)
            run.removed += await self._retention_store.forget(gone, age)
        return len(expired) == limit and len(run.kept) < MOST_SKIPPED


class _Removal:
    """What a round has removed, and the jobs that it kept because their objects cannot be deleted."""

    def __init__(self, deletion: Deletion) -> None:
        self._deletion = deletion
        self.kept = set[JobId]()
        self.removed = 0

    async def delete(self, expired: Sequence[JobId]) -> list[JobId]:
        """Delete the objects of jobs; return the jobs of which nothing is left."""
        gone = await self._deletion.delete([job_prefix(job_id) for job_id in expired])
        self.kept.update(job_id for job_id in expired if job_prefix(job_id) not in gone)
        return [job_id for job_id in expired if job_id not in self.kept]

    def report(self) -> None:
        """Log both, if there is anything to log."""
        self._deletion.report()
        if self.removed:
            log.info("removed %d jobs that have expired", self.removed)

"""Retention: jobs that ended long ago are removed, their objects first; the audio of refused jobs goes earlier.

A round that fails between the two leaves a row that the next round finds again; the other way round it would leave
objects that nothing points to. A job whose objects cannot be deleted keeps its row until the next round.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import msgspec

from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectStore
from application.upkeep.bucket_report import WrongBucket
from application.upkeep.deletion import Deletion
from domain.jobs.job import JobId
from domain.jobs.keys import job_prefix

FOREVER: Final = timedelta(days=36_500)
"""The age of jobs that are kept for ever; those that an operator deletes are older."""

log: Final = logging.getLogger(__name__)


class RetentionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How long jobs are kept, and how much one round removes.

    Attributes:
        age: How long a finished job is kept; zero means forever.
        refused_audio: How long the audio of a job is kept whose input was refused.
        batch: Jobs that are removed at once.
        batches: Batches in one round, at most.
    """

    age: timedelta = timedelta(days=30)
    refused_audio: timedelta = timedelta(days=1)
    batch: int = 50
    batches: int = 20


class Retention:
    """Removes what has expired. It deletes objects of its own rows only, so it goes on where nothing is swept.

    Args:
        require_bucket: Raises `WrongBucket` if the objects of the rows are elsewhere: only their rows would go.
    """

    def __init__(
        self,
        retention_store: RetentionStore,
        store: ObjectStore,
        config: RetentionConfig,
        require_bucket: Callable[[], Awaitable[None]],
    ) -> None:
        self._retention_store = retention_store
        self._store = store
        self._require_bucket = require_bucket
        self._config = config

    async def __call__(self) -> None:
        """Remove the audio of refused jobs, then expired jobs, a bounded number of each.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The rest is removed in the next round.
        """
        with suppress(WrongBucket):  # the sweep warns of it
            await self._require_bucket()
            await self._give_up_audio()
            await self._prune(self._config.age or FOREVER)

    async def _give_up_audio(self) -> None:
        """Remove the audio of refused jobs; the sweep finds what cannot be deleted now."""
        deletion = Deletion(self._store)
        for job_id in await self._retention_store.give_up_audio(self._config.refused_audio, self._config.batch):
            await deletion.delete(job_prefix(job_id))
        deletion.report()

    async def _prune(self, age: timedelta) -> None:
        deletion, kept, pruned = Deletion(self._store), set[JobId](), 0
        for _ in range(self._config.batches):
            expired = await self._retention_store.expire(age, self._config.batch, kept)
            gone = [job_id for job_id in expired if await deletion.delete(job_prefix(job_id))]
            kept.update(set(expired).difference(gone))
            pruned += await self._retention_store.forget(gone, age)
            if len(expired) < self._config.batch:
                break
        deletion.report()
        if pruned:
            log.info("removed %d jobs that have expired", pruned)

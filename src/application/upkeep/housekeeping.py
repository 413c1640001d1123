"""Housekeeping: finished jobs expire, and objects that no job points to are deleted.

Objects are deleted before their row. A round that fails between the two leaves a row that the next round finds again;
the other way round it would leave objects that nothing points to. Objects that cannot be deleted are skipped until the
next round; only a store that is away as a whole ends a round.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

import anyio
import msgspec

from application.ports.clock import Clock
from application.ports.maintenance import RetentionStore
from application.ports.objects import (
    ObjectInventory,
    ObjectStore,
    StorageDenied,
    StorageUnavailable,
    StoredObject,
)
from application.upkeep.deletion import Deletion
from domain.errors import MomentError
from domain.jobs.job import Job, JobId
from domain.jobs.keys import job_prefix, owner_of
from domain.jobs.retry import jittered

log: Final = logging.getLogger(__name__)


FOREVER: Final = timedelta(days=36_500)
"""The age of jobs that are kept for ever; those that an operator deletes are older."""


class HousekeepingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How often a round is done, and how much in each.

    Attributes:
        retention: How long a finished job is kept; zero means forever.
        refused_audio: How long the audio of a job is kept whose input was refused.
        pause: Between two rounds of all workers together.
        settled: How old an object must be to count as an orphan: a recording is stored before its job.
        batch: Jobs that are removed at once.
        batches: Batches in one round, at most.
        page: Objects that one round looks at.
    """

    retention: timedelta = timedelta(days=30)
    refused_audio: timedelta = timedelta(days=1)
    pause: timedelta = timedelta(minutes=1)
    settled: timedelta = timedelta(hours=1)
    batch: int = 50
    batches: int = 20
    page: int = 500


class Housekeeping:
    """Works in bounded rounds. All of a round can be repeated, so two workers that do the same one do no harm."""

    def __init__(
        self,
        retention_store: RetentionStore,
        store: ObjectStore,
        inventory: ObjectInventory,
        clock: Clock,
        chance: Callable[[], float],
        *,
        config: HousekeepingConfig,
    ) -> None:
        self._retention_store = retention_store
        self._store = store
        self._inventory = inventory
        self._clock = clock
        self._chance = chance
        self._config = config

    async def run(self) -> None:
        """Do rounds until cancelled; whatever fails is tried again in the next one."""
        while True:
            await anyio.sleep(jittered(self._config.pause.total_seconds(), self._chance()))
            try:
                await self.tidy()
            except MomentError as error:
                log.warning("housekeeping failed: %s", error)
            except Exception:  # it must not stop the jobs of the same worker
                log.exception("housekeeping failed")

    async def tidy(self) -> None:
        """Do a round, unless a worker began one less than a pause ago.

        Retention and sweep fail independently, unless the store is away, which both need.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The rest is done in the next round.
        """
        cursor = await self._retention_store.begin_maintenance(self._config.pause)
        if cursor is None:
            return
        try:
            await self._give_up_audio()
            await self._prune(self._config.retention or FOREVER)
        except (StorageUnavailable, StorageDenied):
            raise
        except Exception:
            await self._sweep(cursor)
            raise
        await self._sweep(cursor)

    async def _give_up_audio(self) -> None:
        """Remove the audio of refused jobs; the sweep finds what cannot be deleted now."""
        deletion = Deletion(self._store)
        for job_id in await self._retention_store.give_up_audio(self._config.refused_audio, self._config.batch):
            await deletion.delete(job_prefix(job_id))
        deletion.report()

    async def _prune(self, age: timedelta) -> None:
        """Remove expired jobs, objects first; a job whose objects cannot be deleted keeps its row."""
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

    async def _sweep(self, cursor: str) -> None:
        """Delete the orphans of a page and store where the next page begins.

        The page is listed before the rows are read: the row of a job that ends in between points to its objects.
        """
        page = await self._inventory.list_page(cursor, self._config.page)
        owned = self._by_job(page)
        jobs, deletion = await self._retention_store.find(owned), Deletion(self._store)
        for job_id, keys in owned.items():
            for orphan in _orphans(job_id, jobs, keys):
                log.info("deleting the orphan %s", orphan)
                await deletion.delete(orphan)
        deletion.report()
        await self._retention_store.end_maintenance(page[-1].key if len(page) == self._config.page else "")

    def _by_job(self, page: Sequence[StoredObject]) -> dict[JobId, list[str]]:
        """Return the keys that are old enough, by job; keys that are not ours are left alone."""
        newest, owned = self._clock() - self._config.settled, dict[JobId, list[str]]()
        for stored in page:
            if stored.modified_at < newest and (job_id := owner_of(stored.key)):
                owned.setdefault(job_id, []).append(stored.key)
        return owned


def _orphans(job_id: JobId, jobs: Mapping[JobId, Job | None], keys: Collection[str]) -> Iterator[str]:
    """Yield what to delete: everything of a job without a row, and what a finished job does not point to."""
    if job_id not in jobs:
        yield job_prefix(job_id)
        return
    job = jobs[job_id]
    if job and job.status.terminal:  # of a running job, it may be the next result
        yield from (key for key in keys if not any(kept.startswith(key) for kept in job.objects))

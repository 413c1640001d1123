"""Housekeeping: finished jobs leave after their time, and objects that no job points to are swept away.

Objects go before their row. A round that breaks off between the two leaves a row that the next round finds again; the
other way round it would leave objects that nothing remembers.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import anyio
import msgspec

from application.ports.clock import Clock
from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectInventory, ObjectStore, StoredObject
from domain.errors import MomentError
from domain.jobs.job import Job, JobId
from domain.jobs.retry import jittered

log: Final = logging.getLogger(__name__)


class HousekeepingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How much is done how often.

    Attributes:
        retention: How long a finished job stays; zero for ever.
        pause: Between two rounds of the whole fleet.
        settled: How old an object must be before it can be an orphan: a recording is stored before its job.
        batch: Jobs that are removed at once.
        batches: Batches in one round, at most.
        page: Objects that are looked at in one round.
    """

    retention: timedelta = timedelta(days=30)
    pause: timedelta = timedelta(minutes=1)
    settled: timedelta = timedelta(hours=1)
    batch: int = 50
    batches: int = 20
    page: int = 500


class Housekeeping:
    """One bounded round at a time. Two workers that do the same round harm nothing: all of it can be repeated."""

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
        """Keep house for ever; whatever goes wrong is tried again in the next round."""
        while True:
            await anyio.sleep(jittered(self._config.pause.total_seconds(), self._chance()))
            try:
                await self.tidy()
            except MomentError as error:
                log.warning("housekeeping broke off: %s", error)
            except Exception:  # a broom that breaks must not stop the jobs beside it
                log.exception("housekeeping broke off")

    async def tidy(self) -> None:
        """Do a round, unless another worker began one just now.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: What was not done is done next time.
        """
        cursor = await self._retention_store.begin_maintenance(self._config.pause)
        if cursor is None:
            return
        if self._config.retention:
            await self._prune()
        await self._retention_store.end_maintenance(await self._sweep(cursor))

    async def _prune(self) -> None:
        """Remove jobs whose time is over, objects first."""
        pruned = 0
        for _ in range(self._config.batches):
            expired = await self._retention_store.expire(self._config.retention, self._config.batch)
            for job_id in expired:
                await self._store.delete(f"{job_id}/")
            pruned += await self._retention_store.forget(expired, self._config.retention)
            if len(expired) < self._config.batch:
                break
        if pruned:
            log.info("removed %d jobs that ended more than %s ago", pruned, self._config.retention)

    async def _sweep(self, cursor: str) -> str:
        """Remove the orphans of a page; return where the next one begins.

        The page is read before the rows: a job that comes or ends in between has its objects in the row.
        """
        page = await self._inventory.list_page(cursor, self._config.page)
        owned = self._by_job(page)
        jobs = await self._retention_store.find(owned)
        for job_id, keys in owned.items():
            for orphan in _orphans(job_id, jobs, keys):
                log.info("removing the orphan %s", orphan)
                await self._store.delete(orphan)
        return page[-1].key if len(page) == self._config.page else ""

    def _by_job(self, page: Sequence[StoredObject]) -> dict[JobId, list[str]]:
        """Return the keys that are old enough, by the job that they lie under; what is not ours is left alone."""
        newest, owned = self._clock() - self._config.settled, dict[JobId, list[str]]()
        for stored in page:
            if stored.modified_at < newest and (job_id := _owner(stored.key)):
                owned.setdefault(job_id, []).append(stored.key)
        return owned


def _orphans(job_id: JobId, jobs: Mapping[JobId, Job | None], keys: Collection[str]) -> Iterator[str]:
    """Find what may go: all of a job that is not there, all that a finished one does not point to."""
    if job_id not in jobs:
        yield f"{job_id}/"
        return
    job = jobs[job_id]
    if job and job.status.terminal:  # what a running one does not point to yet may be its next result
        yield from (key for key in keys if not any(kept.startswith(key) for kept in job.objects))


def _owner(key: str) -> JobId | None:
    head, separator, _ = key.partition("/")
    try:
        owner = UUID(head)
    except ValueError:
        return None
    return JobId(owner) if separator and str(owner) == head else None

"""The sweep: objects that no job points to are deleted, a page at a time.

What a row proves is deleted at once: results that a finished job does not point to. That there is no row proves little,
since it may be the wrong database, or one that was restored from a backup. So objects of such jobs stay in quarantine
first, nothing is swept in a bucket that is not ours, and many of them stop the sweep. Direct uploads can be used for a
day: older ones, which were sent when their rows were gone already, are of no use to anybody; nor are the samples of
styles that former versions made, nor the files of their pages, nor what workers tried the store with.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import msgspec

from application.page_files import PAGES_KEPT, PAGES_PREFIX
from application.ports.maintenance import MaintenanceRound, RetentionStore
from application.ports.objects import ObjectInventory, ObjectStore, StoredObject
from application.ports.orphans import OrphanStore
from application.ports.uploads import KEPT, UPLOADS_PREFIX
from application.samples import SAMPLES_PREFIX, edition_prefix
from application.upkeep.bucket_owner import PROBE_KEY, BucketOwner
from application.upkeep.bucket_report import BucketReport, BucketState
from application.upkeep.deletion import Deletion
from application.upkeep.swept_page import SweptPage
from domain.jobs.job import JobId
from domain.jobs.keys import job_prefix, owner_of

REMINDER_SECONDS: Final = 3600.0

REMARK: Final = timedelta(days=1)
"""The marker is written again when it is older: a rule of the bucket that deletes old objects must not reach it."""

SAMPLES_KEPT: Final = timedelta(days=7)
"""Samples of another version go after so long: it may work beside this one during an update, and makes them again."""

log: Final = logging.getLogger(__name__)


class SweepConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What the sweep looks at.

    Attributes:
        settled: How old an object must be: a recording is stored before its job.
        quarantine: How long objects of a job without a row are kept after they were first found.
        page: Objects that one step looks at; suspicions are judged by pages.
    """

    settled: timedelta = timedelta(hours=1)
    quarantine: timedelta = timedelta(days=7)
    page: int = 500


class Sweep:
    """Deletes orphans; all of it can be repeated."""

    def __init__(
        self,
        retention_store: RetentionStore,
        orphan_store: OrphanStore,
        store: ObjectStore,
        inventory: ObjectInventory,
        owner: BucketOwner,
        *,
        config: SweepConfig,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._retention_store = retention_store
        self._orphan_store = orphan_store
        self._store = store
        self._inventory = inventory
        self._owner = owner
        self._config = config
        self._clock = clock
        self._reminded_at = -REMINDER_SECONDS
        self._allowed_until: datetime | None = None

    async def __call__(self, begun: MaintenanceRound) -> str:
        """Sweep a page; return where the next one begins, which is the same if this one must not be swept.

        Whose bucket it is, is found out once in each round.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: The page is swept in the next round.
        """
        if self._allowed_until != begun.until:
            if not await self._may_sweep(begun.now):
                return begun.cursor
            self._allowed_until = begun.until
        page = await self.read(begun)
        if page.is_suspicious:
            log.error(
                "the sweep has stopped: %d of %d objects after %r have no job in this database; run `moment doctor`",
                page.unexplained, page.objects, begun.cursor,
            )  # fmt: skip
            return begun.cursor
        await self._delete(page, begun.now)
        return page.cursor

    async def read(self, begun: MaintenanceRound) -> SweptPage:
        """Return the page of a round.

        It is listed before the rows are read: the row of a job that ends in between points to its objects.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        listed = await self._inventory.list_page(begun.cursor, self._config.page)
        newest, keys = begun.now - self._config.settled, dict[JobId, list[str]]()
        for stored in listed:
            if stored.modified_at < newest and (job_id := owner_of(stored.key)):
                keys.setdefault(job_id, []).append(stored.key)
        return SweptPage(
            cursor=listed[-1].key if len(listed) == self._config.page else "",
            keys=keys,
            useless=[stored.key for stored in listed if _is_useless(stored, begun.now - self._config.settled)],
            jobs=await self._retention_store.find(keys),
            orphans=await self._orphan_store.find(keys),
        )

    async def _may_sweep(self, now: datetime) -> bool:
        """Return whether the bucket is ours; mark it if it may be, and sweep it from the next round on."""
        bucket = await self._owner.examine()
        if bucket.state is BucketState.OURS:
            if _is_marked_poorly(bucket, now):
                await self._owner.mark()
            return True
        if bucket.state is BucketState.UNMARKED:
            await self._owner.mark()
            log.info(
                "marked the bucket with the id of this database, %s; %d of its first %d objects have no job here",
                bucket.installation, bucket.strangers, bucket.objects,
            )  # fmt: skip
        elif self._clock() - self._reminded_at >= REMINDER_SECONDS:
            self._reminded_at = self._clock()
            log.warning("the bucket is not swept: %s; run `moment doctor`", bucket.explanation)
        return False

    async def _delete(self, page: SweptPage, now: datetime) -> None:
        await self._orphan_store.record(page.rowless - page.orphans.keys())
        deletion = Deletion(self._store, self._inventory)
        ripe = {job_prefix(job_id): job_id for job_id in page.ripe(now - self._config.quarantine)}
        superseded = [*page.superseded()]
        _tell(ripe, page.useless, superseded)
        gone = await deletion.delete([*ripe, *page.useless, *superseded])
        deletion.report()
        over = {ripe[prefix] for prefix in gone & ripe.keys()} | (page.orphans.keys() & page.jobs.keys())
        await self._orphan_store.release(over)


def _tell(ripe: Collection[str], useless: Collection[str], superseded: Collection[str]) -> None:
    """Log what is about to be deleted: a line of each kind, since there may be millions."""
    for what, prefixes in (
        ("jobs that have no row, with their objects", ripe),
        ("objects that are of no use any more", useless),
        ("orphans", superseded),
    ):
        if prefixes:
            log.info("deleting %d %s, such as %s", len(prefixes), what, next(iter(prefixes)))


def _is_useless(stored: StoredObject, now: datetime) -> bool:
    """Return whether an object is an old upload, page or probe, or a sample of another version: of use to nobody."""
    if stored.key == PROBE_KEY:
        return stored.modified_at < now
    for prefix, kept in ((UPLOADS_PREFIX, KEPT), (PAGES_PREFIX, PAGES_KEPT)):
        if stored.key.startswith(prefix):
            return stored.modified_at < now - kept
    is_sample = stored.key.startswith(SAMPLES_PREFIX) and not stored.key.startswith(edition_prefix())
    return is_sample and stored.modified_at < now - SAMPLES_KEPT


def _is_marked_poorly(bucket: BucketReport, now: datetime) -> bool:
    """Return whether the marker is old, or the database does not know of it: an outage came between the two."""
    return bucket.remembered is None or bucket.marked_at is None or bucket.marked_at < now - REMARK

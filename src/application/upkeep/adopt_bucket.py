"""Taking over a bucket: an operator confirms that it is this database's own, and that objects without a job may go."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectInventory
from application.ports.orphans import OrphanStore
from application.upkeep.bucket_owner import BucketOwner
from domain.jobs.job import JobId
from domain.jobs.keys import owner_of

PAGE: Final = 500


class BucketSurvey(msgspec.Struct, frozen=True, kw_only=True):
    """What a bucket holds.

    Attributes:
        place: Where it is.
        remembered: The place of the bucket that the database has marked last, None before it has marked one.
        owners: The ids of the databases whose markers it has.
        objects: Objects of jobs.
        orphans: Those whose jobs have no row here.
    """

    installation: str
    place: str
    remembered: str | None
    owners: tuple[str, ...]
    objects: int
    orphans: int


class AdoptBucket:
    """Surveys a bucket, then takes it over."""

    def __init__(
        self,
        retention_store: RetentionStore,
        orphan_store: OrphanStore,
        inventory: ObjectInventory,
        owner: BucketOwner,
    ) -> None:
        self._retention_store = retention_store
        self._orphan_store = orphan_store
        self._inventory = inventory
        self._owner = owner

    async def survey(self) -> BucketSurvey:
        """Return what the whole bucket holds, which takes a second for some thousand objects.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        report, objects, orphans = await self._owner.identify(), 0, 0
        async for jobs, rowless in self._pages():
            objects += len(jobs)
            orphans += sum(job in rowless for job in jobs)
        return BucketSurvey(
            installation=str(report.installation),
            place=report.place,
            remembered=report.remembered,
            owners=report.owners,
            objects=objects,
            orphans=orphans,
        )

    async def __call__(self) -> None:
        """Mark the bucket as ours alone, and accept objects without a job as orphans, which go after their quarantine.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: It may be half done; repeat it.
        """
        await self._owner.take_over()
        async for _, rowless in self._pages():
            await self._orphan_store.record(rowless, accepted=True)

    async def _pages(self) -> AsyncIterator[tuple[list[JobId], set[JobId]]]:
        """Yield the jobs of the objects of each page, and those of them without a row."""
        cursor, more = "", True
        while more:
            page = await self._inventory.list_page(cursor, PAGE)
            jobs = [job for stored in page if (job := owner_of(stored.key))]
            yield jobs, set(jobs) - (await self._retention_store.find(set(jobs))).keys()
            more = len(page) == PAGE
            cursor = page[-1].key if page else ""

"""Whose bucket it is: a marker object carries the id of the database that its objects belong to.

To a worker with the wrong database, every object in the bucket is one without a job. So nothing is swept without our
own marker. To one with the wrong bucket, every recording is missing. So the database remembers that it has marked one.
The id is part of the marker's key: two databases that mark a bucket at the same time see each other.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectInventory, ObjectStore, StoredObject, in_one_piece
from application.ports.orphans import Installation, OrphanStore
from application.upkeep.bucket_report import BucketReport, BucketState
from application.upkeep.swept_page import SUSPICIOUS, SUSPICIOUS_SHARE
from domain.jobs.job import JobId
from domain.jobs.keys import owner_of

MARKER_PREFIX: Final = "moment-installation/"
"""What the keys of markers start with; no job's key does."""

PROBE_KEY: Final = "moment-probe/worker"
"""What workers try a store with: none of a job's, and always the same. It stays, and the next probe replaces it.

Several workers probe at once. If one deleted it, it would delete what another is writing there. The sweep deletes it an
hour after the last probe, with what killed workers left of theirs.
"""

MOST_MARKERS: Final = 10
PAGE: Final = 500
"""Objects whose jobs are looked up to find out whether an unmarked bucket is ours."""

PAGES: Final = 20
"""How many pages without any job are passed over until then."""

A_FEW: Final = 3
"""So many jobs without a row may be failed uploads in a bucket of any size: stored, and then the INSERT failed."""


class BucketOwner:
    """Reads and writes the markers of a bucket."""

    def __init__(
        self,
        retention_store: RetentionStore,
        orphan_store: OrphanStore,
        store: ObjectStore,
        inventory: ObjectInventory,
    ) -> None:
        self._retention_store = retention_store
        self._orphan_store = orphan_store
        self._store = store
        self._inventory = inventory

    async def identify(self) -> BucketReport:
        """Return whose bucket it is by its markers alone: one query and one short listing; UNKNOWN is UNMARKED.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        installation, markers = await self._orphan_store.installation(), await self._markers()
        owners = tuple(marker.key.removeprefix(MARKER_PREFIX) for marker in markers)
        return BucketReport(
            state=_state(installation, owners),
            installation=installation.id,
            place=self._inventory.place,
            remembered=installation.bucket,
            owners=owners,
            marked_at=markers[0].modified_at if markers else None,
        )

    async def examine(self) -> BucketReport:
        """Return whose bucket it is; one that may have to be marked is judged by its objects.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        report = await self.identify()
        if report.state is not BucketState.UNMARKED:
            return report
        jobs = await self._first_jobs()
        known = await self._retention_store.find(jobs.keys())
        rowless = jobs.keys() - known.keys()
        return msgspec.structs.replace(
            report,
            state=BucketState.UNMARKED if _may_be_ours(len(known), len(rowless)) else BucketState.UNKNOWN,
            objects=jobs.total(),
            strangers=sum(jobs[job] for job in rowless),
            awaits_job=not known and 0 < len(rowless) <= A_FEW,
        )

    async def mark(self) -> None:
        """Write our marker, then let the database remember that.

        In the other order, a failure in between would leave a database that misses a marker which was never there.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: It may be half done; repeat it.
        """
        installation = await self._orphan_store.installation()
        await self._store.put(f"{MARKER_PREFIX}{installation.id}", in_one_piece(_text(installation.id)), "text/plain")
        await self._orphan_store.remember_bucket(self._inventory.place)

    async def take_over(self) -> None:
        """Write our marker and delete the others; repeat it if it fails halfway.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        await self.mark()
        report = await self.identify()
        for owner in set(report.owners) - {str(report.installation)}:
            await self._store.delete(f"{MARKER_PREFIX}{owner}")

    async def _first_jobs(self) -> Counter[JobId]:
        """Return the jobs of the first page that has any, each with the number of its objects."""
        cursor, jobs = "", Counter[JobId]()
        for _ in range(PAGES):
            page = await self._inventory.list_page(cursor, PAGE)
            jobs.update(job for stored in page if (job := owner_of(stored.key)))
            if jobs or len(page) < PAGE:
                break
            cursor = page[-1].key
        return jobs

    async def _markers(self) -> Sequence[StoredObject]:
        page = await self._inventory.list_page(MARKER_PREFIX, MOST_MARKERS)
        return [stored for stored in page if stored.key.startswith(MARKER_PREFIX)]


def _state(installation: Installation, owners: tuple[str, ...]) -> BucketState:
    if owners:
        return BucketState.OURS if owners == (str(installation.id),) else BucketState.FOREIGN
    return BucketState.UNMARKED if installation.bucket is None else BucketState.ELSEWHERE


def _may_be_ours(known: int, rowless: int) -> bool:
    """Return whether an unmarked bucket may be marked; `known` jobs of it have rows here, `rowless` ones have none.

    A few failed uploads must not leave the bucket unswept for good: quarantine protects their objects even if they are
    another's. Without any job of ours, though, a small bucket of another database looks just the same.
    """
    few = max(A_FEW, min(SUSPICIOUS, SUSPICIOUS_SHARE * (known + rowless)))
    return not rowless or (known > 0 and rowless <= few)


def _text(installation: UUID) -> bytes:
    return f"This bucket belongs to the database {installation}: see `moment doctor`. Do not delete this.\n".encode()

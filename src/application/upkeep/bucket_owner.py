"""Whose bucket it is: a marker object carries the id of the database that its objects belong to.

To a worker with the wrong database, every object in the bucket is one without a job. So nothing is swept without our
own marker. The id is part of the marker's key: two databases that mark a bucket at the same time see each other.
"""

from collections import Counter
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from application.ports.maintenance import RetentionStore
from application.ports.objects import ObjectInventory, ObjectStore
from application.ports.orphans import OrphanStore
from application.upkeep.swept_page import SUSPICIOUS, SUSPICIOUS_SHARE
from domain.jobs.job import JobId
from domain.jobs.keys import owner_of

MARKER_PREFIX: Final = "moment-installation/"
"""What the keys of markers start with; no job's key does."""

MOST_MARKERS: Final = 10
PAGE: Final = 500
"""Objects whose jobs are looked up to find out whether an unmarked bucket is ours."""

PAGES: Final = 20
"""How many pages without any job are passed over until then."""

A_FEW: Final = 3
"""So many jobs without a row may be failed uploads in a bucket of any size: stored, and then the INSERT failed."""


class BucketState(StrEnum):
    """What the markers and the objects of a bucket say.

    Attributes:
        OURS: It has our marker, and no other.
        UNMARKED: It has no marker, and little or nothing contradicts that it is ours: it may be marked.
        UNKNOWN: It has no marker, and objects of jobs that this database does not have: many, or nothing but such.
        FOREIGN: It has the marker of another database.
    """

    OURS = "ours"
    UNMARKED = "unmarked"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"


class BucketReport(msgspec.Struct, frozen=True, kw_only=True):
    """Whose bucket it is, and why.

    Attributes:
        installation: The id of our database.
        owners: The ids of the markers.
        objects: Objects of jobs among the first of an unmarked bucket.
        strangers: Those whose jobs this database does not have.
        awaits_job: Whether the state is UNKNOWN, and a job with a row would make it UNMARKED.
    """

    state: BucketState
    installation: UUID
    owners: tuple[str, ...] = ()
    objects: int = 0
    strangers: int = 0
    awaits_job: bool = False

    @property
    def explanation(self) -> str:
        """One sentence for people."""
        if self.state is BucketState.FOREIGN:
            return f"it has the marker of {', '.join(self.owners)}, and this database is {self.installation}"
        if self.state is BucketState.UNKNOWN:
            return f"it has no marker, and {self.strangers} of its first {self.objects} objects have no job here"
        return f"it belongs to this database, {self.installation}"


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

    async def examine(self) -> BucketReport:
        """Return whose bucket it is.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        installation, owners = await self._orphan_store.installation_id(), await self._owners()
        if owners:
            state = BucketState.OURS if owners == (str(installation),) else BucketState.FOREIGN
            return BucketReport(state=state, installation=installation, owners=owners)
        jobs = await self._first_jobs()
        known = await self._retention_store.find(jobs.keys())
        rowless = jobs.keys() - known.keys()
        return BucketReport(
            state=BucketState.UNMARKED if _may_be_ours(len(known), len(rowless)) else BucketState.UNKNOWN,
            installation=installation,
            objects=jobs.total(),
            strangers=sum(jobs[job] for job in rowless),
            awaits_job=not known and 0 < len(rowless) <= A_FEW,
        )

    async def mark(self) -> None:
        """Write our marker.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        installation = await self._orphan_store.installation_id()
        await self._store.put(f"{MARKER_PREFIX}{installation}", _text(installation), "text/plain")

    async def take_over(self) -> None:
        """Write our marker and delete the others; repeat it if it fails halfway.

        Raises:
            DatabaseUnavailable, StorageUnavailable, StorageDenied: As the ports raise them.
        """
        await self.mark()
        ours = str(await self._orphan_store.installation_id())
        for owner in set(await self._owners()) - {ours}:
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

    async def _owners(self) -> tuple[str, ...]:
        page = await self._inventory.list_page(MARKER_PREFIX, MOST_MARKERS)
        return tuple(stored.key.removeprefix(MARKER_PREFIX) for stored in page if stored.key.startswith(MARKER_PREFIX))


def _may_be_ours(known: int, rowless: int) -> bool:
    """Return whether an unmarked bucket may be marked; `known` jobs of it have rows here, `rowless` ones have none.

    A few failed uploads must not leave the bucket unswept for good: quarantine protects their objects even if they are
    another's. Without any job of ours, though, a small bucket of another database looks just the same.
    """
    few = max(A_FEW, min(SUSPICIOUS, SUSPICIOUS_SHARE * (known + rowless)))
    return not rowless or (known > 0 and rowless <= few)


async def _text(installation: UUID) -> AsyncIterator[bytes]:
    yield f"This bucket belongs to the database {installation}: see `moment doctor`. Do not delete this.\n".encode()

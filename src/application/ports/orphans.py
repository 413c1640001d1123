"""What the database knows about a bucket: whether it is the database's own, and which objects have no job."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from application.ports.maintenance import MaintenanceRound
from domain.jobs.job import JobId


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """What a database knows about itself.

    Attributes:
        id: Marks its bucket.
        bucket: The place of the bucket that it has marked last, None before it has marked one.
    """

    id: UUID
    bucket: str | None


class Orphan(msgspec.Struct, frozen=True):
    """A job without a row, of which there are objects.

    Attributes:
        seen_at: When the sweep first found it, by the database's clock.
        accepted: Whether an operator has confirmed that its job is gone.
    """

    seen_at: datetime
    accepted: bool


class OrphanStore(Protocol):
    """The bucket of a database, and its objects without a job. Every method may raise `DatabaseUnavailable`."""

    async def installation(self) -> Installation:
        """Return the id of the database, and what it knows of its bucket."""

    async def remember_bucket(self, place: str) -> None:
        """Note that a bucket has been marked. From now on, one without a marker is not this database's."""

    async def find(self, job_ids: Collection[JobId]) -> dict[JobId, Orphan]:
        """Return those of the jobs that are in quarantine."""

    async def record(self, job_ids: Collection[JobId], *, accepted: bool = False) -> None:
        """Put jobs into quarantine from now on; those that are in it stay as they are, but may become accepted."""

    async def release(self, job_ids: Collection[JobId]) -> None:
        """Take jobs out of quarantine: their objects are deleted, or their rows are back."""

    async def next_round(self) -> MaintenanceRound:
        """Return where the next round of the sweep begins, without beginning it."""

"""Finished jobs as housekeeping sees them."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from domain.jobs.job import Job, JobId


class RetentionStore(Protocol):
    """Jobs as housekeeping sees them. Every method may raise `DatabaseUnavailable`."""

    async def begin_maintenance(self, pause: timedelta) -> str | None:
        """Return where the last round of the fleet stopped; or None if another began one less than `pause` ago."""

    async def end_maintenance(self, cursor: str) -> None:
        """Remember where this round stopped."""

    async def expire(self, age: timedelta, limit: int) -> Sequence[JobId]:
        """Return jobs that ended longer ago than `age`, those that ended first first; none can be retried any more."""

    async def forget(self, job_ids: Collection[JobId], age: timedelta) -> int:
        """Remove those of the jobs that were expired at `age`; return how many there were."""

    async def find(self, job_ids: Collection[JobId]) -> dict[JobId, Job | None]:
        """Return those of the jobs that there are; None for one that this version cannot read."""

"""Finished jobs as housekeeping sees them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from domain.jobs.job import Job, JobId


class MaintenanceRound(msgspec.Struct, frozen=True):
    """A round of housekeeping.

    Attributes:
        cursor: The key of the object store after which the sweep continues; empty for its first.
        now: The database's clock, by which ages are judged: a worker's may be wrong by hours.
        until: When another worker may have the turn, by the same clock; no two rounds have the same.
    """

    cursor: str
    now: datetime
    until: datetime


class RetentionStore(Protocol):
    """Jobs as housekeeping sees them. Every method may raise `DatabaseUnavailable`."""

    async def begin_maintenance(self, turn: timedelta) -> MaintenanceRound | None:
        """Begin a round, which has the turn for so long; return it, None where another worker has it or is to pause."""

    async def end_maintenance(self, begun: MaintenanceRound, pause: timedelta) -> None:
        """Store the cursor of a round; the next one may begin after a pause.

        Nothing happens if another worker has begun one since.
        """

    async def expire(self, age: timedelta, limit: int, skip: Collection[JobId] = ()) -> Sequence[JobId]:
        """Return jobs that ended longer ago than `age`, or than they are to be kept, without those to `skip`.

        From now on they cannot be retried.
        """

    async def forget(self, job_ids: Collection[JobId], age: timedelta) -> int:
        """Remove those of the jobs that have expired at `age`; return how many there were."""

    async def forget_turns(self, limit: int) -> int:
        """Forget of clients when their last turns were, once that is over; return of how many.

        They are at most `limit` in each line.
        """

    async def give_up_audio(self, age: timedelta, limit: int) -> Sequence[JobId]:
        """Return jobs whose input was refused longer ago than `age`, oldest first.

        From now on they keep no audio and cannot be retried: what is left of it is an orphan.
        """

    async def find(self, job_ids: Collection[JobId]) -> dict[JobId, Job | None]:
        """Return those of the jobs that exist; None for a job that this version cannot read."""

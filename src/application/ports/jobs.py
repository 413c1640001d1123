"""Jobs as the API sees them."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from application.version import VERSION
from domain.error_codes import Code
from domain.errors import MomentError
from domain.jobs.job import Job, JobId


class JobNotFound(MomentError):
    """No job has this id."""

    code = "job_not_found"
    permanent = True

    def __init__(self, job_id: object) -> None:
        super().__init__(f"there is no job {job_id}")


class DatabaseUnavailable(MomentError):
    """The database did not answer; the same call may succeed later."""

    code: Code = "database_unavailable"


class TooManyWaiting(MomentError):
    """The client has as many jobs waiting as it may; later there is room for more."""

    code = "too_many_waiting"

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} of your jobs wait already; send the next ones when some of them have begun")


class SchemaOutdated(DatabaseUnavailable):
    """The database lacks tables or columns that this version needs; it has them once it is migrated."""

    code = "schema_outdated"


class JobUnreadable(MomentError):
    """A newer version wrote the job; this one cannot read it."""

    code = "job_unreadable"

    def __init__(self, job_id: object) -> None:
        super().__init__(f"the job {job_id} was written by a newer version; this one ({VERSION}) cannot read it")


class Standing(StrEnum):
    """Where a job stands in the queue.

    Attributes:
        WAITING: A worker may claim it.
        DELAYED: It waits for the time of its next attempt.
        RUNNING: A worker holds it.
        ENDED: It has a final status.
    """

    WAITING = "waiting"
    DELAYED = "delayed"
    RUNNING = "running"
    ENDED = "ended"


class JobView(msgspec.Struct, frozen=True):
    """A job as its musician sees it.

    Attributes:
        progress: What its worker last reported, 0..1.
        waiting_for: The code of what keeps it waiting; empty if it runs, has ended, or only awaits its turn.
        attempt: Counts the claims that were not given back.
        finished_at: When it ended, by the database's clock.
    """

    job: Job
    progress: float
    waiting_for: str = ""
    standing: Standing = Standing.WAITING
    attempt: int = 0
    finished_at: datetime | None = None


class Revision(msgspec.Struct, frozen=True):
    """What of a job changes while it is watched.

    Attributes:
        progress: As in `JobView`.
    """

    version: int
    progress: float


class JobRepository(Protocol):
    """Jobs as the API sees them. Every method may raise `DatabaseUnavailable`."""

    async def add(self, job: Job, most_waiting: int | None = None) -> None:
        """Store a new job; its row is its place in the queue.

        Args:
            most_waiting: How many jobs of its client may wait, this one included; unlimited where it is absent, or the
                client unknown.

        Raises:
            TooManyWaiting: Nothing was stored.
        """

    async def get(self, job_id: JobId) -> JobView:
        """Return the job.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
        """

    async def get_unless_ended(self, job_id: JobId, version: int) -> JobView | None:
        """Return the job, or None if it has ended and its version is this one: what is known of it has not changed.

        Raises:
            JobNotFound, JobUnreadable: As `get`.
        """

    async def owner(self, job_id: JobId) -> str:
        """Return whose job it is: empty if it was sent without a key. Jobs that are being deleted have one, too.

        Raises:
            JobNotFound: There is no such job.
        """

    async def revisions(self, job_ids: Collection[JobId]) -> dict[JobId, Revision]:
        """Return the revisions of those of the jobs that exist; less costly than the jobs."""

    async def cancel(self, job_id: JobId) -> Job:
        """Cancel a waiting job at once, or request it of the worker of a running one; return the job as it is now.

        Idempotent: a job that has ended keeps its final status.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
        """

    async def ping(self) -> None:
        """Return when the database answers and its schema is up to date."""

"""Jobs as the operator sees them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from application.ports.workers import WorkerReport
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus


class JobEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the operator sees it.

    Attributes:
        job: Absent where a newer version wrote it.
        attempt: Claims that were not given back.
        errors: Failures of its own; `max_attempts` of them end it.
        crashes: Workers that were lost while they ran it.
        breaks: Calls in a row that broke the music tools.
        worked: Seconds that it was worked on.
        waiting_for: The code of what it waits for; may be empty.
        due_at: When it can be claimed, or could have been.
        leased_until: When the lease expires; absent if no worker holds the job.
        worker: The worker that holds it, or held it when the lease expired.
        token: Counts its claims.
        expiring: Whether it is being removed: nobody but operators sees it any more.
        finished_at: When it ended, or `EARLIEST` if it is being removed; absent before.
        now: The database's clock.
    """

    id: JobId
    status: JobStatus
    job: Job | None
    priority: int
    attempt: int
    errors: int
    max_attempts: int
    crashes: int
    breaks: int
    worked: float
    waiting_for: str
    due_at: datetime
    leased_until: datetime | None
    worker: str | None
    token: int
    cancel_requested: bool
    expiring: bool
    progress: float
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    now: datetime

    @property
    def lost(self) -> bool:
        """Whether the lease of the worker that held it has expired, and nobody else has it yet."""
        return self.leased_until is not None and self.leased_until <= self.now

    @property
    def place(self) -> "JobPlace":
        """Where it is in the list of all jobs."""
        return JobPlace(self.finished_at or self.created_at, self.id, ended=self.finished_at is not None)


class JobPlace(msgspec.Struct, frozen=True):
    """Where a job is in the list of all jobs: those that have not ended come first.

    Attributes:
        at: When it ended, or was accepted.
    """

    at: datetime
    job_id: JobId
    ended: bool


class JobPage(msgspec.Struct, frozen=True):
    """Jobs of a list.

    Attributes:
        following: After which place the list goes on; absent at its end. A page may be empty although there are others.
    """

    entries: Sequence[JobEntry]
    following: JobPlace | None


class ConversionStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what is made on demand: files in other formats, samples of styles.

    Attributes:
        waiting: What a worker can begin now.
        running: What a worker makes, or tries again within about a minute.
        oldest_waiting: Seconds since the first of the waiting ones was asked for.
        failed_1h: What was given up within the last hour and has not been asked for again.
    """

    waiting: int = 0
    running: int = 0
    oldest_waiting: float = 0.0
    failed_1h: int = 0


class QueueStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the queue; `_1m`, `_1h` and `_1d` count jobs that ended in the last minute, hour and day.

    Attributes:
        waiting: Jobs that can be claimed now.
        delayed: Jobs that wait for a retry.
        running: Jobs under a lease.
        lost: Jobs whose lease expired and that no worker has claimed since; they count as waiting, too.
        oldest_waiting: Seconds since the first of the waiting jobs could be claimed.
        waiting_for: How many jobs wait for what, by its code.
        unfinished: How many jobs there are in each state that is not final; those without any are left out.
        failed_for: How many jobs failed within a day, by the code of the error.
        workers: Those that reported within the last 30 s.
        paused: The kinds of moments that an operator has paused.
        conversions: The queue of what is made on demand.
        counted_at: When the jobs were counted: of a long queue, up to a minute ago.
    """

    counted_at: datetime
    waiting: int
    delayed: int
    running: int
    lost: int
    oldest_waiting: float
    completed_1m: int
    completed_1h: int
    completed_1d: int
    failed_1m: int
    failed_1h: int
    failed_1d: int
    cancelled_1d: int
    waiting_for: dict[str, int] = {}
    unfinished: dict[JobStatus, int] = {}
    failed_for: dict[str, int] = {}
    workers: tuple[WorkerReport, ...] = ()
    paused: tuple[OutputKind, ...] = ()
    conversions: ConversionStats = ConversionStats()


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs an operator means; what is absent does not matter.

    Attributes:
        code: Of the error that ended it, or of what it waits for.
        worker: Which worker holds it.
        since: Only jobs that were accepted after this time.
        leased: Only jobs that a worker holds now.
    """

    status: JobStatus | None = None
    code: str | None = None
    worker: str | None = None
    since: datetime | None = None
    leased: bool = False

    @property
    def is_selective(self) -> bool:
        """Whether not all jobs are meant."""
        return self != JobFilter()


class JobAdmin(Protocol):
    """Jobs as the operator sees them. Every method may raise `DatabaseUnavailable`."""

    async def list_jobs(self, which: JobFilter, limit: int, after: JobPlace | None = None) -> JobPage:
        """Return jobs: unfinished ones first, then newest first; of those that come after a place, if there is one.

        Fewer than `limit` may come where few are wanted of many; the page then says where the list goes on.
        """

    async def show(self, job_id: JobId) -> JobEntry:
        """Return one job.

        Raises:
            JobNotFound: There is no such job.
        """

    async def retry(self, job_id: JobId) -> Job:
        """Queue a failed job again, with its attempts reset; return it as it is now.

        Raises:
            JobNotFound: There is no such job, or it has expired.
            IllegalTransition: The job did not fail, or its recording was deleted.
            JobUnreadable: A newer version wrote it.
        """

    async def delete(self, job_id: JobId) -> None:
        """Let a job that has ended expire now: retention removes it with its objects.

        Raises:
            JobNotFound: There is no such job, or it has not ended, or is being removed.
        """

    async def pause(self, kinds: Collection[OutputKind]) -> None:
        """Let workers claim no more of these kinds of moments."""

    async def resume(self, kinds: Collection[OutputKind]) -> None:
        """Let workers claim these kinds of moments again."""

    async def stats(self) -> QueueStats:
        """Return the counts: of a queue that takes long to count, those of a minute ago at most."""

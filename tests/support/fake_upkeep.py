"""Retention and administration of jobs in memory, over the rows of `InMemoryJobs`."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.job_admin import ConversionStats, JobEntry, JobFilter, JobPage, JobPlace, QueueStats
from application.ports.jobs import JobNotFound
from application.ports.maintenance import MaintenanceRound
from application.times import EARLIEST
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import AudioRemoved, JobStatus, Retried
from tests.support.fake_conversions import InMemoryConversions
from tests.support.fake_faults import Faults, faulty
from tests.support.fake_queue import InMemoryJobs, Row

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class InMemoryUpkeep:
    """Implements `RetentionStore` and `JobAdmin`.

    Attributes:
        cursor: Where the last round of maintenance stopped.
        unreadable: Jobs that `find` returns as None, as if another version had written them.
    """

    def __init__(self, jobs: InMemoryJobs, clock: Clock, conversions: InMemoryConversions | None = None) -> None:
        self._jobs = jobs
        self._conversions = conversions
        self._rows = jobs.rows
        self._paused = jobs.paused
        self._clock = clock
        self._due_at = clock()
        self.cursor = ""
        self.unreadable: set[JobId] = set()
        self.faults = Faults()

    @faulty
    async def begin_maintenance(self, turn: timedelta) -> MaintenanceRound | None:
        if self._clock() < self._due_at:
            return None
        self._due_at = self._clock() + turn
        return MaintenanceRound(self.cursor, self._clock(), self._due_at)

    @faulty
    async def end_maintenance(self, begun: MaintenanceRound, pause: timedelta) -> None:
        if begun.until == self._due_at:
            self.cursor, self._due_at = begun.cursor, self._clock() + pause

    @faulty
    async def expire(self, age: timedelta, limit: int, skip: Collection[JobId] = ()) -> Sequence[JobId]:
        expired = [job_id for job_id in self._expired(age) if job_id not in skip][:limit]
        for job_id in expired:
            self._rows[job_id].expiring = True
        return expired

    @faulty
    async def forget(self, job_ids: Collection[JobId], age: timedelta) -> int:
        gone = [job_id for job_id in self._expired(age) if job_id in job_ids and self._rows[job_id].expiring]
        for job_id in gone:
            del self._rows[job_id]
        return len(gone)

    @faulty
    async def forget_turns(self, limit: int) -> int:
        return self._jobs.forget_turns(limit)

    @faulty
    async def give_up_audio(self, age: timedelta, limit: int) -> Sequence[JobId]:
        refused = [job_id for job_id in self._over(age) if self._rows[job_id].job.refused]
        refused = [job_id for job_id in refused if self._rows[job_id].job.keeps_objects][:limit]
        for job_id in refused:
            self._rows[job_id].job = self._rows[job_id].job.on(AudioRemoved(), self._clock())
        return refused

    @faulty
    async def find(self, job_ids: Collection[JobId]) -> dict[JobId, Job | None]:
        found = [job_id for job_id in job_ids if job_id in self._rows]
        return {job_id: None if job_id in self.unreadable else self._rows[job_id].job for job_id in found}

    @faulty
    async def list_jobs(self, which: JobFilter, limit: int, after: JobPlace | None = None) -> JobPage:
        rows = [row for row in self._rows.values() if self._is_meant(row, which)]
        held = [row for row in rows if not row.finished_at and _leased(row, self._clock())] if which.leased else rows
        entries = sorted((self._entry(row) for row in held), key=lambda entry: _rank(entry.place), reverse=True)
        rest = [entry for entry in entries if after is None or _rank(entry.place) < _rank(after)]
        return JobPage(rest[:limit], rest[limit - 1].place if len(rest) > limit else None)

    @faulty
    async def show(self, job_id: JobId) -> JobEntry:
        return self._entry(self._row(job_id))

    @faulty
    async def retry(self, job_id: JobId) -> Job:
        row, now = self._row(job_id), self._clock()
        if row.expiring:
            raise JobNotFound(job_id)
        retried = row.job.on(Retried(), now)
        self._jobs.take_turn(row)
        row.job, row.priority, row.deadline = retried, min(row.priority, 0), None
        row.attempt, row.errors, row.crashes, row.breaks, row.worked = 0, 0, 0, 0, timedelta(0)
        row.progress, row.run_at, row.queued_at, row.reason = 0.0, now, now, ""
        row.cancel_requested, row.finished_at, row.updated_at = False, None, now
        return row.job

    @faulty
    async def delete(self, job_id: JobId) -> None:
        row = self._row(job_id)
        if row.finished_at is None or row.expiring:
            raise JobNotFound(job_id)
        row.expiring, row.finished_at = True, EARLIEST

    @faulty
    async def pause(self, kinds: Collection[OutputKind]) -> None:
        self._paused.update(kinds)

    @faulty
    async def resume(self, kinds: Collection[OutputKind]) -> None:
        self._paused.difference_update(kinds)

    @faulty
    async def stats(self) -> QueueStats:
        now = self._clock()
        free = [row for row in self._rows.values() if not row.finished_at and not _leased(row, now)]
        due = [row for row in free if row.run_at <= now]
        return QueueStats(
            counted_at=now,
            waiting=len(due),
            delayed=len(free) - len(due),
            running=sum(not row.finished_at and _leased(row, now) for row in self._rows.values()),
            lost=sum(row.worker is not None for row in free),
            oldest_waiting=max(((now - row.run_at).total_seconds() for row in due), default=0.0),
            completed_1m=self._ended(JobStatus.COMPLETED, MINUTE),
            completed_1h=self._ended(JobStatus.COMPLETED, HOUR),
            completed_1d=self._ended(JobStatus.COMPLETED, DAY),
            failed_1m=self._ended(JobStatus.FAILED, MINUTE),
            failed_1h=self._ended(JobStatus.FAILED, HOUR),
            failed_1d=self._ended(JobStatus.FAILED, DAY),
            cancelled_1d=self._ended(JobStatus.CANCELLED, DAY),
            waiting_for=Counter(row.reason for row in free if row.reason),
            unfinished=Counter(row.job.status for row in self._rows.values() if not row.finished_at),
            failed_for=Counter(row.reason for row in self._failed(DAY) if row.reason),
            paused=tuple(sorted(self._paused)),
            conversions=self._count_conversions(now),
        )

    def _count_conversions(self, now: datetime) -> ConversionStats:
        rows = list(self._conversions.rows.values()) if self._conversions else []
        open_rows = [row for row in rows if not row.failed_at]
        waiting = [row for row in open_rows if row.run_at <= now]
        return ConversionStats(
            waiting=len(waiting),
            running=len(open_rows) - len(waiting),
            oldest_waiting=max(((now - row.requested_at).total_seconds() for row in waiting), default=0.0),
            failed_1h=sum(row.failed_at is not None and row.failed_at > now - HOUR for row in rows),
        )

    def _expired(self, age: timedelta) -> list[JobId]:
        ages = {job_id: min(age, row.job.request.kept or age) for job_id, row in self._rows.items()}
        return [job_id for job_id in self._over(timedelta(0)) if job_id in self._over(ages[job_id])]

    def _over(self, age: timedelta) -> list[JobId]:
        ended = [(row.finished_at, row.job.id) for row in self._rows.values() if row.finished_at]
        return [job_id for at, job_id in sorted(ended) if at < self._clock() - age]

    def _ended(self, status: JobStatus, within: timedelta) -> int:
        since = self._clock() - within
        rows = [row for row in self._rows.values() if row.job.status is status]
        return sum(row.finished_at is not None and row.finished_at > since for row in rows)

    def _failed(self, within: timedelta) -> list[Row]:
        since = self._clock() - within
        rows = [row for row in self._rows.values() if row.finished_at and row.finished_at > since]
        return [row for row in rows if row.job.status is JobStatus.FAILED]

    def _row(self, job_id: JobId) -> Row:
        if job_id not in self._rows:
            raise JobNotFound(job_id)
        return self._rows[job_id]

    def _current(self, row: Row) -> timedelta:
        return self._clock() - row.claimed_at if row.lease_expires_at and row.claimed_at else timedelta(0)

    def _waits_for(self, row: Row) -> str:
        if row.finished_at or _leased(row, self._clock()):
            return ""
        return "jobs_paused" if row.job.request.output_kind in self._paused else row.reason

    def _is_meant(self, row: Row, which: JobFilter) -> bool:
        return (
            which.status in {None, row.job.status}
            and which.code in {None, row.reason if row.finished_at else self._waits_for(row)}
            and which.worker in {None, row.worker}
            and (which.since is None or row.created_at >= which.since)
        )

    def _entry(self, row: Row) -> JobEntry:
        return JobEntry(
            id=row.job.id,
            status=row.job.status,
            job=None if row.unreadable else row.job,
            errors=row.errors,
            crashes=row.crashes,
            breaks=row.breaks,
            worked=(row.worked + self._current(row)).total_seconds(),
            waiting_for=self._waits_for(row),
            priority=row.priority,
            attempt=row.attempt,
            max_attempts=row.max_attempts,
            due_at=row.run_at,
            leased_until=row.lease_expires_at,
            worker=row.worker,
            token=row.token,
            cancel_requested=row.cancel_requested,
            expiring=row.expiring,
            progress=row.progress,
            created_at=row.created_at,
            updated_at=row.updated_at,
            finished_at=row.finished_at,
            now=self._clock(),
        )


def _rank(place: JobPlace) -> tuple[bool, datetime, JobId]:
    return not place.ended, place.at, place.job_id


def _leased(row: Row, now: datetime) -> bool:
    return row.lease_expires_at is not None and row.lease_expires_at > now

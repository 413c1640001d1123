"""The job repository and queue in memory: the rules of the Postgres adapter, with a clock that tests set."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

import msgspec

from application.ports.clock import Clock
from application.ports.jobs import JobNotFound
from application.ports.queue import Claim, HeartbeatResult, Lease, LeaseLost
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Cancelled, JobStatus
from tests.support.fake_faults import Faults, faulty


class Row(msgspec.Struct):
    """The columns of a job in Postgres."""

    job: Job
    run_at: datetime
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    worker: str | None = None
    priority: int = 0
    attempt: int = 0
    max_attempts: int = 3
    token: int = 0
    lease_expires_at: datetime | None = None
    cancel_requested: bool = False
    expiring: bool = False
    progress: float = 0.0

    def due(self, now: datetime) -> bool:
        """Return whether a worker may claim it."""
        expired = self.lease_expires_at is None or self.lease_expires_at <= now
        return not self.job.status.terminal and self.run_at <= now and expired

    def held_by(self, lease: Lease) -> bool:
        """Return whether the lease may write."""
        return self.token == lease.token and self.lease_expires_at is not None and not self.job.status.terminal


class InMemoryJobs:
    """Implements `JobRepository` and `JobQueue`.

    Attributes:
        rows: What Postgres has in its table; tests may change it.
        claim_limit: The most jobs that one claim returns, as if other workers had locked the rest.
    """

    def __init__(self, clock: Clock = lambda: datetime.now(UTC), *, lease_seconds: float = 30.0) -> None:
        self.rows: dict[JobId, Row] = {}
        self.faults = Faults()
        self.claim_limit: int | None = None
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)

    @faulty
    async def add(self, job: Job) -> None:
        now = self._clock()
        self.rows[job.id] = Row(job=job, run_at=now, created_at=now, updated_at=now)

    @faulty
    async def get(self, job_id: JobId) -> tuple[Job, float]:
        row = self._row(job_id)
        return row.job, row.progress

    @faulty
    async def cancel(self, job_id: JobId) -> Job:
        row, now = self._row(job_id), self._clock()
        if row.job.status.terminal:
            return row.job
        row.cancel_requested = True
        if row.lease_expires_at is None or row.lease_expires_at <= now:
            self._write(row, row.job.on(Cancelled(), now))
        return row.job

    @faulty
    async def ping(self) -> None:
        """Always succeed."""

    @faulty
    async def claim(self, worker: str, free_slots: int) -> Sequence[Claim]:
        now = self._clock()
        due = (row for row in sorted(self.rows.values(), key=_order) if row.due(now))
        limit = max(free_slots, 0) if self.claim_limit is None else min(free_slots, self.claim_limit)
        return [self._claim(row, now, worker) for row in list(islice(due, limit))]

    @faulty
    async def save(self, lease: Lease, job: Job) -> None:
        row = self._leased(lease)
        if row.held_by(lease) and row.job.version < job.version:
            row.lease_expires_at = self._clock() + self._lease
            self._write(row, job)
        elif row.job != job:
            raise LeaseLost("the lease is gone")

    @faulty
    async def heartbeat(self, leases: Collection[Lease], progress: dict[JobId, float]) -> Sequence[HeartbeatResult]:
        results = []
        for lease in leases:
            row = self.rows.get(lease.job_id)
            if row is not None and row.held_by(lease):
                row.lease_expires_at = self._clock() + self._lease
                row.progress = progress.get(lease.job_id, row.progress)
                results.append(HeartbeatResult(job_id=lease.job_id, cancel_requested=row.cancel_requested))
        return results

    @faulty
    async def retry(self, lease: Lease, after: timedelta) -> None:
        row = self._leased(lease)
        if row.held_by(lease):
            row.lease_expires_at = row.worker = None
            row.run_at = self._clock() + (timedelta(0) if row.cancel_requested else after)
            row.priority += 1
        elif row.job.status.terminal:
            raise LeaseLost("the lease is gone")

    @faulty
    async def release(self, leases: Collection[Lease]) -> None:
        for lease in leases:
            row = self.rows.get(lease.job_id)
            if row is not None and row.held_by(lease):
                row.lease_expires_at = row.worker = None
                row.attempt -= 1

    def _claim(self, row: Row, now: datetime, worker: str) -> Claim:
        row.worker = worker
        row.attempt += 1
        row.token += 1
        row.lease_expires_at = now + self._lease
        lease = Lease(job_id=row.job.id, token=row.token)
        return Claim(row.job, lease, row.attempt, row.max_attempts, row.cancel_requested)

    def _write(self, row: Row, job: Job) -> None:
        row.job = job
        if job.status.terminal:
            row.lease_expires_at = row.worker = None
            row.finished_at = self._clock()
            row.progress = 1.0 if job.status is JobStatus.COMPLETED else row.progress

    def _leased(self, lease: Lease) -> Row:
        row = self.rows.get(lease.job_id)
        if row is None or row.token != lease.token:
            raise LeaseLost("the lease is gone")
        return row

    def _row(self, job_id: JobId) -> Row:
        if job_id not in self.rows:
            raise JobNotFound(job_id)
        return self.rows[job_id]


def _order(row: Row) -> tuple[int, datetime, JobId]:
    return -row.priority, row.run_at, row.job.id

"""The job repository and queue in memory: the rules of the Postgres adapter, with a clock that tests set."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

import msgspec

from application.ports.clock import Clock
from application.ports.jobs import JobNotFound, JobView, Revision, Standing
from application.ports.queue import Claim, ClaimRequest, HeartbeatResult, Lease, LeaseLost
from domain.blueprints.blueprint import OutputKind
from domain.jobs.attempts import ALONE_AFTER, Charge
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Cancelled, JobStatus
from tests.support.fake_faults import Faults, faulty
from tests.support.fake_usage import Counts


class Row(msgspec.Struct):
    """The columns of a job in Postgres."""

    job: Job
    run_at: datetime
    created_at: datetime
    updated_at: datetime
    queued_at: datetime
    finished_at: datetime | None = None
    worker: str | None = None
    priority: int = 0
    attempt: int = 0
    max_attempts: int = 3
    errors: int = 0
    crashes: int = 0
    breaks: int = 0
    worked: timedelta = timedelta(0)
    claimed_at: datetime | None = None
    reason: str = ""
    unreadable: bool = False
    token: int = 0
    lease_expires_at: datetime | None = None
    cancel_requested: bool = False
    expiring: bool = False
    progress: float = 0.0

    def due(self, now: datetime) -> bool:
        """Return whether a worker may claim it."""
        expired = self.lease_expires_at is None or self.lease_expires_at <= now
        return not self.job.status.terminal and self.run_at <= now and expired

    @property
    def suspect(self) -> bool:
        """Return whether a worker was lost while it ran the job, or it may be what breaks the tools."""
        return self.crashes > 0 or self.lease_expires_at is not None or self.runs_alone

    @property
    def runs_alone(self) -> bool:
        """Return whether it may be what breaks the tools."""
        return self.breaks >= ALONE_AFTER

    def held_by(self, lease: Lease) -> bool:
        """Return whether the lease may write."""
        return self.token == lease.token and self.lease_expires_at is not None and not self.job.status.terminal


class InMemoryJobs:
    """Implements `JobRepository` and `JobQueue`.

    Attributes:
        rows: What Postgres has in its table; tests may change it.
        paused: The kinds that an operator has paused.
        counts: What owners have used.
        claim_limit: The most jobs that one claim returns, as if other workers had locked the rest.
    """

    def __init__(
        self,
        clock: Clock = lambda: datetime.now(UTC),
        *,
        lease_seconds: float = 30.0,
        max_age: timedelta = timedelta(days=1),
    ) -> None:
        self.paused: set[OutputKind] = set()
        self._max_age = max_age
        self.rows: dict[JobId, Row] = {}
        self.faults = Faults()
        self.claim_limit: int | None = None
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self.counts = Counts(clock)

    @faulty
    async def add(self, job: Job) -> None:
        now = self._clock()
        ended = now if job.status.terminal else None
        row = Row(job=job, run_at=now, created_at=now, updated_at=now, queued_at=now, finished_at=ended)
        if job.request.owner and job.id not in self.rows:
            self.counts.add(job.request.owner)
        self.rows.setdefault(job.id, row)

    @faulty
    async def get(self, job_id: JobId) -> JobView:
        row = self._row(job_id)
        waits = not (row.job.status.terminal or row.lease_expires_at)
        paused = "jobs_paused" if row.job.request.output_kind in self.paused else row.reason
        return JobView(
            row.job, row.progress, paused if waits else "", self._standing(row), row.attempt, row.finished_at
        )

    @faulty
    async def owner(self, job_id: JobId) -> str:
        if (row := self.rows.get(job_id)) is None:
            raise JobNotFound(job_id)
        return row.job.request.owner

    @faulty
    async def revisions(self, job_ids: Collection[JobId]) -> dict[JobId, Revision]:
        rows = [row for job_id in job_ids if (row := self.rows.get(job_id)) and not row.expiring]
        return {row.job.id: Revision(row.job.version, row.progress) for row in rows}

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
    async def claim(self, request: ClaimRequest) -> Sequence[Claim]:
        now = self._clock()
        due = (row for row in sorted(self.rows.values(), key=order_of_claims) if self._claimable(row, request, now))
        slots = max(request.slots, 0)
        limit = slots if self.claim_limit is None else min(slots, self.claim_limit)
        rows = list(islice(due, limit))
        suspects = [row for row in rows if row.suspect]
        claims = [self._claim(row, now, request.worker) for row in suspects[:1] or rows]
        for claim in claims:
            if self.rows[claim.job.id].unreadable:
                await self.retry(claim.lease, timedelta(minutes=1), Charge.NOTHING, "job_unreadable")
        return [claim for claim in claims if not self.rows[claim.job.id].unreadable]

    @faulty
    async def return_lost_claims(self, worker: str, held: Collection[JobId]) -> int:
        lost = [row for row in self.rows.values() if row.worker == worker and row.lease_expires_at]
        lost = [row for row in lost if row.job.id not in held]
        for row in lost:
            row.lease_expires_at = row.worker = None
            row.attempt -= 1
        return len(lost)

    @faulty
    async def save(self, lease: Lease, job: Job) -> None:
        row = self._leased(lease)
        if row.held_by(lease) and row.job.version < job.version:
            row.lease_expires_at = self._clock() + self._lease
            row.breaks = row.breaks if row.job.status is job.status else 0
            if job.request.owner and job.status is JobStatus.COMPLETED:
                self.counts.row(job.request.owner).seconds += job.music_seconds
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
    async def retry(self, lease: Lease, after: timedelta, charge: Charge = Charge.ERROR, waiting_for: str = "") -> None:
        row = self._leased(lease)
        if row.held_by(lease):
            row.run_at = self._clock() + (timedelta(0) if row.cancel_requested else after)
            row.priority = max(row.priority, 1)
            row.errors += charge is Charge.ERROR
            row.breaks += charge is Charge.BREAK
            row.attempt -= charge is not Charge.ERROR
            row.reason = waiting_for
            self._let_go(row, counts=charge in {Charge.TIME, Charge.ERROR})
        elif row.job.status.terminal:
            raise LeaseLost("the lease is gone")

    @faulty
    async def release(self, leases: Collection[Lease]) -> None:
        for lease in leases:
            row = self.rows.get(lease.job_id)
            if row is not None and row.held_by(lease):
                row.attempt -= 1
                row.priority = max(row.priority, 0 if row.job.status is JobStatus.PENDING else 1)
                self._let_go(row, counts=True)

    def _let_go(self, row: Row, *, counts: bool) -> None:
        if counts and row.claimed_at:
            row.worked += self._clock() - row.claimed_at
        row.lease_expires_at = row.worker = None

    def _claimable(self, row: Row, request: ClaimRequest, now: datetime) -> bool:
        ends = row.cancel_requested or row.queued_at < now - self._max_age
        kind = row.job.request.output_kind
        wanted = kind in request.kinds and kind not in self.paused
        possible = (request.suspects or not row.suspect) and not (row.runs_alone and self._one_runs_alone(now))
        return row.due(now) and (wanted or ends) and possible

    def _one_runs_alone(self, now: datetime) -> bool:
        leased = [row for row in self.rows.values() if row.lease_expires_at and row.lease_expires_at > now]
        return any(row.runs_alone and not row.job.status.terminal for row in leased)

    def _claim(self, row: Row, now: datetime, worker: str) -> Claim:
        lost_worker = row.worker or "" if row.lease_expires_at else ""
        if row.lease_expires_at:
            row.crashes += 1
            row.worked += row.lease_expires_at - (row.claimed_at or now)
        row.worker = worker
        row.attempt += 1
        row.token += 1
        row.reason = ""
        row.lease_expires_at, row.claimed_at = now + self._lease, now
        return Claim(
            job=row.job,
            lease=Lease(job_id=row.job.id, token=row.token),
            worker=worker,
            attempt=row.attempt,
            errors=row.errors,
            max_attempts=row.max_attempts,
            crashes=row.crashes,
            breaks=row.breaks,
            lost_worker=lost_worker,
            worked=row.worked,
            claimed_at=now,
            expired=row.queued_at < now - self._max_age,
            cancel_requested=row.cancel_requested,
        )

    def _write(self, row: Row, job: Job) -> None:
        row.job = job
        if job.status.terminal:
            row.worked += self._clock() - row.claimed_at if row.claimed_at and row.lease_expires_at else timedelta(0)
            row.lease_expires_at = row.worker = None
            row.reason = job.error.code if job.error else ""
            row.finished_at = self._clock()
            row.progress = 1.0 if job.status is JobStatus.COMPLETED else row.progress

    def _leased(self, lease: Lease) -> Row:
        row = self.rows.get(lease.job_id)
        if row is None or row.token != lease.token:
            raise LeaseLost("the lease is gone")
        return row

    def _standing(self, row: Row) -> Standing:
        now = self._clock()
        if row.job.status.terminal:
            return Standing.ENDED
        if row.lease_expires_at is not None and row.lease_expires_at > now:
            return Standing.RUNNING
        return Standing.DELAYED if row.run_at > now else Standing.WAITING

    def _row(self, job_id: JobId) -> Row:
        if job_id not in self.rows or self.rows[job_id].expiring:
            raise JobNotFound(job_id)
        return self.rows[job_id]


def order_of_claims(row: Row) -> tuple[int, datetime, JobId]:
    """Return what claims sort by."""
    return -row.priority, row.run_at, row.job.id

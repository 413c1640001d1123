"""The job repository and queue in memory: the rules of the Postgres adapter, with a clock that tests set."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from math import inf

import msgspec

from application.ports.clock import Clock
from application.ports.jobs import JobNotFound, JobView, Revision, Standing, TooManyWaiting
from application.ports.queue import Claim, ClaimRequest, HeartbeatResult, Lease, LeaseLost
from domain.blueprints.blueprint import OutputKind
from domain.jobs.attempts import ALONE_AFTER, Charge
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Cancelled, JobStatus
from domain.jobs.turns import interleaved
from tests.support.fake_faults import Faults, faulty
from tests.support.fake_usage import Counts

Line = tuple[bool, OutputKind]
"""Whether it is not urgent, and the kind: lines sort in the order in which they go."""


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
    turn: float = 0.0
    deadline: datetime | None = None
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
        return self.free(now) and self.run_at <= now

    def free(self, now: datetime) -> bool:
        """Return whether it has not ended and nobody holds it."""
        expired = self.lease_expires_at is None or self.lease_expires_at <= now
        return not self.job.status.terminal and expired

    def overdue(self, now: datetime) -> bool:
        """Return whether its deadline has passed."""
        return self.deadline is not None and self.deadline <= now

    @property
    def line(self) -> Line:
        """Return where it waits while it was not begun."""
        return not self.job.request.urgent, self.job.request.output_kind

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
        finishes: By line and client, the earliest turn of the next job.
        first_claims: How many new jobs were claimed.
    """

    def __init__(
        self,
        clock: Clock = lambda: datetime.now(UTC),
        *,
        lease_seconds: float = 30.0,
        max_age: timedelta = timedelta(days=1),
    ) -> None:
        self.paused: set[OutputKind] = set()
        self.finishes: dict[tuple[Line, str], float] = {}
        self.first_claims = 0
        self._max_age = max_age
        self.rows: dict[JobId, Row] = {}
        self.faults = Faults()
        self.claim_limit: int | None = None
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self.counts = Counts(clock)

    @faulty
    async def add(self, job: Job, most_waiting: int | None = None) -> None:
        now, client = self._clock(), job.request.client
        if most_waiting is not None and client and self._waiting_of(client, now) >= most_waiting:
            raise TooManyWaiting(most_waiting)
        ended = now if job.status.terminal else None
        row = Row(job=job, run_at=now, created_at=now, updated_at=now, queued_at=now, finished_at=ended)
        if job.request.owner and job.id not in self.rows:
            self.counts.add(job.request.owner)
        row.deadline = job.request.deadline
        self.take_turn(row)
        self.rows.setdefault(job.id, row)

    def take_turn(self, row: Row) -> None:
        """Give a job that was not begun its place."""
        client = row.job.request.client
        row.turn = max(self._reached(row.line), self.finishes.get((row.line, client), 0.0) if client else 0.0)
        if client:
            self.finishes[row.line, client] = row.turn + 1

    def _reached(self, line: Line) -> float:
        rows = [row for row in self.rows.values() if row.line == line and row.priority == 0 and row.turn < inf]
        waiting = [row.turn for row in rows if not row.job.status.terminal and row.lease_expires_at is None]
        finishes = (finish for (of, _), finish in self.finishes.items() if of == line)
        return min(waiting, default=max(finishes, default=0.0))

    def forget_turns(self, limit: int) -> int:
        """Forget what lines have passed."""
        over = [key for key, finish in self.finishes.items() if finish < self._reached(key[0])]
        for key in over[:limit]:
            del self.finishes[key]
        return len(over[:limit])

    def _waiting_of(self, client: str, now: datetime) -> int:
        return sum(row.job.request.client == client and row.free(now) for row in self.rows.values())

    def in_order(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Return jobs in the order in which they are claimed."""
        by_age = sorted(rows, key=lambda row: (-row.priority, row.run_at, row.job.id))
        with_turns = [row for row in by_age if row.priority == 0 and row.turn < inf]
        by_turn = [row.job.id for row in sorted(with_turns, key=lambda row: (row.line, row.turn, row.run_at))]
        new = interleaved(by_turn, [row.job.id for row in by_age if row.priority == 0], self.first_claims)
        first = (row for row in by_age if row.priority > 0)
        last = (row for row in by_age if row.priority < 0)
        return chain(first, (self.rows[job_id] for job_id in new), last)

    @faulty
    async def get(self, job_id: JobId) -> JobView:
        row = self._row(job_id)
        waits = not (row.job.status.terminal or row.lease_expires_at)
        paused = "jobs_paused" if row.job.request.output_kind in self.paused else row.reason
        return JobView(
            row.job, row.progress, paused if waits else "", self._standing(row), row.attempt, row.finished_at
        )

    @faulty
    async def get_unless_ended(self, job_id: JobId, version: int) -> JobView | None:
        view = await self.get(job_id)
        return None if view.job.status.terminal and view.job.version == version else view

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
        possible = [row for row in self.rows.values() if self._claimable(row, request, now)]
        overdue = sorted((row for row in possible if row.overdue(now)), key=lambda row: str(row.deadline))
        due = chain(overdue, self.in_order(row for row in possible if not row.overdue(now)))
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
            if waiting_for == "job_unreadable":
                row.turn = inf
            else:
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
        due = row.due(now) and (wanted or ends)
        return (due or (row.free(now) and row.overdue(now))) and possible

    def _one_runs_alone(self, now: datetime) -> bool:
        leased = [row for row in self.rows.values() if row.lease_expires_at and row.lease_expires_at > now]
        return any(row.runs_alone and not row.job.status.terminal for row in leased)

    def _claim(self, row: Row, now: datetime, worker: str) -> Claim:
        lost_worker = row.worker or "" if row.lease_expires_at else ""
        if row.lease_expires_at:
            row.crashes += 1
            row.worked += row.lease_expires_at - (row.claimed_at or now)
        self.first_claims += row.priority == 0
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
            deadline=row.deadline,
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

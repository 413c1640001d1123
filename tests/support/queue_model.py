"""A model of the queue: what must be true of each job, whatever happened before, in the simplest terms."""

from collections.abc import Collection
from math import inf

import msgspec

from application.ports.queue import Claim, ClaimRequest, Lease
from domain.blueprints.blueprint import OutputKind
from domain.jobs.attempts import ALONE_AFTER, Charge
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus

LEASE = 30.0
MAX_AGE = 86_400.0


class ModelJob(msgspec.Struct):
    """What the model knows about a job; times are seconds of its own clock."""

    job: Job
    due_at: float
    queued_at: float
    token: int = 0
    leased_until: float | None = None
    worker: str | None = None
    errors: int = 0
    crashes: int = 0
    breaks: int = 0
    begun: bool = False
    deadline: float = inf
    cancel_requested: bool = False

    @property
    def suspect(self) -> bool:
        return self.crashes > 0 or self.leased_until is not None or self.runs_alone

    @property
    def runs_alone(self) -> bool:
        return self.breaks >= ALONE_AFTER

    @property
    def kind(self) -> OutputKind:
        return self.job.request.output_kind

    def is_held_by(self, lease: Lease) -> bool:
        return self.token == lease.token and self.leased_until is not None


class QueueModel:
    """All jobs, and the rules."""

    def __init__(self) -> None:
        self.now = 0.0
        self.jobs: dict[JobId, ModelJob] = {}
        self.paused: set[OutputKind] = set()

    def add(self, job: Job, deadline: float = inf) -> None:
        self.jobs[job.id] = ModelJob(job, due_at=self.now, queued_at=self.now, deadline=deadline)

    def line(self) -> set[JobId]:
        """Return the jobs that wait for a worker, whatever kinds the workers can make."""
        return {job_id for job_id, job in self.jobs.items() if self._is_due(job)}

    def claimable(self, request: ClaimRequest) -> list[ModelJob]:
        """Return what a claim may return."""
        return [job for job in self.jobs.values() if self._is_claimable(job, request)]

    def _is_due(self, job: ModelJob) -> bool:
        return self._is_free(job) and job.due_at <= self.now

    def _is_free(self, job: ModelJob) -> bool:
        return not job.job.status.terminal and (job.leased_until is None or job.leased_until <= self.now)

    def _is_overdue(self, job: ModelJob) -> bool:
        return self._is_free(job) and job.deadline <= self.now

    def _is_claimable(self, job: ModelJob, request: ClaimRequest) -> bool:
        due = self._is_due(job)
        wanted = job.kind in request.kinds and job.kind not in self.paused
        barred = (job.suspect and not request.suspects) or (job.runs_alone and self._one_runs_alone())
        meant = due and (wanted or job.cancel_requested or self._expired(job))
        return (meant or self._is_overdue(job)) and not barred

    def _one_runs_alone(self) -> bool:
        leased = [job for job in self.jobs.values() if job.leased_until is not None and job.leased_until > self.now]
        return any(job.runs_alone for job in leased)

    def _expired(self, job: ModelJob) -> bool:
        return job.queued_at < self.now - MAX_AGE

    def check_claims(self, request: ClaimRequest, claims: Collection[Claim]) -> None:
        """Check what a claim returned, before the model takes it over."""
        possible = {job.job.id: job for job in self.claimable(request)}
        claimed = [possible[claim.job.id] for claim in claims]  # a KeyError: it was not to be had
        if any(job.suspect for job in claimed):
            assert len(claimed) == 1, "a suspect is claimed alone"
        else:
            assert len(claimed) == min(request.slots, len(possible)), "no slot stays free while there is work"
            left = [job for key, job in possible.items() if key not in {claim.job.id for claim in claims}]
            new = [job for job in claimed if not job.begun and not self._is_overdue(job)]
            assert not new or not any(job.begun for job in left), "begun jobs go first"
            assert not any(self._is_overdue(job) for job in left) or all(map(self._is_overdue, claimed))
        for claim in claims:
            self._check_claim(possible[claim.job.id], claim)

    def _check_claim(self, job: ModelJob, claim: Claim) -> None:
        lost = job.leased_until is not None
        assert claim.job == job.job
        assert claim.lease.token == job.token + 1
        assert (claim.errors, claim.crashes, claim.breaks) == (job.errors, job.crashes + lost, job.breaks)
        assert claim.lost_worker == (job.worker or "" if lost else "")
        assert (claim.expired, claim.cancel_requested) == (self._expired(job), job.cancel_requested)

    def take(self, claims: Collection[Claim], worker: str) -> None:
        """Lease the claimed jobs."""
        for claim in claims:
            job = self.jobs[claim.job.id]
            job.crashes += job.leased_until is not None
            job.token += 1
            job.leased_until, job.worker = self.now + LEASE, worker

    def give_back_lost(self, worker: str, held: Collection[JobId]) -> int:
        lost = [job for job in self.jobs.values() if job.worker == worker and job.leased_until is not None]
        lost = [job for job in lost if job.job.id not in held]
        for job in lost:
            job.leased_until = job.worker = None
        return len(lost)

    def save(self, lease: Lease, job: Job) -> bool:
        """Write a job's new version; return whether the lease allows it."""
        row = self.jobs[lease.job_id]
        if not row.is_held_by(lease) or row.job.version >= job.version:
            return row.token == lease.token and row.job == job
        row.breaks = row.breaks if row.job.status is job.status else 0
        row.job = job
        row.leased_until = None if job.status.terminal else self.now + LEASE
        row.worker = None if job.status.terminal else row.worker
        return True

    def beat(self, lease: Lease) -> bool:
        """Renew a lease; return whether it is still held."""
        row = self.jobs[lease.job_id]
        if row.is_held_by(lease):
            row.leased_until = self.now + LEASE
        return row.is_held_by(lease)

    def retry(self, lease: Lease, delay: float, charge: Charge) -> bool:
        """Give a job back; return whether the lease allows it, or did when it was given back."""
        row = self.jobs[lease.job_id]
        if not row.is_held_by(lease):
            return row.token == lease.token and not row.job.status.terminal
        row.errors += charge is Charge.ERROR
        row.breaks += charge is Charge.BREAK
        row.begun = True
        row.due_at = self.now + (0 if row.cancel_requested else delay)
        row.leased_until = row.worker = None
        return True

    def release(self, lease: Lease) -> None:
        row = self.jobs[lease.job_id]
        if row.is_held_by(lease):
            row.begun = row.begun or row.job.status is not JobStatus.PENDING
            row.leased_until = row.worker = None

    def cancel(self, job_id: JobId, cancelled: Job) -> None:
        """Take over what a cancellation returned."""
        row = self.jobs[job_id]
        running = row.leased_until is not None and row.leased_until > self.now
        expected = row.job.status if row.job.status.terminal or running else JobStatus.CANCELLED
        assert cancelled.status is expected
        if not row.job.status.terminal:
            row.cancel_requested = True
        if cancelled.status.terminal:
            row.job, row.leased_until, row.worker = cancelled, None, None

    def retried(self, job: Job) -> None:
        """Take over what an operator's retry returned."""
        row = self.jobs[job.id]
        row.job, row.due_at, row.queued_at = job, self.now, self.now
        row.errors, row.crashes, row.breaks, row.cancel_requested = 0, 0, 0, False
        row.begun, row.deadline = False, inf

"""Random interleavings of everything that workers, clients and operators do, against a model of the queue."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from math import inf
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from adapters.postgres.dsn import normalise
from adapters.postgres.pool import open_pool
from application.ports.queue import Claim, ClaimRequest, LeaseLost
from domain.blueprints.blueprint import OutputKind
from domain.errors import IllegalTransition
from domain.jobs.attempts import Charge
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.database import a_bench
from tests.support.jobs import FAILED, NOW, STARTED, a_job, a_job_that_is
from tests.support.queue_bench import Bench, MemoryBench
from tests.support.queue_model import QueueModel

T = TypeVar("T")

WORKERS = st.sampled_from(["w1", "w2", "w3"])
KINDS = st.sampled_from([list(OutputKind), [OutputKind.PREVIEW], [OutputKind.SONG], []])
CLIENTS = st.sampled_from(["", "a", "b"])
DEADLINES = st.sampled_from([None, None, timedelta(seconds=61)])
JUMPS = st.sampled_from([1.0, 11.0, 47.0, 47.0, 90_000.0])
"""Seconds that pass: no sum of them is a lease, a delay or a day, so that milliseconds of real time do not matter."""


class QueueMachine(RuleBasedStateMachine):
    """Does what anybody might do next, on the queue and on the model."""

    runner: ClassVar[asyncio.Runner]
    bench: ClassVar[Bench]

    jobs = Bundle("jobs")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.model = QueueModel()
        self.clear()

    def clear(self) -> None:
        """Make the queue as empty as the model."""

    def run(self, action: Awaitable[T]) -> T:
        async def act() -> T:
            return await action

        return self.runner.run(act())

    def succeeds(self, action: Awaitable[None]) -> bool:
        try:
            self.run(action)
        except LeaseLost:
            return False
        return True

    @initialize(target=jobs, kinds=st.lists(st.sampled_from(OutputKind), min_size=3, max_size=8))
    def begin_with_a_backlog(self, kinds: list[OutputKind]) -> Any:
        return multiple(*(self.submit(kind) for kind in kinds))

    @rule(target=jobs, kind=st.sampled_from(OutputKind), client=CLIENTS, urgent=st.booleans(), after=DEADLINES)
    def submit(self, kind: OutputKind, client: str = "", urgent: bool = False, after: timedelta | None = None) -> JobId:
        job = a_job(JobId(UUID(int=len(self.model.jobs))), kind=kind)  # examples must repeat exactly
        deadline = None if after is None else self.bench.now() + after
        asked = {"client": client, "urgent": urgent, "deadline": deadline}
        job = msgspec.structs.replace(job, request=msgspec.structs.replace(job.request, **asked))
        self.run(self.bench.jobs.add(job))
        self.model.add(job, inf if after is None else self.model.now + after.total_seconds())
        return job.id

    def _claim(self, request: ClaimRequest) -> list[Claim]:
        claims = list(self.run(self.bench.queue.claim(request)))
        self.model.check_claims(request, claims)
        self.model.take(claims, request.worker)
        return claims

    @rule(target=claims, worker=WORKERS, slots=st.integers(1, 3), kinds=KINDS, suspects=st.booleans())
    def claim(self, worker: str, slots: int, kinds: list[OutputKind], suspects: bool) -> Any:
        return multiple(*self._claim(ClaimRequest(worker=worker, slots=slots, kinds=kinds, suspects=suspects)))

    @rule(target=claims, worker=WORKERS)
    def claim_anything(self, worker: str) -> Any:
        return multiple(*self._claim(ClaimRequest(worker=worker, slots=2)))

    @rule(worker=WORKERS)
    def lose_the_response_to_a_claim(self, worker: str) -> None:
        self._claim(ClaimRequest(worker=worker, slots=2))

    @rule(worker=WORKERS, held=st.lists(claims, max_size=4))
    def give_back_what_was_lost(self, worker: str, held: list[Claim]) -> None:
        ids = {claim.job.id for claim in held}
        returned = self.run(self.bench.queue.return_lost_claims(worker, ids))
        assert returned == self.model.give_back_lost(worker, ids)

    @rule(claim=claims)
    def begin(self, claim: Claim) -> None:
        if claim.job.status is JobStatus.PENDING:
            job = claim.job.on(STARTED, NOW)
            assert self.succeeds(self.bench.queue.save(claim.lease, job)) is self.model.save(claim.lease, job)

    @rule(claim=claims, completes=st.booleans())
    def end(self, claim: Claim, completes: bool) -> None:
        job = a_job_that_is(JobStatus.COMPLETED, claim.job.id) if completes else claim.job
        if not completes and not job.status.terminal:
            job = job.on(FAILED, NOW)
        if not job.status.terminal or job.request.output_kind is not claim.job.request.output_kind:
            return
        assert self.succeeds(self.bench.queue.save(claim.lease, job)) is self.model.save(claim.lease, job)

    @rule(claim=claims)
    def beat(self, claim: Claim) -> None:
        results = self.run(self.bench.queue.heartbeat([claim.lease], {}))
        assert bool(results) is self.model.beat(claim.lease)

    @rule(claim=claims, delay=st.sampled_from([0.0, 61.0]), charge=st.sampled_from(Charge))
    def give_up(self, claim: Claim, delay: float, charge: Charge) -> None:
        after = timedelta(seconds=delay)
        done = self.succeeds(self.bench.queue.retry(claim.lease, after, charge))
        assert done is self.model.retry(claim.lease, delay, charge)

    @rule(claim=consumes(claims))
    def release(self, claim: Claim) -> None:
        self.run(self.bench.queue.release([claim.lease]))
        self.model.release(claim.lease)

    @rule(job_id=jobs)
    def cancel(self, job_id: JobId) -> None:
        self.model.cancel(job_id, self.run(self.bench.jobs.cancel(job_id)))

    @rule(job_id=jobs)
    def retry_as_an_operator(self, job_id: JobId) -> None:
        failed = self.model.jobs[job_id].job.status is JobStatus.FAILED
        try:
            job = self.run(self.bench.job_admin.retry(job_id))
        except IllegalTransition:
            assert not failed
        else:
            assert failed
            self.model.retried(job)

    @rule(kind=st.sampled_from(OutputKind), pauses=st.booleans())
    def pause_or_resume(self, kind: OutputKind, pauses: bool) -> None:
        admin = self.bench.job_admin
        self.run(admin.pause([kind]) if pauses else admin.resume([kind]))
        self.model.paused = self.model.paused | {kind} if pauses else self.model.paused - {kind}

    @rule(seconds=JUMPS)
    def wait(self, seconds: float) -> None:
        self.run(self.bench.pass_time(seconds))
        self.model.now += seconds

    @invariant()
    def every_job_is_as_the_model_says(self) -> None:
        for job_id, expected in self.model.jobs.items():
            entry = self.run(self.bench.job_admin.show(job_id))
            assert entry.job == expected.job
            assert (entry.token, entry.errors) == (expected.token, expected.errors)
            assert (entry.crashes, entry.breaks) == (expected.crashes, expected.breaks)
            assert (entry.leased_until is None) is (expected.leased_until is None)
            assert entry.cancel_requested is expected.cancel_requested

    @invariant()
    def the_line_is_what_could_be_claimed_and_in_its_order(self) -> None:
        line = [job_id for job_id, _ in self.run(self.bench.backlog.read()).waiting]
        assert set(line) == self.model.line()
        begun = [self.model.jobs[job_id].begun for job_id in line]
        assert begun == sorted(begun, reverse=True)

    @invariant()
    def versions_are_those_of_the_jobs(self) -> None:
        revisions = self.run(self.bench.jobs.revisions(self.model.jobs))
        versions = {job_id: revision.version for job_id, revision in revisions.items()}
        assert versions == {job_id: row.job.version for job_id, row in self.model.jobs.items()}


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


def explore(machine: type[QueueMachine], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_queue_in_memory_is_as_the_model_says(runner: asyncio.Runner) -> None:
    class InMemory(QueueMachine):
        def clear(self) -> None:
            type(self).bench = MemoryBench()

    InMemory.runner = runner
    explore(InMemory, 150)


@pytest.mark.timeout(180)
def test_the_queue_in_postgres_is_as_the_model_says(runner: asyncio.Runner, database_url: str) -> None:
    stack = AsyncExitStack()

    async def opened() -> Any:
        pool = await stack.enter_async_context(open_pool(normalise(database_url), max_size=2))
        return await stack.enter_async_context(a_bench(pool))

    bench = runner.run(opened())

    class OverPostgres(QueueMachine):
        def clear(self) -> None:
            for statement in ("DELETE FROM moment.jobs", "DELETE FROM moment.pauses", "DELETE FROM moment.turns"):
                self.run(bench.pool.execute(statement))
            self.run(bench.pool.execute("SELECT setval('moment.claims', 4)"))

    OverPostgres.runner, OverPostgres.bench = runner, bench
    try:
        explore(OverPostgres, 60)
    finally:
        runner.run(stack.aclose())

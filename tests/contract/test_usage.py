"""What owners use is counted once, whatever happens at the same time. Over memory and over Postgres."""

from datetime import timedelta
from uuid import uuid4

import anyio
import asyncpg
import msgspec
import pytest

from adapters.postgres.jobs import PostgresJobs
from application.access import Caller, Limits
from application.keys.quotas import Quota, Quotas
from application.moments.admission import Admission, WaitingLimits, WaitingRoom
from application.ports.usage import QuotaExceeded
from domain.jobs.artifacts import Stem
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from domain.music.score import FormSection
from tests.support.database import LOGIN
from tests.support.fake_store import InMemoryStore
from tests.support.jobs import a_job, a_job_that_is, an_owned_job, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

INSERT = """
INSERT INTO moment.jobs (id, status, version, output_kind, document, owner)
VALUES (gen_random_uuid(), 'PENDING', 0, 'preview', '{}', $1)
"""
MONTH = timedelta(days=31).total_seconds()


def owned(owner: str = "acme") -> Job:
    return an_owned_job(owner, JobId(uuid4()))


async def used(bench: Bench, owner: str = "acme") -> tuple[int, float]:
    months = await bench.usage.months(owner, 10)
    return (months[0].moments, months[0].seconds) if months else (0, 0.0)


async def test_a_job_counts_once_however_often_it_is_added(bench: Bench) -> None:
    job = owned()
    for _ in range(3):
        await bench.jobs.add(job)
    await bench.jobs.add(owned("other"))
    await bench.jobs.add(a_job(JobId(uuid4())))
    assert [await used(bench, owner) for owner in ("acme", "other", "")] == [(1, 0.0), (1, 0.0), (0, 0.0)]


async def test_what_many_add_at_once_is_counted(bench: Bench) -> None:
    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(bench.jobs.add, owned(f"owner {number % 4}"))
    assert [(await used(bench, f"owner {number}"))[0] for number in range(4)] == [50] * 4


async def test_of_many_at_once_no_more_are_stored_than_the_quota(bench: Bench) -> None:
    await bench.usage.open_month("acme", 10)
    refused = 0

    async def add(owner: str) -> None:
        nonlocal refused
        try:
            await bench.jobs.add(owned(owner))
        except QuotaExceeded:
            refused += 1

    async with anyio.create_task_group() as group:
        for number in range(40):
            group.start_soon(add, "other" if number % 2 else "acme")
    assert refused == 10
    assert [await used(bench, owner) for owner in ("acme", "other")] == [(10, 0.0), (20, 0.0)]


async def test_what_one_key_may_does_not_depend_on_the_other_keys_of_its_owner(bench: Bench) -> None:
    quotas = Quotas(bench.usage, Quota())
    small, large, free = (Caller(owner="acme", limits=Limits(moments=most)) for most in (2, 4, None))
    room = WaitingRoom(bench.backlog, WaitingLimits())
    admission = Admission(bench.jobs, InMemoryStore(), room, quotas.require)
    await bench.jobs.add(owned())
    for caller in (large, free, small):  # at the same time: the last one notes its quota
        await quotas.require(caller)
    for caller in (large, free, large):
        await admission(owned(), caller)
    for caller in (large, small):
        with pytest.raises(QuotaExceeded):
            await quotas.require(caller)
    await admission(owned(), free)
    assert (await used(bench))[0] == 5


async def test_a_quota_that_is_used_up_is_not_noted_for_other_keys(bench: Bench) -> None:
    for _ in range(3):
        await bench.jobs.add(owned())
    spent = await bench.usage.open_month("acme", 2)
    assert (spent.moments, spent.seconds) == (3, 0.0)
    assert 0 < spent.rest <= MONTH
    await bench.jobs.add(owned())
    await bench.usage.open_month("acme", 5)
    await bench.jobs.add(owned())
    with pytest.raises(QuotaExceeded):
        await bench.jobs.add(owned())
    await bench.usage.open_month("acme", None)
    await bench.jobs.add(owned())
    assert (await used(bench))[0] == 6


async def test_music_counts_when_it_is_completed_and_once(bench: Bench) -> None:
    jobs = [owned(), owned(), owned("other"), a_job(JobId(uuid4()))]
    for job in jobs:
        await bench.jobs.add(job)
    for claim in await bench.queue.claim(room_for("w", 9)):
        done = completed(claim.job)
        for _ in range(2):  # the second, because the answer of the first was lost
            await bench.queue.save(claim.lease, done)
    assert [await used(bench, owner) for owner in ("acme", "other", "")] == [(2, 41.0), (1, 20.5), (0, 0.0)]


def completed(job: Job) -> Job:
    """Return a job that has become 20.5 s of music."""
    done = a_job_that_is(JobStatus.COMPLETED, job.id)
    form = (FormSection(name="a", start=0.0, end=20.5, bars=8, energy=0.5, key="C"),)
    band = msgspec.structs.replace(done.checkpoints[Stem.INSTRUMENTAL], form=form)
    checkpoints = {**done.checkpoints, Stem.INSTRUMENTAL: band}
    return msgspec.structs.replace(done, request=job.request, checkpoints=checkpoints)


async def test_a_month_is_over_and_the_next_one_begins_at_nothing(bench: Bench) -> None:
    await bench.jobs.add(owned())
    await bench.pass_time(MONTH)
    await bench.jobs.add(owned())
    await bench.jobs.add(owned())
    assert [month.moments for month in await bench.usage.months("acme", 10)] == [2, 1]
    assert len(await bench.usage.months("acme", 1)) == 1


async def test_the_quota_of_the_key_goes_before_that_of_the_service(bench: Bench) -> None:
    quotas = Quotas(bench.usage, Quota(moments=1))
    usual, generous = Caller("acme"), Caller("acme", limits=Limits(moments=3))
    await quotas.require(usual)
    await bench.jobs.add(owned())
    with pytest.raises(QuotaExceeded) as refused:
        await quotas.require(usual)
    assert 0 < refused.value.retry_after <= MONTH
    await quotas.require(generous)
    await quotas.require(Caller())
    report = await quotas.report(generous)
    assert (report.owner, report.quota, report.months[0].moments) == ("acme", Quota(moments=3), 1)


async def test_music_has_a_quota_too(bench: Bench) -> None:
    quotas = Quotas(bench.usage, Quota(seconds=20))
    await bench.jobs.add(owned())
    await quotas.require(Caller("acme"))
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.save(claim.lease, completed(claim.job))
    with pytest.raises(QuotaExceeded):
        await quotas.require(Caller("acme"))


async def test_a_quota_costs_other_owners_of_the_batch_nothing(postgres_bench: Bench, pool: asyncpg.Pool) -> None:
    await postgres_bench.usage.open_month("acme", 0)
    assert isinstance(postgres_bench.jobs, PostgresJobs)
    jobs = [owned("acme"), owned("other"), a_job(JobId(uuid4()))]
    results: list[str] = []

    async def add(job: Job) -> None:
        try:
            await postgres_bench.jobs.add(job)
            results.append(job.request.owner)
        except QuotaExceeded:
            results.append("refused")

    async with anyio.create_task_group() as group:
        for job in jobs:
            group.start_soon(add, job)
    assert sorted(results) == ["", "other", "refused"]
    assert await pool.fetchval("SELECT count(*) FROM moment.jobs") == 2


async def test_a_role_without_rights_to_usage_stores_jobs_without_an_owner(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute(f"GRANT USAGE ON SCHEMA moment TO {LOGIN}; GRANT INSERT ON moment.jobs TO {LOGIN}")
        await connection.execute(f"SET ROLE {LOGIN}")
        try:
            await connection.execute(INSERT, "")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(INSERT, "acme")
        finally:
            await connection.execute("RESET ROLE")

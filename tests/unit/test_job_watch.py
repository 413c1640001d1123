"""Waiting for jobs: one query for all who wait, and whoever asks it may go away."""

import time
from uuid import uuid4

import anyio
import anyio.lowlevel
import pytest

from application.moments.heard_versions import KEPT_JOBS, KEPT_SECONDS, HeardVersions
from application.moments.job_watch import LONGEST_TICK, SHORTEST_TICK, JobWatch
from application.ports.jobs import DatabaseUnavailable, Revision
from domain.jobs.job import JobId
from tests.support.fake_changes import FakeChanges
from tests.support.fake_queue import InMemoryJobs
from tests.support.jobs import JOB_ID, a_job

pytestmark = pytest.mark.anyio

LONG = 30.0


async def added(jobs: InMemoryJobs) -> JobId:
    job_id = JobId(uuid4())
    await jobs.add(a_job(job_id))
    return job_id


async def test_all_who_wait_share_the_queries_and_each_returns_when_its_job_changes() -> None:
    jobs = InMemoryJobs()
    began = time.monotonic()
    watch, ids, returned = JobWatch(jobs), [await added(jobs) for _ in range(20)], set[JobId]()

    async def wait(job_id: JobId) -> None:
        assert await watch(job_id, 0, LONG)
        returned.add(job_id)

    async with anyio.create_task_group() as waiters:
        for job_id in ids:
            waiters.start_soon(wait, job_id)
        await anyio.sleep(0.6)
        assert returned == set()
        await jobs.cancel(ids[3])
        await anyio.sleep(0.6)
        assert returned == {ids[3]}
        for job_id in ids:
            await jobs.cancel(job_id)
    assert returned == set(ids)
    assert 2 <= len(jobs.faults.calls["revisions"]) < (time.monotonic() - began) / SHORTEST_TICK + 2


async def test_whoever_asks_for_all_may_leave() -> None:
    jobs = InMemoryJobs()
    watch, job_id = JobWatch(jobs), await added(jobs)
    leaving, returned = anyio.CancelScope(), anyio.Event()

    async def leave() -> None:
        with leaving:
            await watch(job_id, 0, LONG)

    async def stay() -> None:
        assert await watch(job_id, 0, LONG)
        returned.set()

    jobs.faults.delay("revisions", 0.3)
    async with anyio.create_task_group() as waiters:
        waiters.start_soon(leave)  # the first to wait asks
        await anyio.sleep(0.05)
        waiters.start_soon(stay)
        await anyio.sleep(0.05)
        leaving.cancel()
        await jobs.cancel(job_id)
        with anyio.fail_after(2):
            await returned.wait()


async def test_it_ends_after_its_time_and_when_the_process_stops() -> None:
    jobs = InMemoryJobs()
    watch, job_id, began = JobWatch(jobs), await added(jobs), time.monotonic()
    assert await watch(job_id, 0, 0.3)
    assert 0.2 < time.monotonic() - began < 2
    assert await watch(job_id, 0, LONG, lambda: True)
    assert time.monotonic() - began < 2


async def test_a_job_that_is_gone_and_a_database_that_comes_back_end_it() -> None:
    jobs = InMemoryJobs()
    watch, job_id = JobWatch(jobs), await added(jobs)
    jobs.faults.fail("revisions", DatabaseUnavailable("down"), times=2)
    del jobs.rows[job_id]
    with anyio.fail_after(5):
        assert await watch(job_id, 0, LONG)
    assert len(jobs.faults.calls["revisions"]) == 3


async def test_one_too_many_does_not_wait() -> None:
    jobs = InMemoryJobs()
    watch, job_id = JobWatch(jobs, most_waiters=1), await added(jobs)
    async with anyio.create_task_group() as waiters:
        waiters.start_soon(watch, job_id, 0, LONG)
        await anyio.sleep(0.05)
        assert not await watch(job_id, 0, LONG)
        waiters.cancel_scope.cancel()
    assert await watch(job_id, 0, 0.1)


async def test_progress_is_news_for_those_who_follow_and_not_for_those_who_wait() -> None:
    jobs = InMemoryJobs()
    watch, job_id = JobWatch(jobs), await added(jobs)
    known, moved, seen = Revision(0, 0.0), Revision(0, 0.5), list[Revision | None]()

    async def follow() -> None:
        seen.append(await watch.next_revision(job_id, known, LONG, lambda: False))

    async with anyio.create_task_group() as watchers:
        watchers.start_soon(follow)
        await anyio.sleep(0.1)
        jobs.rows[job_id].progress = 0.5
        began = time.monotonic()
        await watch(job_id, 0, 2 * LONGEST_TICK)
        assert time.monotonic() - began > LONGEST_TICK
        assert seen == [moved]
    assert await watch.next_revision(job_id, moved, 0.1, lambda: False) == moved
    del jobs.rows[job_id]
    assert await watch.next_revision(job_id, moved, LONG, lambda: False) is None


async def test_whoever_is_to_ask_next_may_leave_before_it_does() -> None:
    jobs = InMemoryJobs()
    watch, job_id = JobWatch(jobs), await added(jobs)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as staying, anyio.create_task_group() as leaving:
            leaving.start_soon(watch, job_id, 0, LONG)
            leaving.start_soon(watch, job_id, 0, LONG)
            await anyio.sleep(0.05)
            staying.start_soon(watch, job_id, 0, LONG)
            await anyio.sleep(0.05)
            leaving.cancel_scope.cancel()
            await jobs.cancel(job_id)


async def test_a_query_that_is_slow_is_repeated_less_often() -> None:
    jobs = InMemoryJobs()
    watch, job_id = JobWatch(jobs), await added(jobs)
    jobs.faults.delay("revisions", 0.05)
    assert await watch(job_id, 0, 1.0)
    assert len(jobs.faults.calls["revisions"]) <= 1.0 / LONGEST_TICK + 1


async def test_a_series_of_leaving_watchers_gives_up_no_series_of_queries() -> None:
    jobs = InMemoryJobs()
    watch, other, job_id = JobWatch(jobs), await added(jobs), await added(jobs)
    jobs.faults.delay("revisions", 0.1)
    async with anyio.create_task_group() as leaving:
        for number in range(40):
            leaving.start_soon(watch, other, 0, 0.3 + 0.05 * number)
        assert await watch(other, 0, 0.5)  # now they leave, one after the other
        await jobs.cancel(job_id)
        began = time.monotonic()
        assert await watch(job_id, 0, LONG)
        assert time.monotonic() - began < 0.8
        leaving.cancel_scope.cancel()


async def test_a_notification_wakes_those_who_watch_that_job_at_once_and_nobody_asks_for_it() -> None:
    jobs, changes = InMemoryJobs(), FakeChanges()
    watch, job_id, other, seen = JobWatch(jobs, changes), await added(jobs), await added(jobs), list[Revision | None]()
    jobs.faults.delay("revisions", LONG)
    assert not changes.listens()

    async def follow() -> None:
        seen.append(await watch.next_revision(job_id, Revision(0, 0.5), LONG, lambda: False))

    async with anyio.create_task_group() as watchers:
        watchers.start_soon(watch, other, 0, LONG)  # it asks, and gets no answer
        await anyio.sleep(0.01)
        watchers.start_soon(follow)
        watchers.start_soon(watch, job_id, 0, LONG)
        await anyio.sleep(0.01)
        changes.send(job_id, 0)  # a late one
        await anyio.sleep(0.01)
        assert not seen
        changes.send(job_id, 1)
        with anyio.fail_after(1):
            while not seen:
                await anyio.lowlevel.checkpoint()
        assert seen == [Revision(1, 0.5)]
        assert changes.listens()
        watchers.cancel_scope.cancel()
    assert not changes.listens()


async def test_a_notification_between_reading_and_watching_is_heard_and_later_forgotten() -> None:
    jobs, changes = InMemoryJobs(), FakeChanges()
    watch, job_id, other = JobWatch(jobs, changes), await added(jobs), await added(jobs)
    jobs.faults.delay("revisions", LONG)
    async with anyio.create_task_group() as watchers:
        watchers.start_soon(watch, other, 0, LONG)
        await anyio.sleep(0.01)
        changes.send(job_id, 1)
        with anyio.fail_after(1):
            assert await watch.next_revision(job_id, Revision(0, 0.0), LONG, lambda: False) == Revision(1, 0.0)
            assert await watch.next_revision(job_id, Revision(1, 0.0), 0.05, lambda: False) == Revision(1, 0.0)
        watchers.cancel_scope.cancel()


def test_what_was_heard_is_kept_for_a_moment_and_in_a_bounded_number() -> None:
    now = 100.0
    heard = HeardVersions(lambda: now)
    heard.hear({JOB_ID: 3})
    assert heard.version_of(JOB_ID) == 3
    heard.hear({JobId(uuid4()): 1 for _ in range(KEPT_JOBS)})
    assert heard.version_of(JOB_ID) == -1
    heard.hear({JOB_ID: 4})
    now += KEPT_SECONDS
    assert heard.version_of(JOB_ID) == -1

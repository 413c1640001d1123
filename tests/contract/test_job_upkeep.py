"""What housekeeping and the operator are promised about jobs: over memory and over Postgres."""

from datetime import timedelta
from uuid import uuid4

import anyio
import asyncpg
import msgspec
import pytest

from adapters.postgres import job_admin, queue_counts
from application.cursors import read_cursor, write_cursor
from application.ports.conversions import NO_JOB
from application.ports.job_admin import ConversionStats, JobFilter, JobPage, JobPlace
from application.ports.jobs import JobNotFound
from application.ports.maintenance import MaintenanceRound
from application.ports.queue import Claim, LeaseLost
from application.upkeep.every_job import every_job
from domain.blueprints.blueprint import OutputKind
from domain.errors import IllegalTransition, JobError
from domain.jobs.job import JobId
from domain.jobs.transitions import Failed, JobStatus
from tests.support.jobs import FAILED, NOW, STARTED, a_job, a_job_that_is, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

DAY = 86_400.0
MONTH = timedelta(days=30)
GIVEN_UP = Failed(JobError("tools_unavailable", "the studio is closed"))


async def added(bench: Bench) -> JobId:
    job_id = JobId(uuid4())
    await bench.jobs.add(a_job(job_id))
    return job_id


async def claimed(bench: Bench, worker: str = "w") -> Claim:
    (claim,) = await bench.queue.claim(room_for(worker, 1))
    return claim


async def ended(bench: Bench, event: Failed = GIVEN_UP, *, kept_seconds: int | None = None) -> JobId:
    job = a_job(JobId(uuid4()))
    request = msgspec.structs.replace(job.request, kept_seconds=kept_seconds)
    await bench.jobs.add(msgspec.structs.replace(job, request=request))
    claim = await claimed(bench)
    await bench.queue.save(claim.lease, claim.job.on(STARTED, NOW))
    await bench.queue.save(claim.lease, claim.job.on(STARTED, NOW).on(event, NOW))
    return claim.job.id


async def test_one_worker_of_the_fleet_has_the_turn(bench: Bench) -> None:
    pause = timedelta(minutes=1)
    turns: list[MaintenanceRound] = []

    async def ask() -> None:
        if begun := await bench.retention_store.begin_maintenance(pause):
            turns.append(begun)

    async with anyio.create_task_group() as workers:
        for _ in range(5):
            workers.start_soon(ask)
    assert [begun.cursor for begun in turns] == [""]
    reached = msgspec.structs.replace(turns[0], cursor="a/key")
    await bench.retention_store.end_maintenance(reached, pause)
    assert await bench.retention_store.begin_maintenance(pause) is None
    await bench.pass_time(61)
    again = await bench.retention_store.begin_maintenance(pause)
    assert again is not None
    assert again.cursor == "a/key"
    assert again.now >= turns[0].now  # the database's clock


async def test_a_round_that_another_worker_has_taken_over_changes_nothing_any_more(bench: Bench) -> None:
    minute, store = timedelta(minutes=1), bench.retention_store
    lost = await store.begin_maintenance(minute)
    assert lost is not None
    await bench.pass_time(61)
    begun = await store.begin_maintenance(minute)
    assert begun is not None
    await store.end_maintenance(msgspec.structs.replace(lost, cursor="behind"), timedelta(0))
    assert await store.begin_maintenance(minute) is None
    await store.end_maintenance(msgspec.structs.replace(begun, cursor="ahead"), timedelta(0))
    again = await store.begin_maintenance(minute)
    assert again is not None
    assert again.cursor == "ahead"


async def test_only_what_ended_long_ago_expires_and_the_oldest_first(bench: Bench) -> None:
    first = await ended(bench)
    await bench.pass_time(DAY)
    second = await ended(bench)
    await bench.pass_time(29.5 * DAY)
    third = await ended(bench)
    waiting = await added(bench)
    assert await bench.retention_store.expire(MONTH, 10) == [first]
    await bench.pass_time(DAY)
    assert await bench.retention_store.expire(MONTH, 10) == [first, second]
    assert await bench.retention_store.expire(MONTH, 1) == [first]
    assert await bench.retention_store.expire(MONTH, 1, {first}) == [second]
    assert await bench.retention_store.expire(MONTH, 1, {first, second}) == []
    assert await bench.retention_store.forget([first, second, third, waiting], MONTH) == 2
    assert set(await bench.retention_store.find([first, second, third, waiting])) == {third, waiting}
    assert await bench.retention_store.forget([], MONTH) == 0
    assert await bench.retention_store.find([]) == {}


async def test_a_moment_that_is_to_be_kept_for_less_time_goes_earlier(bench: Bench) -> None:
    ids = {seconds: await ended(bench, kept_seconds=seconds) for seconds in (None, 0, 2 * 3600, 90 * 24 * 3600)}
    await bench.pass_time(3601)
    assert await bench.retention_store.expire(MONTH, 10) == [ids[0]]
    await bench.pass_time(3600)
    assert await bench.retention_store.expire(MONTH, 10, {ids[0]}) == [ids[2 * 3600]]
    assert await bench.retention_store.forget(list(ids.values()), MONTH) == 2
    await bench.pass_time(31 * DAY)
    assert set(await bench.retention_store.expire(MONTH, 10)) == {ids[None], ids[90 * 24 * 3600]}
    assert await bench.retention_store.forget(list(ids.values()), MONTH) == 2


async def test_a_job_that_expires_is_not_retried_any_more(bench: Bench) -> None:
    old = await ended(bench)
    await bench.pass_time(1)
    young = await ended(bench)
    await bench.pass_time(31 * DAY)
    assert await bench.retention_store.forget([old], MONTH) == 0  # its objects are there
    assert await bench.retention_store.expire(MONTH, 1) == [old]
    with pytest.raises(JobNotFound):
        await bench.job_admin.retry(old)
    assert (await bench.job_admin.retry(young)).status is JobStatus.PENDING
    assert await bench.retention_store.forget([old, young], MONTH) == 1


async def test_jobs_are_found_as_they_are(bench: Bench) -> None:
    failed, waiting = await ended(bench), await added(bench)
    found = await bench.retention_store.find([failed, waiting, JobId(uuid4())])
    assert found == {job_id: (await bench.jobs.get(job_id)).job for job_id in (failed, waiting)}


async def listed(bench: Bench, which: JobFilter, limit: int, after: JobPlace | None = None) -> list[JobId]:
    """Return the jobs of a page."""
    return [entry.id for entry in (await bench.job_admin.list_jobs(which, limit, after)).entries]


async def test_the_unfinished_are_listed_first_then_the_newest(bench: Bench) -> None:
    order = []
    for _ in range(2):
        order.append(await ended(bench))
        await bench.pass_time(1)
    for _ in range(2):
        order.append(await added(bench))
        await bench.pass_time(1)
    done, older, new, newest = order
    assert await listed(bench, JobFilter(), 10) == [
        newest,
        new,
        older,
        done,
    ]
    assert await listed(bench, JobFilter(), 3) == [newest, new, older]
    assert await listed(bench, JobFilter(status=JobStatus.FAILED), 1) == [older]
    assert (await bench.job_admin.list_jobs(JobFilter(status=JobStatus.MIXING), 10)).entries == []


async def test_pages_of_one_job_show_every_job_once(bench: Bench) -> None:
    ids = {await ended(bench), await ended(bench), await added(bench), await added(bench)}
    whole = (await bench.job_admin.list_jobs(JobFilter(), 10)).entries
    pages = [entry.id async for entry in every_job(bench.job_admin, JobFilter(), 1)]
    assert pages == [entry.id for entry in whole]
    assert set(pages) == ids


async def test_what_is_removed_comes_last_in_its_pages(bench: Bench) -> None:
    removed, kept = await ended(bench), await ended(bench)
    await bench.job_admin.delete(removed)
    first, second = (await bench.job_admin.list_jobs(JobFilter(), 10)).entries
    assert (first.id, second.id, second.expiring) == (kept, removed, True)
    assert await listed(bench, JobFilter(), 10, first.place) == [removed]
    assert (await bench.job_admin.list_jobs(JobFilter(), 10, second.place)).entries == []


async def test_what_is_rare_is_found_by_pages_that_may_be_empty(
    postgres_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_admin, "LOOKED_AT", 2)
    admin = postgres_bench.job_admin
    rare = list[JobId]()
    for _ in range(5):
        rare.append((await postgres_bench.jobs.cancel(await added(postgres_bench))).id)
        for _ in range(2):
            await ended(postgres_bench)
    which = JobFilter(status=JobStatus.CANCELLED)
    first = await admin.list_jobs(which, 10)
    assert first.following
    assert len(first.entries) < 2
    assert [entry.id async for entry in every_job(admin, which, 10)] == list(reversed(rare))
    assert (await admin.list_jobs(JobFilter(code="never_seen"), 10)).entries == []
    assert [entry async for entry in every_job(admin, JobFilter(code="never_seen"), 10)] == []


async def test_jobs_that_workers_hold_are_listed_by_themselves(bench: Bench) -> None:
    await ended(bench)
    held = await added(bench)
    await claimed(bench, "w7")
    await added(bench)
    assert await listed(bench, JobFilter(leased=True), 10) == [held]
    await bench.pass_time(600)
    assert (await bench.job_admin.list_jobs(JobFilter(leased=True), 10)).entries == []


async def test_jobs_that_were_held_are_found_by_what_they_wait_for(bench: Bench) -> None:
    lost = await added(bench)
    await claimed(bench, "w7")
    await bench.job_admin.pause(list(OutputKind))
    paused = JobFilter(worker="w7", code="jobs_paused")
    assert await listed(bench, paused, 10) == []
    await bench.pass_time(600)
    assert await listed(bench, paused, 10) == [lost]
    assert await listed(bench, JobFilter(code="jobs_paused"), 10) == [lost]


async def test_an_entry_tells_who_holds_the_job(bench: Bench) -> None:
    job_id = await added(bench)
    waiting = await bench.job_admin.show(job_id)
    assert (waiting.attempt, waiting.token, waiting.worker, waiting.leased_until) == (0, 0, None, None)
    assert waiting.due_at <= waiting.now
    claim = await claimed(bench, "w7")
    await bench.queue.heartbeat([claim.lease], {job_id: 0.5})
    await bench.jobs.cancel(job_id)
    running = await bench.job_admin.show(job_id)
    assert (running.attempt, running.max_attempts, running.token, running.worker) == (1, 3, 1, "w7")
    assert (running.progress, running.cancel_requested, running.job) == (0.5, True, claim.job)
    assert running.leased_until is not None
    assert running.leased_until > running.now


async def test_a_failed_job_goes_back_to_the_workers_with_all_its_attempts(bench: Bench) -> None:
    job_id = await ended(bench)
    job = await bench.job_admin.retry(job_id)
    assert (job.status, job.error) == (JobStatus.PENDING, None)
    view = await bench.jobs.get(job_id)
    assert (view.job, view.progress) == (job, 0.0)
    claim = await claimed(bench)
    assert (claim.job, claim.attempt, claim.lease.token) == (job, 1, 2)


async def test_who_failed_the_job_writes_nothing_after_it_was_retried(bench: Bench) -> None:
    await added(bench)
    old = await claimed(bench)
    failed = old.job.on(STARTED, NOW).on(GIVEN_UP, NOW)
    await bench.queue.save(old.lease, failed)
    await bench.job_admin.retry(old.job.id)
    for late in (failed, failed.on(STARTED, NOW) if failed.status is JobStatus.PENDING else old.job.on(STARTED, NOW)):
        with pytest.raises(LeaseLost):
            await bench.queue.save(old.lease, late)
    assert await bench.queue.heartbeat([old.lease], {}) == []


async def test_only_a_job_that_failed_is_retried(bench: Bench) -> None:
    waiting, refused = await added(bench), JobId(uuid4())
    with pytest.raises(IllegalTransition):
        await bench.job_admin.retry(waiting)
    await bench.jobs.cancel(waiting)
    with pytest.raises(IllegalTransition):
        await bench.job_admin.retry(waiting)
    refused = await ended(bench, FAILED)
    assert (await bench.job_admin.retry(refused)).status is JobStatus.PENDING  # its recording is still there


async def test_an_unknown_job_is_not_found(bench: Bench) -> None:
    for ask in (bench.job_admin.show, bench.job_admin.retry):
        with pytest.raises(JobNotFound):
            await ask(JobId(uuid4()))


async def test_every_job_is_counted_where_it_is(bench: Bench) -> None:
    await ended(bench)
    cancelled = await added(bench)
    await bench.jobs.cancel(cancelled)
    await bench.pass_time(7200)
    for _ in range(4):
        await added(bench)
    lost, delayed, done = await bench.queue.claim(room_for("w", 3))
    await bench.queue.save(done.lease, a_job_that_is(JobStatus.COMPLETED, done.job.id))
    await bench.pass_time(600)
    await bench.queue.retry(delayed.lease, timedelta(minutes=5))
    await bench.queue.heartbeat([lost.lease], {})
    (stats, running) = (await bench.job_admin.stats(), 1)
    assert (stats.waiting, stats.delayed, stats.running, stats.lost) == (1, 1, running, 0)
    assert 600 <= stats.oldest_waiting < 660
    assert (stats.completed_1m, stats.completed_1h, stats.completed_1d) == (0, 1, 1)
    assert (stats.failed_1m, stats.failed_1h, stats.failed_1d, stats.cancelled_1d) == (0, 0, 1, 1)
    assert sum(stats.unfinished.values()) == 3
    assert sum(stats.failed_for.values()) == 1
    await bench.pass_time(60)
    stats = await bench.job_admin.stats()
    assert (stats.waiting, stats.running, stats.lost) == (2, 0, 1)


async def test_a_long_queue_is_counted_once_for_all_readers_of_a_minute(
    postgres_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_counts, "QUICKLY_COUNTED", 3)
    admin = postgres_bench.job_admin
    for waiting in (1, 2):
        await added(postgres_bench)
        assert (await admin.stats()).waiting == waiting
    for _ in range(2):
        await added(postgres_bench)
    counted = await admin.stats()
    assert counted.waiting == 4
    await added(postgres_bench)
    await admin.pause([OutputKind.SONG])
    assert await admin.stats() == msgspec.structs.replace(counted, paused=(OutputKind.SONG,))
    monkeypatch.setattr(queue_counts, "LONGEST_AGE", timedelta(0))
    again = await admin.stats()
    assert (again.waiting, again.counted_at > counted.counted_at) == (5, True)


async def test_what_another_version_has_counted_is_counted_again(
    postgres_bench: Bench, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_counts, "QUICKLY_COUNTED", 1)
    await added(postgres_bench)
    await postgres_bench.job_admin.stats()
    await pool.execute("UPDATE moment.counts SET counts = counts - 'waiting'")
    for _ in range(2):
        assert (await postgres_bench.job_admin.stats()).waiting == 1


async def test_what_is_made_on_demand_is_counted_beside_the_jobs(bench: Bench) -> None:
    assert (await bench.job_admin.stats()).conversions == ConversionStats()
    for number in range(4):
        await bench.conversions.request(NO_JOB, f"sample {number}")
    await bench.pass_time(90)
    made, refused = [await bench.conversions.claim(timedelta(seconds=30)) for _ in range(2)]
    assert made
    assert refused
    await bench.conversions.fail(refused, "tool_failed")
    counted = (await bench.job_admin.stats()).conversions
    assert (counted.waiting, counted.running, counted.failed_1h) == (2, 1, 1)
    assert 90 <= counted.oldest_waiting < 150
    await bench.pass_time(3600)
    assert (await bench.job_admin.stats()).conversions.failed_1h == 0


async def test_pages_of_the_list_neither_lose_nor_repeat_jobs_while_others_come_and_end(bench: Bench) -> None:
    done = [await ended(bench) for _ in range(3)]
    waiting = [await added(bench) for _ in range(4)]
    await bench.pass_time(1)  # of jobs of one instant, anyone may come first
    first = await bench.job_admin.list_jobs(JobFilter(), 2)
    seen = [entry.id for entry in first.entries]
    unseen = next(job_id for job_id in waiting if job_id not in seen)
    new = await added(bench)
    for job_id in (seen[0], unseen):
        await bench.jobs.cancel(job_id)
    rest = await pages_after(bench, first, 2)
    assert new not in rest
    assert sorted(seen + rest) == sorted([*waiting, *done, seen[0]])  # which is shown again in its new state


async def test_jobs_that_are_being_removed_are_paged_through_to_the_end(bench: Bench) -> None:
    done = [await ended(bench) for _ in range(4)]
    for job_id in done[1:]:
        await bench.job_admin.delete(job_id)
    first = await bench.job_admin.list_jobs(JobFilter(), 1)
    assert sorted([first.entries[0].id, *await pages_after(bench, first, 1)]) == sorted(done)


async def pages_after(bench: Bench, page: JobPage, size: int) -> list[JobId]:
    """Return the jobs of all pages after a page, as the API reads them with cursors."""
    found = list[JobId]()
    while page.following:
        page = await bench.job_admin.list_jobs(JobFilter(), size, read_cursor(write_cursor(page.following), JobPlace))
        found += [entry.id for entry in page.entries]
        assert len(found) < 50, "the pages come to no end"
    return found


async def test_a_retried_job_goes_ahead_of_those_that_were_never_begun(bench: Bench) -> None:
    await added(bench)
    begun = await claimed(bench)
    await added(bench)
    await bench.queue.retry(begun.lease, timedelta(seconds=5))
    await bench.pass_time(6)
    assert (await claimed(bench)).job.id == begun.job.id


async def test_audio_of_refused_jobs_is_given_up_once_and_for_all(bench: Bench) -> None:
    refused, failed = await ended(bench, FAILED), await ended(bench)
    day = timedelta(days=1)
    assert await bench.retention_store.give_up_audio(day, 10) == []
    await bench.pass_time(1.5 * DAY)
    young = await ended(bench, FAILED)
    assert await bench.retention_store.give_up_audio(day, 10) == [refused]
    assert await bench.retention_store.give_up_audio(day, 10) == []
    assert not (await bench.jobs.get(refused)).job.keeps_objects
    assert (await bench.jobs.get(young)).job.keeps_objects
    assert (await bench.jobs.get(failed)).job.keeps_objects
    with pytest.raises(IllegalTransition, match="removed"):
        await bench.job_admin.retry(refused)

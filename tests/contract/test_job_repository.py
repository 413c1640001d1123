"""What every job repository promises: over memory and over Postgres."""

from datetime import timedelta
from uuid import uuid4

import anyio
import pytest

from application.ports.jobs import JobNotFound, JobView, Revision, Standing
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from tests.support.jobs import ANALYZED, NOW, STARTED, a_job, a_job_that_is, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio


async def added(bench: Bench) -> Job:
    job = a_job(JobId(uuid4()))
    await bench.jobs.add(job)
    return job


async def test_a_job_comes_back_as_it_was_stored(bench: Bench) -> None:
    job = a_job(
        JobId(uuid4()),
        kind=OutputKind.SONG,
        style="noir",
        lyrics="“Ja”\n\0\u2028🎵",
        metadata={"b": 1.0, "a": [0.1, 1e22]},
    )
    await bench.jobs.add(job)
    view = await bench.jobs.get(job.id)
    assert (view.job, view.progress) == (job, 0.0)


async def test_free_fields_keep_their_order(bench: Bench) -> None:
    job = a_job(JobId(uuid4()), metadata={"zz": 1, "a": 2, "m": 3})
    await bench.jobs.add(job)
    stored = (await bench.jobs.get(job.id)).job
    assert list(stored.request.blueprint["metadata"]) == ["zz", "a", "m"]


async def test_a_job_far_on_comes_back_too(bench: Bench) -> None:
    job = a_job(JobId(uuid4())).on(STARTED, NOW).on(ANALYZED, NOW)
    await bench.jobs.add(job)
    assert (await bench.jobs.get(job.id)).job == job


async def test_an_unknown_job_is_not_found(bench: Bench) -> None:
    for ask in (bench.jobs.get, bench.jobs.cancel):
        with pytest.raises(JobNotFound):
            await ask(JobId(uuid4()))


async def test_what_is_known_of_a_job_that_has_ended_is_not_read_again(bench: Bench) -> None:
    job = await added(bench)
    assert await bench.jobs.get_unless_ended(job.id, job.version) == await bench.jobs.get(job.id)
    cancelled = await bench.jobs.cancel(job.id)
    assert await bench.jobs.get_unless_ended(job.id, cancelled.version) is None
    assert await bench.jobs.get_unless_ended(job.id, job.version) == await bench.jobs.get(job.id)
    with pytest.raises(JobNotFound):
        await bench.jobs.get_unless_ended(JobId(uuid4()), 0)


async def test_readers_who_know_different_versions_get_what_they_lack(bench: Bench) -> None:
    job = await bench.jobs.cancel((await added(bench)).id)
    views: list[JobView | None] = []

    async def read(version: int) -> None:
        views.append(await bench.jobs.get_unless_ended(job.id, version))

    async with anyio.create_task_group() as group:
        for version in (job.version, job.version - 1, job.version):
            group.start_soon(read, version)
    assert [view and view.job for view in views].count(job) == 1
    assert views.count(None) == 2


async def test_cancelling_a_waiting_job_ends_it_at_once(bench: Bench) -> None:
    job = await added(bench)
    cancelled = await bench.jobs.cancel(job.id)
    assert cancelled.status is JobStatus.CANCELLED
    assert cancelled.version == job.version + 1
    assert [visit.status for visit in cancelled.history] == [JobStatus.PENDING, JobStatus.CANCELLED]
    assert (await bench.jobs.get(job.id)).job == cancelled
    assert await bench.queue.claim(room_for("w", 1)) == []


async def test_cancelling_twice_is_cancelling_once(bench: Bench) -> None:
    job = await added(bench)
    assert await bench.jobs.cancel(job.id) == await bench.jobs.cancel(job.id)


async def test_cancelling_a_running_job_asks_its_worker(bench: Bench) -> None:
    job = await added(bench)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    for _ in range(2):
        assert await bench.jobs.cancel(job.id) == job
    (pulse,) = await bench.queue.heartbeat([claim.lease], {})
    assert pulse.cancel_requested


async def test_a_job_that_was_asked_to_stop_says_so_to_its_next_worker(bench: Bench) -> None:
    job = await added(bench)
    (first,) = await bench.queue.claim(room_for("w1", 1))
    await bench.jobs.cancel(job.id)
    await bench.queue.release([first.lease])
    (second,) = await bench.queue.claim(room_for("w2", 1))
    (pulse,) = await bench.queue.heartbeat([second.lease], {})
    assert pulse.cancel_requested


async def test_a_job_that_was_asked_to_stop_does_not_wait_for_its_retry(bench: Bench) -> None:
    await added(bench)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.jobs.cancel(claim.job.id)
    await bench.queue.retry(claim.lease, timedelta(minutes=1))
    assert len(await bench.queue.claim(room_for("w", 1))) == 1


async def test_cancelling_a_job_whose_worker_died_ends_it_at_once(bench: Bench) -> None:
    job = await added(bench)
    await bench.queue.claim(room_for("w", 1))
    await bench.pass_time(3600)
    assert (await bench.jobs.cancel(job.id)).status is JobStatus.CANCELLED


async def test_cancelling_an_ended_job_leaves_it_as_it_ended(bench: Bench) -> None:
    job = await added(bench)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    done = a_job_that_is(JobStatus.COMPLETED, job.id)
    await bench.queue.save(claim.lease, done)
    assert await bench.jobs.cancel(job.id) == done


async def test_a_view_says_where_a_job_stands(bench: Bench) -> None:
    job = await added(bench)
    waiting = await bench.jobs.get(job.id)
    assert (waiting.standing, waiting.attempt, waiting.finished_at) == (Standing.WAITING, 0, None)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    running = await bench.jobs.get(job.id)
    assert (running.standing, running.attempt) == (Standing.RUNNING, 1)
    await bench.queue.retry(claim.lease, timedelta(minutes=1))
    assert (await bench.jobs.get(job.id)).standing is Standing.DELAYED
    await bench.pass_time(61)
    assert (await bench.jobs.get(job.id)).standing is Standing.WAITING
    await bench.jobs.cancel(job.id)
    ended = await bench.jobs.get(job.id)
    assert ended.standing is Standing.ENDED
    assert ended.finished_at is not None


async def test_revisions_grow_with_what_happens(bench: Bench) -> None:
    job, other = await added(bench), await added(bench)
    await bench.jobs.cancel(job.id)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    await bench.queue.heartbeat([claim.lease], {other.id: 0.5})
    revisions = await bench.jobs.revisions([job.id, other.id, JobId(uuid4())])
    assert revisions == {job.id: Revision(job.version + 1, 0.0), other.id: Revision(other.version, 0.5)}


async def test_a_deleted_job_is_gone_for_everybody(bench: Bench) -> None:
    job = await added(bench)
    await bench.jobs.cancel(job.id)
    await bench.job_admin.delete(job.id)
    for ask in (bench.jobs.get, bench.jobs.cancel, bench.job_admin.retry, bench.job_admin.delete):
        with pytest.raises(JobNotFound):
            await ask(job.id)
    assert await bench.jobs.revisions([job.id]) == {}
    assert (await bench.job_admin.show(job.id)).expiring
    assert await bench.retention_store.forget([job.id], timedelta(0)) == 1


async def test_a_repository_that_works_answers_a_ping(bench: Bench) -> None:
    await bench.jobs.ping()

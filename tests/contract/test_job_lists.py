"""Lists of owners' jobs: pages that stay what they are. Over memory and over Postgres."""

from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from application.access import ANYBODY, Caller, KeyMissing
from application.cursors import InvalidCursor, read_cursor, write_cursor
from application.moments.list_jobs import ListJobs
from application.ports.job_lists import ListedJob, Position, Wanted
from domain.errors import JobError
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import Failed, JobStatus
from tests.support.jobs import NOW, STARTED, a_job, an_owned_job, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

ALL = Wanted()
ACME = Caller("acme")


def owned(owner: str = "acme", reference: str = "", style: str = "lofi") -> Job:
    job = an_owned_job(owner, JobId(uuid4()))
    request = msgspec.structs.replace(job.request, client_reference=reference, blueprint={"style": style})
    return msgspec.structs.replace(job, request=request)


async def add(bench: Bench, *jobs: Job) -> list[JobId]:
    """Add jobs, a second apart; return their ids, newest first."""
    for job in jobs:
        await bench.jobs.add(job)
        await bench.pass_time(1)
    return [job.id for job in reversed(jobs)]


async def ids(bench: Bench, wanted: Wanted = ALL, owner: str = "acme") -> list[JobId]:
    return [job.id for job in (await bench.job_lists.page(owner, wanted, None, 100)).jobs]


async def test_an_owner_sees_their_own_newest_first(bench: Bench) -> None:
    mine = await add(bench, owned(), owned(), owned())
    await add(bench, owned("other"), a_job(JobId(uuid4())))
    assert await ids(bench) == mine
    assert len(await ids(bench, owner="other")) == 1
    assert await ids(bench, owner="") == []


async def test_pages_are_the_list_also_while_jobs_come(bench: Bench) -> None:
    there = await add(bench, *(owned() for _ in range(7)))
    listed, cursor, list_jobs = [], None, ListJobs(bench.job_lists)
    for _ in range(4):
        page = await list_jobs(ACME, ALL, cursor, 2)
        listed += [job.id for job in page.jobs]
        cursor = page.next_cursor
        await bench.jobs.add(owned())
    assert listed == there
    assert cursor is None


async def test_a_list_that_just_fills_its_page_is_its_last(bench: Bench) -> None:
    await add(bench, owned(), owned())
    page = await bench.job_lists.page("acme", ALL, None, 2)
    assert (len(page.jobs), page.next) == (2, None)


async def test_jobs_of_the_same_instant_are_on_one_page_each(bench: Bench) -> None:
    jobs = [owned() for _ in range(5)]
    for job in jobs:
        await bench.jobs.add(job)
    listed: list[JobId] = []
    start: Position | None = None
    for _ in jobs:
        page = await bench.job_lists.page("acme", ALL, start, 1)
        listed += [job.id for job in page.jobs]
        start = page.next
    assert (sorted(listed), start) == (sorted(job.id for job in jobs), None)


async def test_filters_name_what_is_wanted(bench: Bench) -> None:
    last, middle, first = await add(bench, owned(style="dark lo-fi"), owned(reference="r1", style="rock"), owned())
    assert await ids(bench, Wanted(style="lofi")) == [last, first]
    assert await ids(bench, Wanted(reference="r1")) == [middle]
    assert await ids(bench, Wanted(status=JobStatus.COMPLETED)) == []
    assert await ids(bench, Wanted(status=JobStatus.PENDING, style="rock", reference="r1")) == [middle]


async def test_times_are_bounds_from_the_first_to_before_the_second(bench: Bench) -> None:
    newest, middle, oldest = await add(bench, owned(), owned(), owned())
    at = {job.id: job.created_at for job in (await bench.job_lists.page("acme", ALL, None, 9)).jobs}
    assert await ids(bench, Wanted(after=at[middle])) == [newest, middle]
    assert await ids(bench, Wanted(before=at[middle])) == [oldest]
    assert await ids(bench, Wanted(after=at[oldest], before=at[newest])) == [middle, oldest]


async def test_a_job_is_listed_with_what_there_is_to_say(bench: Bench) -> None:
    job = owned(reference="order 7", style="rock")
    await bench.jobs.add(job)
    (claim,) = await bench.queue.claim(room_for("w", 1))
    failed = job.on(STARTED, NOW).on(Failed(JobError("hum_silent", "silence", permanent=True)), NOW)
    await bench.queue.save(claim.lease, failed)
    (listed,) = (await bench.job_lists.page("acme", ALL, None, 1)).jobs
    assert listed == ListedJob(
        id=job.id,
        status=JobStatus.FAILED,
        output_kind=job.request.output_kind,
        style="rock",
        client_reference="order 7",
        progress=0.0,
        error_code="hum_silent",
        created_at=listed.created_at,
        updated_at=listed.updated_at,
        finished_at=listed.finished_at,
    )
    assert listed.created_at <= listed.updated_at == listed.finished_at


async def test_deleted_jobs_are_not_listed(bench: Bench) -> None:
    (job_id,) = await add(bench, owned())
    await bench.jobs.cancel(job_id)
    await bench.job_admin.delete(job_id)
    assert await ids(bench) == []


async def test_without_an_owner_there_is_no_list(bench: Bench) -> None:
    with pytest.raises(KeyMissing):
        await ListJobs(bench.job_lists)(ANYBODY, ALL, None, 10)


def test_a_cursor_is_a_position() -> None:
    position = Position(NOW + timedelta(microseconds=7), JobId(uuid4()))
    assert read_cursor(write_cursor(position), Position) == position


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", write_cursor(Position(NOW, JobId(UUID(int=1))))[:-2], "_" * 32])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        read_cursor(text, Position)

"""What is promised about the rows of direct uploads: over memory and over Postgres."""

from uuid import uuid4

import anyio
import pytest

from application.ports.uploads import DirectUpload, TooManyUploads, UploadId, UploadNotFound, UploadUsed
from domain.jobs.job import JobId
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

DAY = 86_400.0


def an_upload(owner: str = "") -> DirectUpload:
    return DirectUpload(id=UploadId(uuid4()), owner=owner, size=7, mime_type="audio/wav", filename="hum.wav")


def a_job_id() -> JobId:
    return JobId(uuid4())


async def added(bench: Bench, client: str = "c", most: int = 10) -> UploadId:
    upload = an_upload()
    await bench.uploads.add(upload, client, most)
    return upload.id


async def test_an_upload_is_found_as_it_was_added(bench: Bench) -> None:
    upload = an_upload("ada")
    await bench.uploads.add(upload, "ada", 1)
    assert await bench.uploads.find(upload.id) == upload
    with pytest.raises(UploadNotFound):
        await bench.uploads.find(UploadId(uuid4()))


async def test_an_upload_is_used_by_one_job(bench: Bench) -> None:
    upload_id, first, second = await added(bench), a_job_id(), a_job_id()
    await bench.uploads.take(upload_id, first)
    await bench.uploads.take(upload_id, first)
    with pytest.raises(UploadUsed):
        await bench.uploads.take(upload_id, second)
    await bench.uploads.give_back(upload_id, second)
    with pytest.raises(UploadUsed):
        await bench.uploads.take(upload_id, second)
    await bench.uploads.give_back(upload_id, first)
    await bench.uploads.take(upload_id, second)
    with pytest.raises(UploadUsed):
        await bench.uploads.take(UploadId(uuid4()), first)


async def test_of_many_jobs_at_once_one_has_the_upload(bench: Bench) -> None:
    upload_id = await added(bench)
    won: list[JobId] = []

    async def try_to_take() -> None:
        job_id = a_job_id()
        try:
            await bench.uploads.take(upload_id, job_id)
        except UploadUsed:
            return
        won.append(job_id)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(try_to_take)
    assert len(won) == 1


async def test_a_client_has_a_few_that_are_unused(bench: Bench) -> None:
    first, _ = await added(bench, most=2), await added(bench, most=2)
    with pytest.raises(TooManyUploads):
        await added(bench, most=2)
    await added(bench, client="another", most=2)
    for _ in range(3):
        await added(bench, client="", most=2)
    await bench.uploads.take(first, a_job_id())
    await added(bench, most=2)
    await bench.pass_time(DAY + 1)
    await added(bench, most=1)


async def test_uploads_are_good_for_a_day(bench: Bench) -> None:
    old, used = await added(bench), await added(bench)
    await bench.uploads.take(used, a_job_id())
    await bench.pass_time(DAY - 60)
    young = await added(bench)
    assert await bench.uploads.list_old(10) == []
    await bench.pass_time(61)
    with pytest.raises(UploadNotFound):
        await bench.uploads.find(old)
    assert (await bench.uploads.find(young)).id == young
    assert set(await bench.uploads.list_old(10)) == {old, used}
    assert len(await bench.uploads.list_old(1)) == 1
    await bench.uploads.forget([old, used])
    await bench.uploads.forget([])
    assert await bench.uploads.list_old(10) == []

"""Housekeeping over the real things: rows in Postgres, objects in a folder and in S3."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import msgspec
import pytest

from adapters.filesystem import FilesystemStore
from application.ports.objects import ObjectStorage, StorageDenied
from application.upkeep.housekeeping import Housekeeping
from application.upkeep.time_share import TimeShare
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from tests.support.database import ON_EVERY_SERVER
from tests.support.housekeeping import housekeeping, is_of_no_job, mark
from tests.support.jobs import JOB_ID, a_job, a_job_that_is, room_for
from tests.support.pipeline import in_pieces
from tests.support.queue_bench import Bench

pytestmark = [pytest.mark.anyio, ON_EVERY_SERVER]

HOUR = timedelta(hours=1)


@pytest.fixture(params=["filesystem", "moto_store"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStorage:
    if request.param == "filesystem":
        return FilesystemStore(tmp_path, "http://localhost", b"a secret of the tests", HOUR)
    on_moto: ObjectStorage = request.getfixturevalue(request.param)
    return on_moto


def broom(bench: Bench, store: ObjectStorage, **config: Any) -> Housekeeping:
    """Return housekeeping for which everything in the store is old enough."""
    return housekeeping(bench.retention_store, bench.orphan_store, store, settled=-HOUR, **config)


async def put(store: ObjectStorage, *keys: str) -> set[str]:
    for key in keys:
        await store.put(key, in_pieces(b"la"), "audio/wav")
    return set(keys)


async def everything(store: ObjectStorage) -> set[str]:
    return {stored.key for stored in await store.list_page("", 1000) if not is_of_no_job(stored.key)}


async def completed(bench: Bench, store: ObjectStorage) -> JobId:
    """Make a completed job with all the objects that it points to."""
    job_id = JobId(uuid4())
    await bench.jobs.add(a_job(job_id))
    (claim,) = await bench.queue.claim(room_for("w", 1))
    text = msgspec.json.encode(a_job_that_is(JobStatus.COMPLETED)).decode().replace(str(JOB_ID), str(job_id))
    done = msgspec.json.decode(text, type=Job)
    await bench.queue.save(claim.lease, done)
    await put(store, *done.objects)
    return job_id


async def test_what_is_over_goes_and_what_is_kept_stays(postgres_bench: Bench, store: ObjectStorage) -> None:
    old = await completed(postgres_bench, store)
    await postgres_bench.pass_time(31 * 86_400)
    young = await completed(postgres_bench, store)
    running = JobId(uuid4())
    await postgres_bench.jobs.add(a_job(running))
    await postgres_bench.queue.claim(room_for("w", 1))
    kept = (await postgres_bench.jobs.get(young)).job.objects | await put(
        store, f"{running}/original", f"{running}/1/x"
    )
    await put(store, f"{old}/1/zombie", f"{young}/9/final.mp3")
    kept |= await put(store, "backup/keep", f"{uuid4()}/original")
    await mark(postgres_bench.retention_store, postgres_bench.orphan_store, store)
    for _ in range(8):
        await broom(postgres_bench, store, page=3).tidy()
    assert await everything(store) == kept
    assert set(await postgres_bench.retention_store.find([old, young, running])) == {young, running}


async def test_a_job_whose_objects_cannot_be_deleted_stops_no_other(
    postgres_bench: Bench, store: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, *others = [await completed(postgres_bench, store) for _ in range(5)]
    await postgres_bench.pass_time(31 * 86_400)
    original = store.delete_each

    async def refuse(prefixes: Collection[str]) -> Mapping[str, Exception]:
        failed = await original([prefix for prefix in prefixes if not prefix.startswith(f"{stuck}/")])
        refused = [prefix for prefix in prefixes if prefix.startswith(f"{stuck}/")]
        return {**failed, **dict.fromkeys(refused, StorageDenied("access was denied"))}

    kept = (await postgres_bench.jobs.get(stuck)).job.objects
    monkeypatch.setattr(store, "delete_each", refuse)
    await broom(postgres_bench, store, first_step=2, largest_step=2).tidy()
    assert await everything(store) == kept
    assert set(await postgres_bench.retention_store.find([stuck, *others])) == {stuck}
    monkeypatch.undo()
    await broom(postgres_bench, store).tidy()
    assert await everything(store) == set()
    assert await postgres_bench.retention_store.find([stuck]) == {}


async def test_workers_that_tidy_at_the_same_time_do_each_round_once(
    postgres_bench: Bench, store: ObjectStorage
) -> None:
    for _ in range(12):
        await completed(postgres_bench, store)
    await mark(postgres_bench.retention_store, postgres_bench.orphan_store, store)
    await postgres_bench.pass_time(31 * 86_400)
    begun, working = anyio.Event(), anyio.Event()

    async def wait(_: float) -> None:
        begun.set()
        await working.wait()

    first = broom(postgres_bench, store, first_step=5, largest_step=5, time_share=TimeShare(0.5, sleep=wait))
    async with anyio.create_task_group() as group:
        group.start_soon(first.tidy)
        await begun.wait()
        assert await broom(postgres_bench, store).tidy()  # the first has the turn
        assert await everything(store) != set()
        await postgres_bench.pass_time(3 * 60 + 1)  # it hangs, and loses it
        await broom(postgres_bench, store).tidy()
        assert await everything(store) == set()
        working.set()
    assert (await postgres_bench.orphan_store.next_round()).cursor == ""

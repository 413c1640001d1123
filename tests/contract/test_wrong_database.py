"""A worker with the right bucket and the wrong database: over real databases, objects in a folder and in S3."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.filesystem import FilesystemStore
from adapters.postgres.dsn import normalise
from adapters.postgres.migrate import migrate
from adapters.postgres.pool import open_pool
from application.ports.objects import ObjectStorage
from application.upkeep.adopt_bucket import AdoptBucket
from application.upkeep.bucket_owner import BucketOwner
from application.upkeep.bucket_report import BucketState, WrongBucket
from application.worker.storage_probe import StorageProbe
from domain.jobs.job import JobId
from tests.support.database import a_bench
from tests.support.housekeeping import housekeeping, is_of_no_job
from tests.support.jobs import a_job
from tests.support.pipeline import in_pieces
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
DAY = 86_400.0
JOBS = 30
"""More than a sweep takes for a few interrupted uploads."""


@pytest.fixture
async def other_bench(empty_database_url: str) -> AsyncIterator[Bench]:
    """Provide another installation's database."""
    dsn = normalise(empty_database_url)
    await migrate(dsn)
    async with open_pool(dsn, max_size=2) as pool, a_bench(pool) as bench:
        yield bench


@pytest.fixture(
    params=["filesystem", "moto_store", pytest.param("gateway_store", marks=pytest.mark.container)],
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStorage:
    if request.param == "filesystem":
        return FilesystemStore(tmp_path, "http://localhost", b"a secret of the tests", HOUR)
    on_s3: ObjectStorage = request.getfixturevalue(request.param)
    return on_s3


def owner_of(bench: Bench, store: ObjectStorage) -> BucketOwner:
    return BucketOwner(bench.retention_store, bench.orphan_store, store, store)


def adoption(bench: Bench, store: ObjectStorage) -> AdoptBucket:
    return AdoptBucket(bench.retention_store, bench.orphan_store, store, owner_of(bench, store))


async def days(bench: Bench, store: ObjectStorage, number: int) -> None:
    """Do two rounds of housekeeping a day; everything in the store is old enough."""
    tidy = housekeeping(bench.retention_store, bench.orphan_store, store, settled=-HOUR).tidy
    for _ in range(number):
        await tidy()
        await tidy()
        await bench.pass_time(DAY)


async def objects(store: ObjectStorage) -> set[str]:
    return {stored.key for stored in await store.list_page("", 1000) if not is_of_no_job(stored.key)}


async def waiting(bench: Bench, store: ObjectStorage, count: int = JOBS) -> list[JobId]:
    """Add jobs with their recordings."""
    job_ids = [JobId(uuid4()) for _ in range(count)]
    for job_id in job_ids:
        await store.put(f"{job_id}/original", in_pieces(b"la"), "audio/wav")
        await bench.jobs.add(a_job(job_id))
    return job_ids


async def test_the_wrong_database_deletes_nothing_from_a_marked_bucket(
    postgres_bench: Bench, other_bench: Bench, store: ObjectStorage, caplog: pytest.LogCaptureFixture
) -> None:
    await waiting(postgres_bench, store)
    await days(postgres_bench, store, 1)
    before = await objects(store)
    assert len(before) == JOBS
    await days(other_bench, store, 20)
    assert await objects(store) == before
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert "it has the marker of" in warnings[0]
    assert (await owner_of(postgres_bench, store).examine()).state is BucketState.OURS
    assert (await owner_of(other_bench, store).examine()).state is BucketState.FOREIGN


async def test_nor_from_a_bucket_that_nobody_has_marked_yet(
    postgres_bench: Bench, other_bench: Bench, store: ObjectStorage
) -> None:
    await waiting(postgres_bench, store, 3)
    before = await objects(store)
    await days(other_bench, store, 20)
    assert (await owner_of(other_bench, store).examine()).state is BucketState.UNKNOWN
    await days(postgres_bench, store, 20)
    assert await objects(store) == before
    assert (await owner_of(postgres_bench, store).examine()).state is BucketState.OURS


async def test_a_database_that_lost_its_rows_deletes_nothing_until_an_operator_says_so(
    postgres_bench: Bench, store: ObjectStorage, caplog: pytest.LogCaptureFixture
) -> None:
    lost = await waiting(postgres_bench, store)
    await days(postgres_bench, store, 1)
    await postgres_bench.pool.execute("DELETE FROM moment.jobs")  # type: ignore[attr-defined]
    kept = await waiting(postgres_bench, store, 5)
    before = await objects(store)
    await days(postgres_bench, store, 10)
    assert await objects(store) == before
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 20
    assert f"{JOBS} of {JOBS + 5} objects" in errors[0]

    survey = await adoption(postgres_bench, store).survey()
    assert (survey.objects, survey.orphans, survey.owners) == (JOBS + 5, JOBS, (survey.installation,))
    await adoption(postgres_bench, store)()
    await days(postgres_bench, store, 6)
    assert await objects(store) == before
    await days(postgres_bench, store, 3)
    assert await objects(store) == {f"{job_id}/original" for job_id in kept}
    assert await postgres_bench.orphan_store.find(lost) == {}


async def test_a_few_rows_that_are_lost_and_restored_lose_nothing(postgres_bench: Bench, store: ObjectStorage) -> None:
    job_ids = await waiting(postgres_bench, store, 10)
    await days(postgres_bench, store, 1)
    before = await objects(store)
    await postgres_bench.pool.execute("DELETE FROM moment.jobs WHERE id = $1", job_ids[0])  # type: ignore[attr-defined]
    await days(postgres_bench, store, 6)
    assert set(await postgres_bench.orphan_store.find(job_ids)) == {job_ids[0]}
    await postgres_bench.jobs.add(a_job(job_ids[0]))
    await days(postgres_bench, store, 10)
    assert await objects(store) == before
    assert await postgres_bench.orphan_store.find(job_ids) == {}


async def test_a_bucket_changes_hands_when_an_operator_says_so(
    postgres_bench: Bench, other_bench: Bench, store: ObjectStorage
) -> None:
    await waiting(postgres_bench, store, 3)
    await days(postgres_bench, store, 1)
    survey = await adoption(other_bench, store).survey()
    assert survey.owners == (str((await postgres_bench.orphan_store.installation()).id),)
    await adoption(other_bench, store)()
    assert (await owner_of(other_bench, store).examine()).state is BucketState.OURS
    assert (await owner_of(postgres_bench, store).examine()).state is BucketState.FOREIGN


async def test_another_bucket_without_a_marker_is_refused_by_a_database_that_has_marked_one(
    postgres_bench: Bench, store: ObjectStorage
) -> None:
    assert (await owner_of(postgres_bench, store).identify()).state is BucketState.UNMARKED
    await postgres_bench.orphan_store.remember_bucket("https://elsewhere/moments")
    await waiting(postgres_bench, store, 3)
    before = await objects(store)
    probe = StorageProbe(store, owner_of(postgres_bench, store))
    with pytest.raises(WrongBucket):
        await probe()
    await days(postgres_bench, store, 20)
    assert await objects(store) == before
    await adoption(postgres_bench, store)()
    assert (await postgres_bench.orphan_store.installation()).bucket == store.place
    await probe()
    assert await objects(store) == before

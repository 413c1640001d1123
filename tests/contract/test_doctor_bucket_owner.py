"""What the doctor sees where bucket and database do not belong together: each ailment is a real one."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from adapters.filesystem import FilesystemStore
from adapters.spaces import SpacesStore
from application.ports.objects import ObjectStore
from application.upkeep.bucket_owner import MARKER_PREFIX
from tests.support.database import execute
from tests.support.doctor_run import SECRET, DoctorRun, assert_failed
from tests.support.housekeeping import housekeeping, mark
from tests.support.jobs import JOB_ID, a_job
from tests.support.pipeline import in_pieces
from tests.support.queue_bench import Bench
from tests.support.s3 import S3Server

pytestmark = pytest.mark.anyio

ADOPT = "moment storage adopt"


@pytest.fixture
def patient(tmp_path: Path, moto: S3Server, moto_store: SpacesStore, database_url: str) -> DoctorRun:
    run = DoctorRun(tmp_path)
    run.configure_storage(moto, moto_store._bucket)
    run.configure(DATABASE_URL=database_url)
    return run


async def put(store: ObjectStore, key: str) -> None:
    await store.put(key, in_pieces(b"la"), "audio/wav")


async def test_one_that_is_new(patient: DoctorRun) -> None:
    found = await patient.run()
    assert patient.verdicts("bucket owner", "orphans") == ["ok", "ok"]
    assert "not marked yet" in found["bucket owner"].seen


async def test_one_that_a_worker_has_marked(patient: DoctorRun, moto_store: SpacesStore, postgres_bench: Bench) -> None:
    await postgres_bench.jobs.add(a_job())
    await put(moto_store, f"{JOB_ID}/original")
    await housekeeping(postgres_bench.retention_store, postgres_bench.orphan_store, moto_store).tidy()
    found = await patient.run()
    assert patient.verdicts("bucket owner", "orphans") == ["ok", "ok"]
    assert str((await postgres_bench.orphan_store.installation()).id) in found["bucket owner"].seen


async def test_the_bucket_of_another_database(
    patient: DoctorRun, moto_store: SpacesStore, postgres_bench: Bench, database_url: str
) -> None:
    await mark(postgres_bench.retention_store, postgres_bench.orphan_store, moto_store)
    other = "UPDATE moment.installation SET id = gen_random_uuid()"
    await anyio.to_thread.run_sync(execute, database_url, other)
    found = await patient.run()
    assert_failed(found["bucket owner"], "it has the marker of", ADOPT)
    assert "orphans" not in found


async def test_a_bucket_without_a_marker_when_another_was_marked(
    patient: DoctorRun, moto_store: SpacesStore, postgres_bench: Bench
) -> None:
    await mark(postgres_bench.retention_store, postgres_bench.orphan_store, moto_store)
    await patient.run()
    assert patient.verdicts("bucket owner") == ["ok"]
    await moto_store.delete(MARKER_PREFIX)
    found = await patient.run()
    assert_failed(found["bucket owner"], "has lost its marker", ADOPT)
    assert "uploads are refused, and jobs wait" in found["bucket owner"].seen
    await postgres_bench.orphan_store.remember_bucket("https://elsewhere/moments")
    found = await patient.run()
    assert_failed(found["bucket owner"], "the bucket of this database is https://elsewhere/moments", "DO_SPACES_BUCKET")


async def test_a_bucket_without_a_marker_whose_jobs_are_elsewhere(patient: DoctorRun, moto_store: SpacesStore) -> None:
    await put(moto_store, f"{uuid4()}/original")
    assert_failed((await patient.run())["bucket owner"], "1 of its first 1 objects have no job here", ADOPT)
    assert "the next moment that somebody makes settles it" in (await patient.run())["bucket owner"].fix


async def test_a_bucket_without_a_marker_where_an_upload_failed(
    patient: DoctorRun, moto_store: SpacesStore, postgres_bench: Bench
) -> None:
    await put(moto_store, f"{uuid4()}/original")
    await postgres_bench.jobs.add(a_job())
    await put(moto_store, f"{JOB_ID}/original")
    found = await patient.run()
    assert patient.verdicts("bucket owner", "orphans") == ["ok", "ok"]
    assert "1 of its first 2 objects have no job here and are kept for a week" in found["bucket owner"].seen
    await housekeeping(postgres_bench.retention_store, postgres_bench.orphan_store, moto_store).tidy()
    assert str((await postgres_bench.orphan_store.installation()).id) in (await patient.run())["bucket owner"].seen


async def test_a_folder_whose_database_lost_its_jobs(tmp_path: Path, database_url: str, postgres_bench: Bench) -> None:
    patient, folder = DoctorRun(tmp_path), tmp_path / "data" / "objects"
    patient.configure(DATABASE_URL=database_url)
    assert "bucket owner" not in await patient.run()
    store = FilesystemStore(folder, "http://localhost", SECRET.encode(), timedelta(hours=1))
    for _ in range(21):
        await put(store, f"{uuid4()}/original")
    found = await patient.run()
    assert_failed(found["bucket owner"], "21 of its first 21 objects have no job here", "MOMENT_DATA_DIR")
    await mark(postgres_bench.retention_store, postgres_bench.orphan_store, store)
    await patient.run()
    assert patient.verdicts("bucket owner", "orphans") == ["ok", "ok"]  # they are too young
    for path in folder.rglob("original"):
        os.utime(path, times=(0, 0))
    assert_failed((await patient.run())["orphans"], "21 of 21 objects after '' have no job", ADOPT)


async def test_a_database_that_is_away_or_empty(patient: DoctorRun, empty_database_url: str) -> None:
    for url in ("postgresql://127.0.0.1:1/x", empty_database_url):
        patient.configure(DATABASE_URL=url)
        found = await patient.run()
        assert patient.verdicts("bucket owner") == ["warn"]
        assert "cannot be checked" in found["bucket owner"].seen


async def test_a_certificate_that_cannot_be_used(patient: DoctorRun) -> None:
    patient.configure(DATABASE_URL="postgresql://127.0.0.1:1/x?sslmode=verify-full&sslrootcert=/none")
    assert "cannot be checked" in (await patient.run())["bucket owner"].seen

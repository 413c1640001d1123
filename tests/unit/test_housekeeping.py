"""Housekeeping over fakes: what is removed, what is kept, and what happens when a round fails halfway."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import anyio
import pytest

from application.moments.cancel_job import CancelJob
from application.ports.jobs import DatabaseUnavailable, JobNotFound
from application.ports.objects import StorageDenied, StorageUnavailable
from application.ports.orphans import Orphan
from application.ports.request_keys import KEPT, Fingerprint
from application.ports.tools import ToolFailed
from application.ports.uploads import KEPT as UPLOADS_KEPT
from application.ports.uploads import DirectUpload, UploadId
from application.upkeep.bucket_owner import MARKER_PREFIX
from application.upkeep.housekeeping import Housekeeping
from application.upkeep.retry_job import NotRetriable, RetryJob
from application.upkeep.time_share import TimeShare
from domain.errors import BadAudio
from domain.jobs.job import JobId
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import ALWAYS
from tests.support.fake_orphans import InMemoryOrphans
from tests.support.fake_request_keys import InMemoryRequestKeys
from tests.support.fake_upkeep import InMemoryUpkeep
from tests.support.fake_uploads import InMemoryUploads
from tests.support.housekeeping import housekeeping, is_of_no_job
from tests.support.jobs import room_for
from tests.support.pipeline import Pipeline, in_pieces

pytestmark = pytest.mark.anyio

DENIED = StorageDenied("access was denied")


class Harness:
    """A pipeline and its housekeeping, with a clock that tests advance, over a bucket that is marked as its own."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()
        self.store = self.pipeline.store
        self.ahead = timedelta(0)
        self.upkeep = InMemoryUpkeep(self.pipeline.jobs, self.now)
        self.orphans = InMemoryOrphans(self.now)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def housekeeping(self, **config: Any) -> Housekeeping:
        self.store.add(f"{MARKER_PREFIX}{self.orphans.database}")
        return housekeeping(self.upkeep, self.orphans, self.store, **config)

    def objects(self) -> set[str]:
        """Return the keys of all objects but the marker."""
        return {key for key in self.store.objects if not is_of_no_job(key)}

    async def made(self, **upload: str) -> JobId:
        job_id = await self.pipeline.add(**upload)
        await self.run()
        return job_id

    async def run(self) -> None:
        for claim in await self.pipeline.jobs.claim(room_for("w", 10)):
            await self.pipeline.run_job(self.pipeline.run_job.accept(claim))

    async def put(self, key: str) -> str:
        await self.store.put(key, in_pieces(b"la"), "audio/flac")
        return key

    def orphan(self, ago: timedelta = timedelta(days=8)) -> str:
        """Store an old object of a job without a row, which the sweep found some time ago; return its key."""
        job_id = JobId(uuid4())
        self.store.add(f"{job_id}/original", timedelta(hours=2))
        self.orphans.orphans[job_id] = Orphan(self.now() - ago, accepted=False)
        return f"{job_id}/original"

    def under(self, job_id: JobId) -> set[str]:
        return {key for key in self.store.objects if key.startswith(f"{job_id}/")}


def away(harness: Harness, times: float = ALWAYS) -> None:
    """Let the store be away as a whole."""
    for method in ("delete", "ping"):
        harness.store.faults.fail(method, StorageUnavailable("down"), times=times)


def undeletable(harness: Harness, *prefixes: str, error: Exception = DENIED) -> None:
    """Let the store refuse these deletions, and those of whatever contains them."""
    harness.store.faults.fail(
        "delete", error, times=ALWAYS, when=lambda prefix: any(refused.startswith(prefix) for refused in prefixes)
    )


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def test_finished_jobs_leave_with_their_objects_when_their_time_is_over() -> None:
    harness = Harness()
    old = await harness.made()
    harness.ahead = timedelta(days=31)
    waiting = await harness.pipeline.add()
    await harness.housekeeping().tidy()
    assert set(harness.pipeline.jobs.rows) == {waiting}
    assert harness.under(old) == set()
    assert harness.under(waiting) == {f"{waiting}/original"}


async def test_a_moment_that_is_not_to_be_kept_is_there_for_an_hour() -> None:
    harness = Harness()
    fleeting, usual = await harness.made(retention="none"), await harness.made()
    objects = harness.under(fleeting)
    harness.ahead = timedelta(minutes=59)
    await harness.housekeeping().tidy()
    assert harness.under(fleeting) == objects != set()
    harness.ahead = timedelta(minutes=61)
    await harness.housekeeping().tidy()
    assert set(harness.pipeline.jobs.rows) == {usual}
    assert harness.under(fleeting) == set()


async def test_idempotency_keys_are_kept_for_a_day() -> None:
    harness = Harness()
    keys = InMemoryRequestKeys(harness.now)
    old, young = (Fingerprint(key=name, payload=name, body=name) for name in (b"old", b"young"))
    await keys.claim(old, JobId(uuid4()))
    harness.ahead = KEPT - timedelta(minutes=1)
    await keys.claim(young, JobId(uuid4()))
    await harness.housekeeping(request_keys=keys).tidy()
    assert set(keys.rows) == {b"old", b"young"}
    harness.ahead = KEPT + timedelta(minutes=1)
    await harness.housekeeping(request_keys=keys).tidy()
    assert set(keys.rows) == {b"young"}


async def test_direct_uploads_are_removed_after_a_day_with_what_was_sent() -> None:
    harness = Harness()
    uploads = InMemoryUploads(harness.now)
    old, kept_back, young = [
        DirectUpload(id=UploadId(uuid4()), owner="", size=2, mime_type="audio/wav") for _ in range(3)
    ]
    for upload in (old, kept_back):
        await uploads.add(upload, "", 1)
        await harness.put(upload.key)
    harness.ahead = UPLOADS_KEPT - timedelta(minutes=1)
    await uploads.add(young, "", 1)
    await harness.housekeeping(uploads=uploads).tidy()
    assert harness.objects() == {old.key, kept_back.key}
    harness.ahead = UPLOADS_KEPT + timedelta(minutes=1)
    undeletable(harness, kept_back.key)
    await harness.housekeeping(uploads=uploads).tidy()
    assert harness.objects() == {kept_back.key}
    assert set(uploads.rows) == {kept_back.id, young.id}


@pytest.mark.parametrize(("days", "retention"), [(29, timedelta(days=30)), (10_000, timedelta(0))])
async def test_younger_jobs_stay_and_without_a_limit_all_do(days: int, retention: timedelta) -> None:
    harness = Harness()
    job_id = await harness.made()
    objects = harness.under(job_id)
    harness.ahead = timedelta(days=days)
    await harness.housekeeping(age=retention).tidy()
    assert set(harness.pipeline.jobs.rows) == {job_id}
    assert harness.under(job_id) == objects


class Watch:
    """A clock that only sleeping and work move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def work(self, *_: object) -> None:
        self.now += 2.0


async def test_a_round_works_for_its_share_of_a_minute_and_the_next_one_goes_on_at_once() -> None:
    harness, watch = Harness(), Watch()
    for _ in range(5):
        await harness.made()
    harness.ahead = timedelta(days=31)
    harness.store.faults.before("delete", watch.work, times=ALWAYS)
    share = TimeShare(0.1, watch.time, watch.sleep)
    sizes = {"first_step": 1, "largest_step": 1, "pause": timedelta(hours=1)}
    left, is_done = [], []
    for _ in range(3):
        is_done.append(await harness.housekeeping(time_share=share, **sizes).tidy())
        left.append(len(harness.pipeline.jobs.rows))
    assert (left, is_done) == ([2, 0, 0], [False, True, True])
    assert set(watch.slept) == {0.0, 18.0}
    assert harness.objects() == set()


async def test_a_row_outlives_its_objects_never_the_other_way_round() -> None:
    harness = Harness()
    job_id = await harness.made()
    harness.ahead = timedelta(days=31)
    away(harness, times=1)
    harness.upkeep.faults.fail("forget", DatabaseUnavailable("away"))
    with pytest.raises(StorageUnavailable):
        await harness.housekeeping().tidy()
    assert job_id in harness.pipeline.jobs.rows
    with pytest.raises(DatabaseUnavailable):
        await harness.housekeeping().tidy()
    assert (harness.under(job_id), job_id in harness.pipeline.jobs.rows) == (set(), True)
    await harness.housekeeping().tidy()
    assert harness.pipeline.jobs.rows == {}


@pytest.mark.parametrize("error", [DENIED, StorageUnavailable("AccessDenied"), ValueError("a defect")])
async def test_a_job_whose_objects_cannot_be_deleted_stops_no_other(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    harness = Harness()
    stuck, *others = [await harness.made() for _ in range(4)]
    harness.ahead = timedelta(days=31)
    harness.orphan()
    undeletable(harness, f"{stuck}/original", error=error)
    await harness.housekeeping(first_step=2, largest_step=2).tidy()
    assert set(harness.pipeline.jobs.rows) == {stuck}
    assert {key.partition("/")[0] for key in harness.objects()} == {str(stuck)}
    assert warnings(caplog) == [f"deletion failed ({error}), skipped until the next round: {stuck}/"]
    assert len(others) == 3


async def test_more_undeletable_jobs_than_a_batch_are_passed_by_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    harness = Harness()
    stuck = [await harness.made() for _ in range(7)]
    await harness.made()
    harness.ahead = timedelta(days=31)
    undeletable(harness, *(f"{job_id}/original" for job_id in stuck))
    await harness.housekeeping(first_step=2, largest_step=2).tidy()
    assert set(harness.pipeline.jobs.rows) == set(stuck)
    (warning,) = warnings(caplog)
    assert warning.startswith(f"deletion failed ({DENIED}), skipped until the next round: {stuck[0]}/, ")
    assert warning.endswith(", … (7 in all)")
    mended = Harness()
    mended.pipeline.jobs.rows.update(harness.pipeline.jobs.rows)
    mended.store.objects, mended.store.written = harness.store.objects, harness.store.written
    mended.orphans = harness.orphans
    mended.ahead = timedelta(days=31)
    await mended.housekeeping(first_step=2, largest_step=2).tidy()
    assert (mended.pipeline.jobs.rows, mended.objects()) == ({}, set())


async def test_an_orphan_that_cannot_be_deleted_keeps_the_sweep_from_nothing(caplog: pytest.LogCaptureFixture) -> None:
    harness = Harness()
    done = await harness.made()
    kept = harness.under(done)
    stuck, *_ = [await harness.put(f"{done}/{token}/vocals.flac") for token in range(2, 6)]
    harness.ahead = timedelta(minutes=61)
    undeletable(harness, stuck)
    for _ in range(len(kept) + 4 + 1):
        await harness.housekeeping(page=1).tidy()
    assert harness.under(done) == kept | {stuck}
    assert set(warnings(caplog)) == {f"deletion failed ({DENIED}), skipped until the next round: {stuck}"}


@pytest.mark.parametrize("error", [DatabaseUnavailable("away"), ValueError("a defect")])
async def test_the_sweep_does_not_depend_on_retention(error: Exception) -> None:
    harness = Harness()
    harness.orphan()
    harness.upkeep.faults.fail("expire", error)
    with pytest.raises(type(error)):
        await harness.housekeeping(page=1).tidy()
    assert harness.objects() == set()


async def test_retention_does_not_depend_on_the_sweep() -> None:
    harness = Harness()
    await harness.made()
    harness.ahead = timedelta(days=31)
    harness.store.faults.fail("list_page", StorageDenied("no permission to list"), times=ALWAYS)
    with pytest.raises(StorageDenied):
        await harness.housekeeping().tidy()
    assert harness.pipeline.jobs.rows == {}


async def test_a_store_that_is_away_ends_retention_at_its_first_step() -> None:
    harness = Harness()
    jobs = {await harness.made() for _ in range(5)}
    harness.ahead = timedelta(days=31)
    away(harness)
    with pytest.raises(StorageUnavailable):
        await harness.housekeeping(first_step=2).tidy()
    assert set(harness.pipeline.jobs.rows) == jobs
    assert [len(harness.store.faults.calls[method]) for method in ("delete", "ping")] == [2, 1]


async def test_what_no_finished_job_points_to_is_swept_and_nothing_else() -> None:
    harness = Harness()
    done = await harness.made()
    kept = harness.under(done)
    orphans = [await harness.put(f"{done}/{name}") for name in ("0/vocals.flac", "1/vocals.flac.part", "2/final.mp3")]
    foreign = [await harness.put(name) for name in ("backup/2026", "readme", f"{done}".upper() + "/1/x")]
    await harness.housekeeping().tidy()
    assert set(orphans) < set(harness.store.objects)  # too young to be sure
    harness.ahead = timedelta(minutes=61)
    await harness.housekeeping().tidy()
    assert harness.objects() == kept | set(foreign)


async def test_what_a_cancelled_jobs_tool_still_wrote_is_swept() -> None:
    harness = Harness()
    job_id = await harness.pipeline.add()
    await CancelJob(harness.pipeline.jobs, harness.store)(job_id)
    await harness.put(f"{job_id}/1/vocals.flac")
    harness.ahead = timedelta(minutes=61)
    await harness.housekeeping().tidy()
    assert harness.objects() == set()


async def test_the_objects_of_a_job_that_cannot_be_read_are_left_alone() -> None:
    harness = Harness()
    job_id = await harness.made()
    orphan = await harness.put(f"{job_id}/9/vocals.flac")
    harness.ahead = timedelta(minutes=61)
    harness.upkeep.unreadable.add(job_id)
    before = harness.objects()
    await harness.housekeeping().tidy()
    assert harness.objects() == before
    assert orphan in before


async def test_a_running_jobs_folders_are_never_touched() -> None:
    harness = Harness()
    job_id = await harness.pipeline.add()
    await harness.pipeline.jobs.claim(room_for("w", 1))
    for token in (1, 2):
        await harness.put(f"{job_id}/{token}/vocals.flac")
    harness.ahead = timedelta(days=40)
    await harness.housekeeping().tidy()
    assert len(harness.under(job_id)) == 3


async def test_a_recording_whose_job_is_about_to_be_inserted_stays() -> None:
    harness = Harness()
    harness.ahead = timedelta(minutes=59)
    key = await harness.put("00000000-0000-4000-8000-000000000001/original")
    await harness.housekeeping().tidy()
    assert key in harness.store.objects


@pytest.mark.parametrize("page", [1, 2, 3])
async def test_rounds_go_through_the_whole_store_page_by_page_and_begin_again(page: int) -> None:
    harness = Harness()
    done = await harness.made()
    kept = harness.under(done)
    harness.ahead = timedelta(minutes=61)
    for _ in range(2):
        for token in range(2, 6):
            await harness.put(f"{done}/{token}/final.mp3")
            harness.store.written[f"{done}/{token}/final.mp3"] -= timedelta(hours=2)
        for _ in range(12):
            await harness.housekeeping(page=page).tidy()
        assert harness.under(done) == kept


async def test_a_round_is_not_repeated_before_its_time() -> None:
    harness = Harness()
    await harness.made()
    harness.ahead = timedelta(days=31)
    await harness.housekeeping(pause=timedelta(minutes=1)).tidy()
    await harness.made()
    harness.ahead += timedelta(seconds=30)
    for row in harness.pipeline.jobs.rows.values():
        row.finished_at = harness.now() - timedelta(days=31)
    await harness.housekeeping(pause=timedelta(minutes=1)).tidy()
    assert len(harness.pipeline.jobs.rows) == 1


async def test_housekeeping_goes_on_after_a_fault() -> None:
    harness = Harness()
    await harness.made()
    harness.ahead = timedelta(days=31)
    harness.upkeep.faults.fail("begin_maintenance", ValueError("a bug"), DatabaseUnavailable("away"))
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(harness.housekeeping(pause=timedelta(milliseconds=1)).run)
            while harness.pipeline.jobs.rows:
                await anyio.sleep(0.01)
            group.cancel_scope.cancel()


async def test_a_failed_moment_is_made_again_under_its_own_id() -> None:
    harness = Harness()
    retry = RetryJob(harness.upkeep, harness.store)
    job_id = await harness.pipeline.add()
    harness.pipeline.tools.fail("synthesize_preview", *[ToolFailed("out of tune")] * 3)
    for _ in range(3):
        await harness.run()
    assert (await harness.pipeline.job(job_id)).status is JobStatus.FAILED
    assert (await retry(job_id)).status is JobStatus.PENDING
    await harness.run()
    job = await harness.pipeline.job(job_id)
    assert job.status is JobStatus.COMPLETED
    harness.ahead = timedelta(minutes=61)
    await harness.housekeeping().tidy()
    assert harness.under(job_id) == job.objects  # what the failed attempts made is gone


async def test_a_moment_whose_time_is_over_is_not_made_again_while_its_objects_are_removed() -> None:
    harness = Harness()
    retry = RetryJob(harness.upkeep, harness.store)
    harness.pipeline.tools.fail("analyze_hum", *[ToolFailed("out of tune")] * 3)
    job_id = await harness.pipeline.add()
    for _ in range(3):
        await harness.run()
    harness.ahead = timedelta(days=31)

    async def retry_meanwhile(_: str) -> None:
        with pytest.raises(JobNotFound):
            await retry(job_id)

    harness.store.faults.before("delete", retry_meanwhile)
    await harness.housekeeping().tidy()
    assert (harness.pipeline.jobs.rows, harness.objects()) == ({}, set())


async def test_a_moment_without_its_recording_is_not_made_again() -> None:
    harness = Harness()
    retry = RetryJob(harness.upkeep, harness.store)
    job_id = await harness.pipeline.add()
    with pytest.raises(NotRetriable, match="PENDING"):
        await retry(job_id)
    harness.pipeline.tools.fail("analyze_hum", *[ToolFailed("out of tune")] * 3)
    for _ in range(3):
        await harness.run()
    await harness.store.delete(f"{job_id}/original")
    with pytest.raises(NotRetriable, match="was deleted"):
        await retry(job_id)
    assert (await harness.pipeline.job(job_id)).status is JobStatus.FAILED


async def test_the_audio_of_a_refused_job_is_removed_after_a_day_and_its_status_stays() -> None:
    harness = Harness()
    retry = RetryJob(harness.upkeep, harness.store)
    job_id = await harness.pipeline.add()
    harness.pipeline.tools.fail("analyze_hum", BadAudio("silence", code="hum_silent"))
    await harness.run()
    harness.ahead = timedelta(hours=23)
    await harness.housekeeping().tidy()
    assert harness.under(job_id) == {f"{job_id}/original"}
    harness.ahead = timedelta(hours=25)
    await harness.housekeeping().tidy()
    assert harness.under(job_id) == set()
    job = await harness.pipeline.job(job_id)
    assert (job.status, job.refused, job.objects) == (JobStatus.FAILED, True, frozenset())
    with pytest.raises(NotRetriable, match="removed"):
        await retry(job_id)
    deletions = len(harness.store.faults.calls["delete"])
    await harness.housekeeping().tidy()
    assert len(harness.store.faults.calls["delete"]) == deletions


@pytest.mark.parametrize("retention", [timedelta(days=30), timedelta(0)])
async def test_what_an_operator_deletes_is_removed_in_the_next_round(retention: timedelta) -> None:
    harness = Harness()
    deleted, kept = await harness.made(), await harness.made()
    await harness.upkeep.delete(deleted)
    await harness.housekeeping(age=retention).tidy()
    assert set(harness.pipeline.jobs.rows) == {kept}
    assert harness.under(deleted) == set()


async def test_in_a_wrong_bucket_nothing_expires() -> None:
    harness = Harness()
    await harness.made()
    harness.ahead = timedelta(days=31)
    right = harness.housekeeping()
    marker = harness.store.objects.pop(f"{MARKER_PREFIX}{harness.orphans.database}")
    harness.orphans.bucket = "https://elsewhere/moments"
    for _ in range(3):
        await right.tidy()
    assert (len(harness.pipeline.jobs.rows), len(harness.objects())) == (1, 6)
    harness.store.objects[f"{MARKER_PREFIX}{harness.orphans.database}"] = marker
    await harness.housekeeping().tidy()
    assert (harness.pipeline.jobs.rows, harness.objects()) == ({}, set())

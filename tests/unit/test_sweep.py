"""The sweep over fakes: whose bucket it is, the quarantine, and when it stops."""

import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from application.page_files import PAGES_PREFIX
from application.ports.jobs import DatabaseUnavailable
from application.ports.maintenance import MaintenanceRound
from application.ports.objects import StorageUnavailable
from application.ports.orphans import Orphan
from application.ports.uploads import UPLOADS_PREFIX
from application.samples import SAMPLES_PREFIX, sample_key
from application.upkeep.bucket_owner import MARKER_PREFIX, PROBE_KEY, BucketOwner
from application.upkeep.bucket_report import BucketState
from application.upkeep.sweep import REMINDER_SECONDS, Sweep, SweepConfig
from domain.jobs.job import JobId
from tests.support.fake_orphans import InMemoryOrphans
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_store import InMemoryStore
from tests.support.fake_upkeep import InMemoryUpkeep
from tests.support.pipeline import Pipeline

pytestmark = pytest.mark.anyio

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = timedelta(days=7)


class Harness:
    """A sweep over fakes, with clocks that only tests advance."""

    def __init__(self, jobs: InMemoryJobs | None = None, store: InMemoryStore | None = None) -> None:
        self.store = store or InMemoryStore()
        self.now = datetime.now(UTC)
        self.seconds = 0.0
        self.jobs = jobs or InMemoryJobs()
        self.upkeep = InMemoryUpkeep(self.jobs, lambda: self.now)
        self.orphans = InMemoryOrphans(lambda: self.now)
        self.owner = BucketOwner(self.upkeep, self.orphans, self.store, self.store)
        self.cursor = ""
        self.rounds = 0
        self.sweep = Sweep(
            self.upkeep,
            self.orphans,
            self.store,
            self.store,
            self.owner,
            config=SweepConfig(page=50),
            clock=lambda: self.seconds,
        )

    async def round(self) -> set[str]:
        """Sweep a page; return the keys of the jobs' objects that are left."""
        self.rounds += 1
        until = self.now + self.rounds * MINUTE
        self.cursor = await self.sweep(MaintenanceRound(self.cursor, self.now, until))
        return {key for key in self.store.objects if not key.startswith(MARKER_PREFIX)}

    def strangers(self, count: int) -> set[str]:
        """Store old objects of as many jobs without a row; return their keys."""
        keys = {f"{uuid4()}/original" for _ in range(count)}
        for key in keys:
            self.store.add(key, 2 * HOUR)
        return keys

    @property
    def markers(self) -> set[str]:
        return {key.removeprefix(MARKER_PREFIX) for key in self.store.objects if key.startswith(MARKER_PREFIX)}


@pytest.fixture
async def harness() -> Harness:
    """A sweep of a bucket that is marked as its own."""
    made = Harness()
    await made.owner.mark()
    return made


async def jobs_with_objects(count: int) -> Pipeline:
    pipeline = Pipeline()
    for _ in range(count):
        await pipeline.add()
    return pipeline


async def test_an_empty_bucket_is_marked_and_swept_from_the_next_round_on() -> None:
    harness = Harness()
    orphans = harness.strangers(0)
    assert await harness.round() == orphans
    assert harness.markers == {str(harness.orphans.database)}
    assert (await harness.owner.examine()).state is BucketState.OURS
    harness.strangers(1)
    await harness.round()
    assert len(harness.orphans.orphans) == 1


async def test_a_bucket_from_before_there_were_markers_is_marked_if_its_objects_have_rows() -> None:
    pipeline = await jobs_with_objects(5)
    harness = Harness(pipeline.jobs, pipeline.store)
    await harness.round()
    assert harness.markers == {str(harness.orphans.database)}


async def test_objects_of_other_programs_do_not_count() -> None:
    pipeline = await jobs_with_objects(1)
    wrong, right = Harness(store=pipeline.store), Harness(pipeline.jobs, pipeline.store)
    for number in range(1200):
        pipeline.store.add(f"-backups/{number}")  # they come before the jobs
    await wrong.round()
    assert wrong.markers == set()
    await right.round()
    assert right.markers == {str(right.orphans.database)}


@pytest.mark.parametrize(("known", "rowless"), [(1, 3), (5, 1), (5, 5), (20, 20), (40, 20)])
async def test_a_few_failed_uploads_do_not_keep_a_bucket_from_being_marked_and_swept(known: int, rowless: int) -> None:
    pipeline = await jobs_with_objects(known)
    harness = Harness(pipeline.jobs, pipeline.store)
    strangers = harness.strangers(rowless)
    kept = set(harness.store.objects) - strangers
    report = await harness.owner.examine()
    assert (report.state, report.strangers, report.objects) == (BucketState.UNMARKED, rowless, known + rowless)
    await harness.round()
    assert harness.markers == {str(harness.orphans.database)}
    for _ in range(4):
        assert await harness.round() == strangers | kept
    harness.now += WEEK
    for _ in range(4):
        await harness.round()
    assert await harness.round() == kept


@pytest.mark.parametrize("age", [timedelta(0), 2 * HOUR])
@pytest.mark.parametrize(("known", "rowless"), [(0, 1), (0, 3), (3, 4), (19, 20), (60, 21)])
async def test_more_of_them_or_nothing_else_keeps_a_bucket_unmarked(known: int, rowless: int, age: timedelta) -> None:
    pipeline = await jobs_with_objects(known)
    harness = Harness(pipeline.jobs, pipeline.store)
    for _ in range(rowless):
        harness.store.add(f"{uuid4()}/original", age)
    before = set(harness.store.objects)
    for _ in range(3):
        await harness.round()
        harness.now += WEEK
    assert set(harness.store.objects) == before
    report = await harness.owner.examine()
    assert (report.state, report.strangers, report.objects) == (BucketState.UNKNOWN, rowless, known + rowless)
    assert f"{rowless} of its first {known + rowless} objects" in report.explanation


async def test_jobs_are_counted_and_not_their_objects() -> None:
    pipeline = await jobs_with_objects(5)
    harness = Harness(pipeline.jobs, pipeline.store)
    for job_id in list(pipeline.jobs.rows):
        for number in range(10):
            harness.store.add(f"{job_id}/1/{number}", 2 * HOUR)
    harness.strangers(6)
    assert (await harness.owner.examine()).state is BucketState.UNKNOWN


async def test_a_fresh_bucket_whose_first_upload_failed_is_marked_with_the_first_job() -> None:
    pipeline = Pipeline()
    harness = Harness(pipeline.jobs, pipeline.store)
    harness.strangers(1)
    await harness.round()
    assert harness.markers == set()
    assert (await harness.owner.examine()).awaits_job
    await pipeline.add()
    await harness.round()
    assert harness.markers == {str(harness.orphans.database)}


async def test_the_wrong_database_deletes_nothing_and_says_so_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    right = Harness()
    await right.owner.mark()
    objects = right.strangers(5)
    wrong = Harness(store=right.store)
    for _ in range(120):
        assert await wrong.round() == objects
        wrong.seconds += REMINDER_SECONDS / 60
        wrong.now += DAY
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 2
    assert str(right.orphans.database) in warnings[0]
    assert wrong.orphans.orphans == {}
    assert wrong.markers == {str(right.orphans.database)}
    assert (await wrong.owner.examine()).state is BucketState.FOREIGN


async def test_databases_that_mark_a_bucket_at_the_same_time_both_stop() -> None:
    first = Harness()
    second = Harness(store=first.store)

    async def mark_meanwhile(*_: object, **__: object) -> None:
        await second.owner.mark()

    first.store.faults.before("put", mark_meanwhile, times=1)
    await first.round()
    assert len(first.markers) == 2
    objects = first.strangers(3)
    for harness in (first, second):
        assert await harness.round() == objects
        assert (await harness.owner.examine()).state is BucketState.FOREIGN
        assert harness.orphans.orphans == {}


async def test_two_workers_mark_a_new_bucket_at_the_same_time() -> None:
    first = Harness()
    second = Harness(store=first.store)
    second.orphans = first.orphans
    second.owner = BucketOwner(second.upkeep, first.orphans, first.store, first.store)

    async def mark_meanwhile(*_: object, **__: object) -> None:
        await second.owner.mark()

    first.store.faults.before("put", mark_meanwhile, times=1)
    await first.round()
    for harness in (first, second):
        assert (await harness.owner.examine()).state is BucketState.OURS
    assert first.orphans.bucket == first.store.place


async def test_a_marker_that_the_database_could_not_note_is_noted_later() -> None:
    harness = Harness()
    harness.orphans.faults.fail("remember_bucket", DatabaseUnavailable("away"))
    with pytest.raises(DatabaseUnavailable):
        await harness.round()
    assert (harness.markers, harness.orphans.bucket) == ({str(harness.orphans.database)}, None)
    assert (await harness.owner.identify()).state is BucketState.OURS
    await harness.round()
    assert harness.orphans.bucket == harness.store.place


async def test_a_marker_that_the_store_did_not_take_is_not_missed_later() -> None:
    harness = Harness()
    harness.store.faults.fail("put", StorageUnavailable("full"))
    with pytest.raises(StorageUnavailable):
        await harness.round()
    assert harness.orphans.bucket is None
    await harness.round()
    assert (await harness.owner.identify()).state is BucketState.OURS


async def test_a_bucket_without_a_marker_is_wrong_once_one_was_marked(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.store.objects.clear()
    objects = harness.strangers(1)
    for _ in range(30):
        assert await harness.round() == objects
        harness.now += DAY
    assert (harness.markers, harness.orphans.orphans) == (set(), {})
    report = await harness.owner.examine()
    assert (report.state, report.is_wrong) == (BucketState.ELSEWHERE, True)
    assert "has lost its marker" in report.explanation
    harness.orphans.bucket = "https://elsewhere/moments"
    assert "the bucket of this database is https://elsewhere" in (await harness.owner.identify()).explanation
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


async def test_the_marker_is_renewed_before_a_rule_of_the_bucket_deletes_it(harness: Harness) -> None:
    (marker,) = harness.store.objects
    harness.store.written[marker] = written = harness.now - timedelta(hours=23)
    await harness.round()
    assert harness.store.written[marker] == written
    harness.now += 2 * HOUR
    await harness.round()
    assert harness.store.written[marker] > written
    assert set(harness.store.objects) == {marker}


async def test_taking_a_bucket_over_can_be_repeated() -> None:
    first = Harness()
    await first.owner.mark()
    second = Harness(store=first.store)
    second.store.faults.fail("delete", StorageUnavailable("away"))
    with pytest.raises(StorageUnavailable):
        await second.owner.take_over()
    assert (await second.owner.examine()).state is BucketState.FOREIGN
    await second.owner.take_over()
    assert second.markers == {str(second.orphans.database)}
    assert (await first.owner.examine()).state is BucketState.FOREIGN


async def test_objects_without_a_row_are_deleted_after_their_quarantine(harness: Harness) -> None:
    orphans = harness.strangers(3)
    for _ in range(7):
        assert await harness.round() == orphans
        harness.now += DAY
    assert await harness.round() == set()
    assert harness.orphans.orphans == {}


async def test_the_quarantine_counts_from_the_first_sight_however_old_the_objects_are(harness: Harness) -> None:
    (key,) = harness.strangers(1)
    harness.store.written[key] -= timedelta(days=400)
    assert await harness.round() == {key}
    harness.now += WEEK - HOUR
    assert await harness.round() == {key}
    harness.now += 2 * HOUR
    assert await harness.round() == set()


async def test_a_row_that_comes_back_ends_the_quarantine() -> None:
    pipeline = await jobs_with_objects(1)
    harness = Harness(store=pipeline.store)
    await harness.owner.mark()
    harness.now += 2 * HOUR
    kept = await harness.round()
    assert len(harness.orphans.orphans) == 1
    harness.jobs.rows.update(pipeline.jobs.rows)
    harness.now += WEEK
    assert await harness.round() == kept
    assert harness.orphans.orphans == {}
    harness.jobs.rows.clear()
    assert await harness.round() == kept  # it begins anew


async def test_what_cannot_be_deleted_stays_in_quarantine(harness: Harness) -> None:
    (orphan,) = harness.strangers(1)
    harness.orphans.orphans[JobId(uuid4())] = elsewhere = Orphan(harness.now, accepted=False)
    await harness.round()
    harness.now += WEEK
    harness.store.faults.fail("delete", ValueError("a defect"))
    assert await harness.round() == {orphan}
    assert len(harness.orphans.orphans) == 2
    assert await harness.round() == set()
    assert list(harness.orphans.orphans.values()) == [elsewhere]


async def test_young_objects_are_left_alone_by_the_clock_of_the_database(harness: Harness) -> None:
    (key,) = harness.strangers(1)
    harness.store.written[key] = harness.now - timedelta(minutes=59)
    await harness.round()
    assert harness.orphans.orphans == {}
    harness.now += timedelta(minutes=2)
    await harness.round()
    assert len(harness.orphans.orphans) == 1


@pytest.mark.parametrize(
    ("known", "unknown", "stops"), [(0, 20, False), (0, 21, True), (25, 25, False), (24, 26, True)]
)
async def test_too_many_objects_without_a_row_stop_the_sweep(
    known: int, unknown: int, *, stops: bool, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline = await jobs_with_objects(known)
    harness = Harness(pipeline.jobs, pipeline.store)
    await harness.owner.mark()
    harness.strangers(unknown)
    for key in harness.store.objects:
        harness.store.written[key] = harness.now - 2 * HOUR
    before = set(harness.store.objects)
    for _ in range(3):
        await harness.round()
        assert set(harness.store.objects) == before
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == (3 if stops else 0)
    assert len(harness.orphans.orphans) == (0 if stops else unknown)


async def test_a_sweep_that_has_stopped_stays_at_its_page_until_the_orphans_are_accepted(harness: Harness) -> None:
    orphans = harness.strangers(100)
    assert await harness.round() == orphans
    assert harness.cursor == ""
    await harness.orphans.record({JobId(UUID(key.partition("/")[0])) for key in orphans}, accepted=True)
    for _ in range(3):
        assert await harness.round() == orphans
    harness.now += WEEK
    for _ in range(3):
        left = await harness.round()
    assert left == set()


async def test_what_was_sent_to_a_url_whose_upload_is_over_is_deleted(harness: Harness) -> None:
    old, young = f"{UPLOADS_PREFIX}{uuid4()}", f"{UPLOADS_PREFIX}{uuid4()}"
    harness.store.add(old, DAY + 2 * HOUR)
    harness.store.add(young, DAY)
    assert await harness.round() == {young}
    assert harness.orphans.orphans == {}


async def test_samples_of_this_version_stay_and_those_of_another_one_go_after_a_week(harness: Harness) -> None:
    former = [f"{SAMPLES_PREFIX}0.0.1-abcd/{name}.mp3" for name in ("pop", "rock")]
    harness.store.add(former[0], WEEK + 2 * HOUR)
    harness.store.add(former[1], WEEK)
    harness.store.add(sample_key("pop"), 10 * WEEK)
    assert await harness.round() == {former[1], sample_key("pop")}
    assert harness.orphans.orphans == {}


async def test_files_of_pages_go_once_nobody_has_stored_them_again_for_a_week(harness: Harness) -> None:
    harness.store.add(f"{PAGES_PREFIX}former", WEEK + 2 * HOUR)
    harness.store.add(present := f"{PAGES_PREFIX}present", WEEK)
    assert await harness.round() == {present}
    assert harness.orphans.orphans == {}


async def test_what_workers_tried_the_store_with_goes_an_hour_after_the_last_time(harness: Harness) -> None:
    harness.store.add(PROBE_KEY, 59 * MINUTE)
    assert await harness.round() == {PROBE_KEY}
    harness.now += 2 * MINUTE
    assert await harness.round() == set()


async def test_uploads_in_a_bucket_of_somebody_else_stay(harness: Harness) -> None:
    harness.store.add(f"{MARKER_PREFIX}{uuid4()}")
    harness.store.add(key := f"{UPLOADS_PREFIX}{uuid4()}", 2 * DAY)
    assert await harness.round() == {key}

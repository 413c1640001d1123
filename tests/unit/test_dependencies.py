"""What becomes of jobs when something that they need is away, misconfigured, or full."""

import logging

import anyio
import pytest

from application.ports.jobs import DatabaseUnavailable
from application.ports.objects import StorageDenied, StorageUnavailable
from application.ports.tools import ToolFailed, ToolsLost, ToolsUnavailable
from application.upkeep.bucket_owner import MARKER_PREFIX, PROBE_KEY, BucketOwner
from application.upkeep.bucket_report import WrongBucket
from application.worker.circuit_breaker import FAILURES
from application.worker.dependencies import Claimable, Dependencies, Verdict
from application.worker.slot_limit import SlotLimit
from application.worker.storage_probe import StorageProbe
from domain.blueprints.blueprint import OutputKind
from domain.error_codes import Code
from domain.errors import BadAudio, MomentError
from domain.jobs.artifacts import Stem
from domain.jobs.transitions import JobStatus
from tests.support.fake_faults import ALWAYS
from tests.support.fake_orphans import InMemoryOrphans
from tests.support.fake_queue import InMemoryJobs
from tests.support.fake_store import InMemoryStore
from tests.support.fake_tools import OUR_TOOLS, FakeMusicTools
from tests.support.fake_upkeep import InMemoryUpkeep
from tests.support.pipeline import Pipeline, now

pytestmark = pytest.mark.anyio

BOTH = list(OutputKind)
DENIED = ToolFailed("wrong token", code="tools_denied")


class Fleet:
    """The dependencies of a worker over fakes."""

    def __init__(self) -> None:
        self.tools = FakeMusicTools()
        self.store = InMemoryStore()
        self.slot_limit = SlotLimit(8)
        self.dependencies = Dependencies(self.tools, self.store.ping, self.slot_limit, lambda: 0.0, longest_pause=0.01)

    async def verdict(self, error: MomentError, kind: OutputKind = OutputKind.PREVIEW) -> Verdict:
        return (await self.dependencies.judge(error, kind)).verdict

    @property
    def kinds(self) -> list[OutputKind]:
        return list(self.dependencies.claimable().kinds)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (BadAudio("silence", code="hum_silent"), Verdict.REFUSED),
        (ToolFailed("no", permanent=True), Verdict.REFUSED),
        (ToolFailed("out of tune"), Verdict.ERROR),
        (ToolFailed("lost", code="child_lost"), Verdict.ERROR),
        (MomentError("a bug"), Verdict.ERROR),
        (ToolsUnavailable("cut"), Verdict.SETBACK),
        (ToolsLost("cut"), Verdict.BREAK),
        (StorageUnavailable("cut"), Verdict.SETBACK),
        (ToolFailed("cut", code="transfer_interrupted"), Verdict.SETBACK),
        (ToolFailed("403", code="transfer_failed"), Verdict.ERROR),
        (ToolFailed("minio is not public", code="url_not_allowed"), Verdict.SETBACK),
        (DENIED, Verdict.ERROR),
        (ToolFailed("gone", code="tool_missing"), Verdict.ERROR),
        (ToolFailed("odd", code="invalid_arguments", permanent=True), Verdict.ERROR),
        (StorageDenied("no"), Verdict.ERROR),
    ],
)
async def test_while_every_probe_succeeds_an_error_speaks_of_its_job(error: MomentError, verdict: Verdict) -> None:
    fleet = Fleet()
    assert await fleet.verdict(error) is verdict
    assert fleet.kinds == BOTH


async def test_lost_tools_are_a_break_whether_they_are_back_or_not() -> None:
    fleet = Fleet()
    fleet.tools.faults.fail("ping", ToolsUnavailable("away"), times=ALWAYS)
    assert await fleet.verdict(ToolsLost("cut")) is Verdict.BREAK
    assert fleet.kinds == []


@pytest.mark.parametrize("code", ["tools_unavailable", "tools_denied"])
async def test_what_a_probe_confirms_stops_all_claims(code: Code) -> None:
    fleet = Fleet()
    fleet.tools.faults.fail("ping", ToolFailed("away", code=code), times=ALWAYS)
    assert await fleet.verdict(ToolFailed("away", code=code)) is Verdict.WAIT
    assert fleet.kinds == []
    assert fleet.dependencies.waiting_for() == dict.fromkeys(BOTH, code)


@pytest.mark.parametrize("code", ["storage_unavailable", "transfer_interrupted", "transfer_failed"])
async def test_a_store_that_is_denied_is_found_out_whatever_failed(code: Code) -> None:
    fleet = Fleet()
    fleet.store.faults.fail("ping", StorageDenied("no"), times=ALWAYS)
    assert await fleet.verdict(ToolFailed("no", code=code)) is Verdict.WAIT
    assert fleet.dependencies.waiting_for() == dict.fromkeys(BOTH, "storage_denied")


@pytest.mark.parametrize("code", ["tool_missing", "tool_not_offered", "unknown_tool", "invalid_arguments"])
async def test_a_missing_tool_stops_only_what_needs_it(code: Code) -> None:
    fleet = Fleet()
    fleet.tools.tools = OUR_TOOLS - {"create_song"}
    assert await fleet.verdict(ToolFailed("gone", code=code), OutputKind.SONG) is Verdict.WAIT
    assert fleet.kinds == [OutputKind.PREVIEW]
    assert fleet.dependencies.waiting_for() == {OutputKind.SONG: "tool_missing"}
    async with anyio.create_task_group() as group:
        group.start_soon(fleet.dependencies.run)
        await anyio.sleep(0.05)
        assert fleet.kinds == [OutputKind.PREVIEW]
        fleet.tools.tools = OUR_TOOLS
        with anyio.fail_after(5):
            while fleet.kinds != BOTH:
                await fleet.dependencies.changed()
        group.cancel_scope.cancel()
    assert not fleet.dependencies.troubled


@pytest.mark.parametrize("tool", ["analyze_hum", "render_vocals", "render_instrumental"])
async def test_moments_wait_for_our_own_server_to_have_every_tool_again(tool: str) -> None:
    pipeline = Pipeline()
    pipeline.tools.tools = OUR_TOOLS - {tool}
    job_id = await pipeline.add()
    async with pipeline.working():
        with anyio.fail_after(5):
            while (await pipeline.jobs.get(job_id)).waiting_for != "tool_missing":
                await anyio.sleep(0.01)
        assert not (await pipeline.job(job_id)).status.terminal
        pipeline.tools.tools = OUR_TOOLS
        job = await pipeline.ended(job_id)
    assert job.status is JobStatus.COMPLETED
    assert pipeline.tools.calls["analyze_hum"] == 1
    assert set(pipeline.tools.mixes[0]) == set(Stem)
    assert pipeline.jobs.rows[job_id].errors == 0


async def test_what_comes_back_is_tried_by_one_job_and_then_by_all(caplog: pytest.LogCaptureFixture) -> None:
    fleet = Fleet()
    fleet.tools.faults.fail("ping", ToolsUnavailable("away"), times=4)
    with caplog.at_level(logging.INFO):
        for _ in range(20):
            assert await fleet.verdict(ToolsUnavailable("away")) is Verdict.WAIT
        async with anyio.create_task_group() as group:
            group.start_soon(fleet.dependencies.run)
            with anyio.fail_after(5):
                while not fleet.kinds:
                    await fleet.dependencies.changed()
            group.cancel_scope.cancel()
        assert fleet.dependencies.claimable().limit == 1
        assert fleet.dependencies.waiting_for() == {}  # nothing waits but for a job that tries
        fleet.dependencies.succeeded(JobStatus.PENDING, OutputKind.PREVIEW)  # that needs no tool
        assert fleet.dependencies.claimable().limit == 1
        fleet.dependencies.succeeded(JobStatus.ANALYZING, OutputKind.PREVIEW)
    assert fleet.dependencies.claimable().limit == 8
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert fleet.tools.calls["ping"] == 5


async def test_tools_that_do_not_know_the_store_keep_jobs_waiting_and_count_no_error() -> None:
    fleet = Fleet()
    refusal = ToolFailed("the host minio is not public", code="url_not_allowed")
    verdicts = [await fleet.verdict(refusal) for _ in range(FAILURES + 1)]
    assert verdicts == [Verdict.SETBACK] * (FAILURES - 1) + [Verdict.WAIT] * 2
    assert fleet.dependencies.waiting_for() == dict.fromkeys(BOTH, "url_not_allowed")


@pytest.mark.parametrize(
    "code", ["provider_denied", "provider_quota", "voice_misconfigured", "provider_busy", "result_unreachable"]
)
async def test_a_refusal_of_the_provider_stops_its_kind_of_moment_at_once(code: Code) -> None:
    fleet = Fleet()
    assert await fleet.verdict(ToolFailed("no", code=code), OutputKind.SONG) is Verdict.WAIT
    assert fleet.kinds == [OutputKind.PREVIEW]
    assert fleet.dependencies.waiting_for() == {OutputKind.SONG: code}
    assert not fleet.tools.calls["create_song"]


async def test_a_provider_that_fails_is_left_alone_after_five_failures() -> None:
    fleet = Fleet()
    verdicts = [await fleet.verdict(ToolFailed("500", code="provider_unavailable")) for _ in range(FAILURES + 1)]
    assert verdicts == [Verdict.SETBACK] * (FAILURES - 1) + [Verdict.WAIT] * 2
    assert fleet.kinds == [OutputKind.SONG]


async def test_one_job_of_its_kind_tries_a_provider_and_only_its_last_stage_proves_it() -> None:
    fleet = Fleet()
    denied = ToolFailed("no", code="provider_denied")
    async with anyio.create_task_group() as group:
        group.start_soon(fleet.dependencies.run)
        await fleet.verdict(denied, OutputKind.SONG)
        await fleet.dependencies.changed()
        assert fleet.dependencies.claimable() == Claimable([OutputKind.PREVIEW], 8, [OutputKind.SONG])
        fleet.dependencies.succeeded(JobStatus.MIXING, OutputKind.PREVIEW)
        fleet.dependencies.succeeded(JobStatus.RENDERING, OutputKind.SONG)  # a foreign server has no tool for stems
        assert fleet.dependencies.claimable().trials == [OutputKind.SONG]
        assert await fleet.verdict(denied, OutputKind.SONG) is Verdict.WAIT
        await fleet.dependencies.changed()
        fleet.dependencies.succeeded(JobStatus.MIXING, OutputKind.SONG)
        assert fleet.dependencies.claimable() == Claimable(BOTH, 8, [])
        group.cancel_scope.cancel()


async def test_a_provider_is_not_tried_before_the_time_that_it_names() -> None:
    fleet = Fleet()
    busy = ToolFailed("slow down", code="provider_busy", retry_after=0.3)
    async with anyio.create_task_group() as group:
        group.start_soon(fleet.dependencies.run)
        began = anyio.current_time()
        await fleet.verdict(busy)
        await fleet.dependencies.changed()
        assert anyio.current_time() - began >= 0.3
        assert fleet.dependencies.claimable().trials == [OutputKind.PREVIEW]
        group.cancel_scope.cancel()


async def test_a_store_that_is_full_answers_pings_and_is_left_alone_all_the_same() -> None:
    fleet = Fleet()
    verdicts = [await fleet.verdict(StorageUnavailable("full")) for _ in range(FAILURES + 1)]
    assert verdicts == [Verdict.SETBACK] * (FAILURES - 1) + [Verdict.WAIT] * 2
    assert fleet.kinds == []


async def test_failures_that_a_success_interrupts_are_not_an_outage() -> None:
    fleet = Fleet()
    for _ in range(3):
        for _ in range(FAILURES - 1):
            assert await fleet.verdict(StorageUnavailable("slow down")) is Verdict.SETBACK
        fleet.dependencies.succeeded(JobStatus.RENDERING, OutputKind.PREVIEW)


async def test_the_slots_follow_what_the_tools_admit() -> None:
    limit = SlotLimit(8)
    limit.shrink()
    limit.shrink()  # in the same moment
    assert limit.slots == 5
    for _ in range(100):
        limit.grow()
    assert limit.slots == 8


async def test_jobs_wait_through_an_outage_and_none_fails() -> None:
    pipeline = Pipeline()
    ids = [await pipeline.add() for _ in range(30)]
    pipeline.tools.faults.fail("ping", ToolsUnavailable("away"), times=3)
    pipeline.tools.faults.fail("render_vocals", ToolsUnavailable("away"), times=4)
    async with pipeline.working():
        jobs = [await pipeline.ended(job_id) for job_id in ids]
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert {row.errors for row in pipeline.jobs.rows.values()} == {0}


async def test_songs_wait_for_their_tool_while_previews_are_made() -> None:
    pipeline = Pipeline()
    pipeline.tools.tools = OUR_TOOLS - {"create_song"}
    songs = [await pipeline.add(output_kind="song") for _ in range(5)]
    previews = [await pipeline.add() for _ in range(5)]
    async with pipeline.working():
        for job_id in previews:
            assert (await pipeline.ended(job_id)).status is JobStatus.COMPLETED
        assert not any([(await pipeline.job(job_id)).status.terminal for job_id in songs])
        waiting = {(await pipeline.jobs.get(job_id)).waiting_for for job_id in songs}
        assert waiting == {"tool_missing"} or "" in waiting
        pipeline.tools.tools = OUR_TOOLS
        for job_id in songs:
            assert (await pipeline.ended(job_id)).status is JobStatus.COMPLETED


class Probed:
    """A store and its probe."""

    def __init__(self) -> None:
        self.store, self.orphans, jobs = InMemoryStore(), InMemoryOrphans(now), InMemoryJobs()
        self.owner = BucketOwner(InMemoryUpkeep(jobs, now), self.orphans, self.store, self.store)
        self.probe = StorageProbe(self.store, self.owner)


async def test_a_store_that_takes_nothing_or_belongs_to_others_is_found_out() -> None:
    probed = Probed()
    await probed.probe()
    assert set(probed.store.objects) == {PROBE_KEY}
    probed.store.faults.fail("put", StorageDenied("read only"))
    with pytest.raises(StorageDenied, match="read only"):
        await probed.probe()
    probed.store.add(f"{MARKER_PREFIX}another")
    with pytest.raises(WrongBucket, match="the marker of another database"):
        await probed.probe()


async def test_a_store_without_a_marker_is_found_out_once_one_was_marked() -> None:
    probed = Probed()
    await probed.owner.mark()
    await probed.probe()
    probed.store.objects.clear()
    with pytest.raises(WrongBucket, match="no marker, and this database has marked one before"):
        await probed.probe()
    assert probed.store.objects == {}
    await probed.owner.take_over()
    await probed.probe()


async def test_the_size_of_the_bucket_does_not_matter_to_the_probe() -> None:
    probed = Probed()
    for number in range(20_000):
        probed.store.add(f"-backups/{number}")
    await probed.probe()
    assert {method: len(calls) for method, calls in probed.store.faults.calls.items()} == dict.fromkeys(
        ("ping", "list_page", "put"), 1
    )


async def test_an_outage_of_the_database_is_not_the_stores_fault() -> None:
    probed = Probed()
    probed.orphans.faults.fail("installation", DatabaseUnavailable("restarting"))
    await probed.probe()
    assert set(probed.store.objects) == {PROBE_KEY}


@pytest.mark.parametrize("code", ["transfer_failed", "object_not_found"])
async def test_what_is_missing_in_a_wrong_bucket_fails_no_job(code: Code) -> None:
    probed = Probed()
    await probed.owner.mark()
    probed.store.objects.clear()
    dependencies = Dependencies(FakeMusicTools(), probed.probe, SlotLimit(8), lambda: 0.0)
    judged = await dependencies.judge(ToolFailed("404", code=code, permanent=True), OutputKind.PREVIEW)
    assert (judged.verdict, judged.error.code) == (Verdict.WAIT, "wrong_bucket")
    assert dependencies.waiting_for() == dict.fromkeys(BOTH, "wrong_bucket")
    assert list(dependencies.claimable().kinds) == []


async def test_a_worker_tries_the_store_before_it_claims_anything() -> None:
    pipeline = Pipeline()
    job_id = await pipeline.add()
    pipeline.store.faults.fail("ping", WrongBucket("another one"), times=3)
    async with pipeline.working():
        assert (await pipeline.ended(job_id)).status is JobStatus.COMPLETED
    assert [len(calls) for calls in (pipeline.store.faults.calls["ping"], pipeline.jobs.rows)] == [4, 1]
    assert pipeline.jobs.rows[job_id].attempt == 1


async def test_a_job_for_which_the_tools_were_busy_all_the_time_waits() -> None:
    fleet = Fleet()
    timed_out = MomentError("too long", code="deadline_exceeded")
    assert await fleet.verdict(timed_out) is Verdict.ERROR
    fleet.slot_limit.shrink()
    assert await fleet.verdict(timed_out) is Verdict.WAIT


async def test_a_probe_with_a_defect_stops_claims_and_neither_the_worker_nor_a_job(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fleet = Fleet()
    fleet.tools.faults.fail("ping", ZeroDivisionError("a slip"), times=3)
    assert await fleet.verdict(ToolsUnavailable("cut")) is Verdict.WAIT
    assert fleet.dependencies.waiting_for() == dict.fromkeys(BOTH, "internal_error")
    async with anyio.create_task_group() as group:
        group.start_soon(fleet.dependencies.run)
        with anyio.fail_after(5):
            while not fleet.kinds:
                await fleet.dependencies.changed()
        group.cancel_scope.cancel()
    fleet.dependencies.succeeded(JobStatus.ANALYZING, OutputKind.PREVIEW)
    assert not fleet.dependencies.troubled
    assert fleet.tools.calls["ping"] == 4
    assert [record.exc_info is not None for record in caplog.records if record.levelname == "ERROR"] == [True]

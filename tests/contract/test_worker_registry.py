"""What workers tell the fleet, and what the status of a waiting job makes of it."""

from uuid import uuid4

import anyio
import asyncpg
import pytest

from adapters.postgres.worker_registry import PostgresWorkerRegistry
from application.ports.job_admin import JobFilter
from application.ports.jobs import DatabaseUnavailable
from application.ports.workers import WorkerReport
from application.worker.dependencies import Dependencies
from application.worker.presence import Presence
from application.worker.slot_limit import SlotLimit
from domain.blueprints.blueprint import OutputKind
from domain.errors import MomentError
from domain.jobs.job import JobId
from entrypoints.doctor.fleet import judge
from entrypoints.doctor.report import Verdict
from tests.support.fake_faults import ALWAYS
from tests.support.fake_store import InMemoryStore
from tests.support.fake_tools import FakeMusicTools
from tests.support.fake_workers import InMemoryWorkers
from tests.support.jobs import a_job, room_for
from tests.support.queue_bench import Bench

pytestmark = pytest.mark.anyio

SONG, PREVIEW = OutputKind.SONG, OutputKind.PREVIEW
AWAY = {SONG: "tools_unavailable", PREVIEW: "tools_unavailable"}


def a_report(name: str, waiting_for: dict[OutputKind, str] | None = None) -> WorkerReport:
    return WorkerReport(name=name, version="1.0", host="h", slots=8, running=2, waiting_for=waiting_for or {})


async def submitted(bench: Bench, kind: OutputKind) -> JobId:
    job_id = JobId(uuid4())
    await bench.jobs.add(a_job(job_id, kind=kind))
    return job_id


@pytest.fixture
def registry(pool: asyncpg.Pool) -> PostgresWorkerRegistry:
    return PostgresWorkerRegistry(pool)


async def test_a_worker_is_known_from_its_first_report_until_it_leaves(
    registry: PostgresWorkerRegistry, postgres_bench: Bench
) -> None:
    await registry.report(a_report("w1"))
    await registry.report(a_report("w2"))
    await registry.report(a_report("w1", {SONG: "tool_missing"}))
    one, two = (await postgres_bench.job_admin.stats()).workers
    assert (one.name, one.version, one.slots, one.running, one.waiting_for) == (
        "w1",
        "1.0",
        8,
        2,
        {SONG: "tool_missing"},
    )
    assert two.waiting_for == {}
    assert one.started_at is not None
    assert one.seen_at is not None
    assert one.started_at < one.seen_at
    await registry.leave("w1")
    await registry.leave("w1")
    assert [worker.name for worker in (await postgres_bench.job_admin.stats()).workers] == ["w2"]
    assert list(await registry.working()) == [two]


async def test_a_worker_that_is_silent_is_gone_and_forgotten_in_the_end(
    registry: PostgresWorkerRegistry, postgres_bench: Bench, pool: asyncpg.Pool
) -> None:
    await registry.report(a_report("silent"))
    await pool.execute("UPDATE moment.workers SET seen_at = now() - interval '31 seconds'")
    assert (await postgres_bench.job_admin.stats()).workers == ()
    await pool.execute("UPDATE moment.workers SET seen_at = now() - interval '61 minutes'")
    await registry.report(a_report("w"))
    assert [row["name"] for row in await pool.fetch("SELECT name FROM moment.workers")] == ["w"]


async def test_a_waiting_job_tells_what_keeps_it_waiting(
    registry: PostgresWorkerRegistry, postgres_bench: Bench
) -> None:
    jobs, song = postgres_bench.jobs, await submitted(postgres_bench, SONG)
    preview = await submitted(postgres_bench, PREVIEW)
    assert (await jobs.get(song)).waiting_for == "worker_missing"
    assert (await postgres_bench.job_admin.stats()).waiting_for == {"worker_missing": 2}
    assert (await postgres_bench.job_admin.show(song)).waiting_for == "worker_missing"
    await registry.report(a_report("w1", {SONG: "tool_missing"}))
    assert (await jobs.get(song)).waiting_for == "tool_missing"
    assert (await jobs.get(preview)).waiting_for == ""
    listed = (await postgres_bench.job_admin.list_jobs(JobFilter(code="tool_missing"), 9)).entries
    assert [(entry.id, entry.waiting_for) for entry in listed] == [(song, "tool_missing")]
    await registry.report(a_report("w2"))
    assert (await jobs.get(song)).waiting_for == ""  # one of them can make it
    await registry.report(a_report("w2", AWAY))
    assert (await jobs.get(song)).waiting_for in {"tool_missing", "tools_unavailable"}
    await postgres_bench.queue.claim(room_for("w1", 9))
    assert (await jobs.get(song)).waiting_for == ""  # it runs
    await jobs.cancel(preview)


async def test_a_change_is_reported_at_once_and_the_end_too(
    registry: PostgresWorkerRegistry, postgres_bench: Bench
) -> None:
    tools = FakeMusicTools()
    dependencies = Dependencies(tools, InMemoryStore().ping, SlotLimit(8), lambda: 0.0)
    presence = Presence(registry, dependencies, lambda: a_report("w", dependencies.waiting_for()), lambda: 0.0)

    async def waits_for() -> list[dict[OutputKind, str]]:
        return [worker.waiting_for for worker in (await postgres_bench.job_admin.stats()).workers]

    async with anyio.create_task_group() as group:
        group.start_soon(presence.run)
        with anyio.fail_after(5):
            while await waits_for() != [{}]:
                await anyio.sleep(0.01)
            tools.faults.fail("ping", MomentError("away", code="tools_unavailable"))
            await dependencies.judge(MomentError("away", code="tools_unavailable"), PREVIEW)
            while await waits_for() != [AWAY]:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    assert await waits_for() == []


async def test_a_database_that_is_away_stops_no_worker(caplog: pytest.LogCaptureFixture) -> None:
    away = InMemoryWorkers()
    for method in ("report", "leave"):
        away.faults.fail(method, DatabaseUnavailable("down"), times=ALWAYS)
    dependencies = Dependencies(FakeMusicTools(), InMemoryStore().ping, SlotLimit(8), lambda: 0.0)
    with anyio.move_on_after(0.05) as scope:
        await Presence(away, dependencies, lambda: a_report("w"), lambda: 0.0).run()
    assert scope.cancelled_caught
    assert not caplog.records


async def test_the_doctor_sees_who_waits_for_what(registry: PostgresWorkerRegistry, postgres_bench: Bench) -> None:
    admin = postgres_bench.job_admin
    assert judge(await admin.stats()).verdict is Verdict.OK
    await submitted(postgres_bench, SONG)
    without = judge(await admin.stats())
    assert (without.verdict, without.what) == (Verdict.FAIL, "1 job waiting and no worker")
    await registry.report(a_report("w1", {SONG: "tools_denied"}))
    denied = judge(await admin.stats())
    assert denied.verdict is Verdict.FAIL
    assert "songs wait for tools_denied" in denied.what
    assert "MCP_AUTH_TOKEN" in denied.fix
    await registry.report(a_report("w1"))
    assert judge(await admin.stats()).verdict is Verdict.OK
    await admin.pause([SONG])
    assert judge(await admin.stats()).verdict is Verdict.WARN

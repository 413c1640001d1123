"""What the fleet needs is away, misconfigured or full for a while: jobs wait, go on when it is back, and none fails.

Default settings, real processes. `CHAOS_AWAY` is how long an outage lasts, in seconds, and `CHAOS_BACKLOG` how
many jobs wait: 60 and 200 in `make chaos`.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import pytest

from domain.jobs.transitions import JobStatus
from tests.support.chaos_stores import BucketStore, ChaosStore, FolderStore
from tests.support.processes import Process, ServiceProcesses, eventually, service_processes

AWAY: Final = float(os.environ.get("CHAOS_AWAY", "6"))
JOBS: Final = int(os.environ.get("CHAOS_BACKLOG", "24"))
PATIENCE: Final = 60.0 + 0.5 * JOBS

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60 + AWAY + PATIENCE)]


async def completed(service: ServiceProcesses, ids: list[str]) -> None:
    """Wait until the jobs have ended, and check that nothing was counted against them."""

    async def all_ended() -> bool:
        rows = await service.rows()
        return all(rows[job_id].job.status.terminal for job_id in ids)

    await eventually(all_ended, PATIENCE)
    rows = await service.rows()
    assert {(rows[job_id].job.status, str(rows[job_id].job.error)) for job_id in ids} == {(JobStatus.COMPLETED, "None")}
    assert {(rows[job_id].errors, rows[job_id].crashes) for job_id in ids} == {(0, 0)}


async def status(service: ServiceProcesses, job_id: str) -> Any:
    return (await service.ask("GET", f"/v1/status/{job_id}")).raise_for_status().json()


async def waits_for(service: ServiceProcesses, job_id: str, code: str) -> None:
    async def says_so() -> bool:
        return bool((await status(service, job_id))["waiting_for"] == code)

    await eventually(says_so)


async def reported_once(service: ServiceProcesses, code: str) -> None:
    """Check that each worker logged the outage once, and its end."""
    for worker in service.workers:
        await eventually(partial(_ends_outage, service, worker))
        assert worker.log.count(f"({code}); jobs that need it wait") == worker.log.count("well again") == 1


async def _ends_outage(service: ServiceProcesses, worker: Process) -> bool:
    """Give the workers one more job: a breaker closes with a job, and the other worker may have run all others."""
    if "well again" not in worker.log:
        await service.submit("one more")
        await anyio.sleep(0.2)
    return "well again" in worker.log


@asynccontextmanager
async def tools_as(service: ServiceProcesses, **settings: str) -> AsyncIterator[None]:
    """Let the music tools be others in the block; without settings, none."""
    service.stop_tools()
    if settings:
        service.start_tools(**settings)
        await service.listening()
    try:
        yield
    finally:
        if settings:
            service.stop_tools()
        service.start_tools()


async def test_jobs_wait_while_the_tools_are_away(service: ServiceProcesses) -> None:
    service.worker()
    service.worker()
    ids = [await service.submit(str(number)) for number in range(JOBS // 2)]
    async with tools_as(service):
        ids += [await service.submit(str(number)) for number in range(JOBS // 2)]
        await waits_for(service, ids[-1], "tools_unavailable")
        assert (await service.ask("GET", "/readyz")).status_code == 200
        await anyio.sleep(AWAY)
    await completed(service, ids)
    await reported_once(service, "tools_unavailable")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"CHAOS_TOKEN": "another"}, "tools_denied"),
        ({"CHAOS_VARIANT": "without:synthesize_preview"}, "tool_missing"),
        ({"CHAOS_VARIANT": "skewed"}, "invalid_arguments"),
    ],
    ids=["denied", "missing", "skewed"],
)
async def test_a_slip_of_configuration_costs_nobody_a_moment(
    service: ServiceProcesses, settings: dict[str, str], code: str
) -> None:
    async with tools_as(service, **settings):
        service.worker()
        previews = [await service.submit(str(number)) for number in range(JOBS // 2)]
        songs = [await service.submit(str(number), kind="song") for number in range(3)]
        await waits_for(service, previews[0], code)
        if code != "tools_denied":
            await completed(service, songs)
        await anyio.sleep(AWAY / 2)
        assert not any([(await status(service, job_id))["terminal"] for job_id in previews])
        assert (await service.ask("GET", "/readyz")).status_code == 200
    await completed(service, previews + songs)
    await reported_once(service, code)


@pytest.fixture(params=[FolderStore, BucketStore], ids=["folder", "bucket"])
async def any_store(
    request: pytest.FixtureRequest, tmp_path: Path, service_database: str
) -> AsyncIterator[ServiceProcesses]:
    store: type[ChaosStore] = request.param
    with service_processes(tmp_path, service_database, store=store) as running:
        await running.listening()
        yield running


@pytest.mark.parametrize("way", ["away", "503", "full"])
async def test_jobs_wait_while_the_store_is_away_or_full(any_store: ServiceProcesses, way: str) -> None:
    any_store.worker()
    ids = [await any_store.submit(str(number)) for number in range(JOBS)]
    with any_store.outage(way):
        await anyio.sleep(AWAY)
        assert (await status(any_store, ids[-1]))["status"] != "FAILED"
    await completed(any_store, ids)

"""Real music tools that are replaced while they render: calls are finished or made again, and nothing is counted."""

import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import pytest

from domain.jobs.transitions import JobStatus
from tests.support.hums import hum, our_tune, write_wav
from tests.support.processes import ServiceProcesses, eventually, service_processes

JOBS: Final = 8
RESTARTS: Final = 2
PATIENCE: Final = 300.0

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(PATIENCE + 60)]


@pytest.fixture
async def real_service(tmp_path: Path, service_database: str) -> AsyncIterator[ServiceProcesses]:
    """Provide a fleet whose music tools really render."""
    with service_processes(tmp_path, service_database, real_tools=True) as running:
        await running.listening()
        yield running


async def test_a_restart_of_real_music_tools_under_load_costs_no_job_anything(
    real_service: ServiceProcesses, tmp_path: Path
) -> None:
    write_wav(tmp_path / "hum.wav", hum(our_tune(), seed=3).samples)
    recording = await anyio.Path(tmp_path / "hum.wav").read_bytes()
    workers = [real_service.worker() for _ in range(2)]
    ids = [await real_service.submit(recording) for _ in range(JOBS)]
    for _ in range(RESTARTS):
        await eventually(partial(renders, real_service), PATIENCE)
        former = await real_service.replace_tools()
        assert await former.ended() == 0, former.log
        assert "Traceback" not in former.log
    rows = [await real_service.ended(job_id, PATIENCE) for job_id in ids]
    assert {(row.job.status, row.errors, row.crashes) for row in rows} == {(JobStatus.COMPLETED, 0, 0)}
    assert not any(attempt.counted for row in rows for attempt in row.job.attempts)
    for worker in workers:
        worker.send(signal.SIGTERM)
    assert [await worker.ended() for worker in workers] == [0, 0]


async def renders(service: ServiceProcesses) -> bool:
    """Return whether the music tools of the moment work, on several jobs."""
    statuses = [row.job.status for row in (await service.rows()).values()]
    return "tool served" in service.tools_log and statuses.count(JobStatus.RENDERING) >= 2

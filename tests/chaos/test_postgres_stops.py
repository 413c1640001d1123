"""Postgres is down for a while: every process notices, none crashes, nothing is rendered again."""

import anyio
import pytest
from anyio import to_thread

from domain.jobs.transitions import JobStatus
from tests.support.processes import ServiceProcesses, eventually
from tests.support.restartable import RestartablePostgres

pytestmark = pytest.mark.anyio

AWAY: float = 3.0


async def readiness(service: ServiceProcesses) -> int:
    return (await service.ask("GET", "/readyz")).status_code


async def test_a_fleet_outlives_its_database(service: ServiceProcesses, postgres: RestartablePostgres) -> None:
    await eventually(lambda: _is(service, 200))
    gate = service.hold("render_vocals")
    # Long enough a lease: what was running when Postgres went goes on when it is back.
    worker = service.worker(MOMENT_LEASE_SECONDS="15")
    running = await service.submit()
    await service.called("render_vocals")
    await to_thread.run_sync(postgres.stop)
    try:
        gate.unlink()
        await eventually(lambda: _is(service, 503))
        assert (await service.ask("GET", "/healthz")).status_code == 200
        refused = await service.ask("POST", "/v1/create-moment", files={"file": ("hum", b"RIFF\0\0\0\0WAVEfmt ")})
        assert refused.status_code == 503
        await anyio.sleep(AWAY)
    finally:
        await to_thread.run_sync(postgres.start)
    await eventually(lambda: _is(service, 200))
    row = await service.ended(running)
    assert (row.job.status, row.attempt) == (JobStatus.COMPLETED, 1)
    assert len(service.calls("render_vocals")) == 1
    assert (await service.ended(await service.submit())).job.status is JobStatus.COMPLETED
    assert worker.alive
    assert service.api.alive
    assert "Traceback" not in worker.log + service.api.log
    await eventually(lambda: "well again after" in worker.log)
    told = [line for line in worker.log.splitlines() if "database" in line.lower() or "cannot" in line]
    assert len([line for line in told if "states are written later" in line]) == 1, told
    assert len([line for line in told if "well again after" in line]) == 1, told
    assert len([line for line in told if "cannot listen" in line]) == 1, told
    assert len(told) == 3, told


async def _is(service: ServiceProcesses, status: int) -> bool:
    return await readiness(service) == status

"""Postgres goes away for a while: everybody notices, nobody falls over, nothing is made again."""

import anyio
import pytest
from anyio import to_thread

from domain.jobs.transitions import JobStatus
from tests.support.processes import Fleet, eventually
from tests.support.restartable import RestartablePostgres

pytestmark = pytest.mark.anyio

AWAY: float = 3.0


async def readiness(fleet: Fleet) -> int:
    return (await fleet.ask("GET", "/readyz")).status_code


async def test_a_fleet_outlives_its_database(calm: Fleet, postgres: RestartablePostgres) -> None:
    await eventually(lambda: _is(calm, 200))
    gate = calm.hold("render_vocals")
    # Long enough a lease: what was running when Postgres went goes on when it is back.
    worker = calm.worker(MOMENT_LEASE_SECONDS="15")
    running = await calm.submit()
    await calm.called("render_vocals")
    await to_thread.run_sync(postgres.stop)
    try:
        gate.unlink()
        await eventually(lambda: _is(calm, 503))
        assert (await calm.ask("GET", "/healthz")).status_code == 200
        refused = await calm.ask("POST", "/v1/create-moment", files={"file": ("hum", b"RIFF\0\0\0\0WAVEfmt ")})
        assert refused.status_code == 503
        await anyio.sleep(AWAY)
    finally:
        await to_thread.run_sync(postgres.start)
    await eventually(lambda: _is(calm, 200))
    row = await calm.ended(running)
    assert (row.job.status, row.attempt) == (JobStatus.COMPLETED, 1)
    assert len(calm.calls("render_vocals")) == 1
    assert (await calm.ended(await calm.submit())).job.status is JobStatus.COMPLETED
    assert worker.alive
    assert calm.api.alive
    assert "Traceback" not in worker.log + calm.api.log


async def _is(fleet: Fleet, status: int) -> bool:
    return await readiness(fleet) == status

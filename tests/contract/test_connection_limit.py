"""A server that grants few connections, all of them taken: nothing is lost, and everything goes on by itself."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import asyncpg
import pytest

from adapters.postgres.dsn import normalise
from adapters.postgres.embedded.server import embedded_postgres
from domain.jobs.transitions import JobStatus
from tests.support.database import TEMPLATE, copied, prepare_template
from tests.support.processes import LEASE, ServiceProcesses, eventually, service_processes

pytestmark = pytest.mark.anyio

CLOSE_POOLS = """
SELECT count(pg_terminate_backend(pid))
FROM pg_stat_activity
WHERE application_name LIKE 'moment api %'
    OR application_name LIKE 'moment worker %' AND query NOT LIKE '%renewed%' AND query NOT LIKE '%pg_notify%'
"""
"""Everything of ours but a worker's heartbeats and its LISTEN."""


FIND_HEARTBEATS = (
    "SELECT FROM pg_stat_activity WHERE application_name LIKE 'moment worker %' AND query LIKE '%renewed%'"
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcesses]:
    """Provide a service on a server with ten connections."""
    with (
        TemporaryDirectory(prefix="limit-") as folder,
        embedded_postgres(Path(folder) / "server", max_connections="10", fsync="off", autovacuum="off") as server,
    ):
        prepare_template(server)
        for url in copied(server, TEMPLATE):
            with service_processes(tmp_path, url) as running:
                yield running


class Hoard:
    """Connections that we take from the others."""

    def __init__(self, url: str) -> None:
        self._url = normalise(url).url
        self._taken: list[Any] = []

    async def take(self) -> None:
        """Take every connection that is free, and every one that becomes free, until cancelled."""
        while True:
            with suppress(asyncpg.TooManyConnectionsError):
                self._taken.append(await asyncpg.connect(self._url, timeout=5, command_timeout=10))
            await anyio.sleep(0.001)

    async def close_pools(self) -> None:
        """Close the connections of the pools, and give us time to take them before they are opened again."""
        await eventually(lambda: bool(self._taken))
        await self._taken[0].fetchval(CLOSE_POOLS)
        await anyio.sleep(0.1)

    def give_up(self) -> None:
        """Close all of ours."""
        while self._taken:
            self._taken.pop().terminate()


@pytest.fixture
async def hoard(service: ServiceProcesses) -> AsyncIterator[Hoard]:
    hoard = Hoard(service.database)
    yield hoard
    hoard.give_up()


@asynccontextmanager
async def taking(hoard: Hoard) -> AsyncIterator[None]:
    """Take all connections during the block; those that are left at its end are still ours."""
    async with anyio.create_task_group() as group:
        group.start_soon(hoard.take)
        yield
        group.cancel_scope.cancel()


async def beats(service: ServiceProcesses) -> bool:
    return bool(await service.query(FIND_HEARTBEATS))


async def has_room(service: ServiceProcesses) -> bool:
    with suppress(asyncpg.TooManyConnectionsError):
        await service.query("SELECT")
        return True
    return False


async def api_has_none(service: ServiceProcesses, hoard: Hoard) -> bool:
    await hoard.close_pools()
    return (await service.ask("GET", "/readyz")).status_code == 503


async def test_the_api_says_when_and_workers_keep_their_leases(service: ServiceProcesses, hoard: Hoard) -> None:
    await service.listening()
    worker = service.worker()
    gate = service.hold("render_vocals")
    job_id = await service.submit()
    await service.called("render_vocals")
    await eventually(partial(beats, service))
    before = await service.row(job_id)
    async with taking(hoard):
        await eventually(partial(api_has_none, service, hoard))
        answer = await service.ask("GET", f"/v1/status/{job_id}")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        await anyio.sleep(2 * LEASE)
    hoard.give_up()
    await eventually(partial(has_room, service))  # the server takes a moment to notice
    gate.unlink()
    row = await service.ended(job_id)
    assert (row.job.status, row.attempt, row.token) == (JobStatus.COMPLETED, 1, before.token)
    assert len(service.calls("render_vocals")) == 1
    assert (await service.ended(await service.submit())).job.status is JobStatus.COMPLETED
    assert worker.alive
    assert "Traceback" not in worker.log + service.api.log

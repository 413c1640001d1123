"""A rolling restart of two apis behind a load balancer that retries nothing: with the default settings none fails."""

import signal
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import pytest

from entrypoints.local.network import free_port
from tests.support.api_traffic import Traffic
from tests.support.load_balancer import balancing
from tests.support.processes import Process, eventually
from tests.support.up import unconfigured

pytestmark = pytest.mark.anyio

QUICK_CLIENTS: Final = 4
SLOW_CLIENTS: Final = 2


class Apis:
    """Two apis on ports of their own, over one database and one folder of objects."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder = folder
        self._ports = [free_port(), free_port()]
        self.urls = [f"http://127.0.0.1:{port}" for port in self._ports]
        self._environment = unconfigured() | {
            "DATABASE_URL": database_url,
            "MOMENT_DATA_DIR": str(folder / "data"),
            "PUBLIC_URL": self.urls[0],
        }
        self.running = [self.start(number) for number in range(2)]

    def start(self, number: int) -> Process:
        environment = self._environment | {"MOMENT_PORT": str(self._ports[number])}
        return Process(["entrypoints.cli", "api"], environment, self._folder / f"api-{number}.log")

    async def restart(self, number: int) -> None:
        """Stop one as an orchestrator does, and start it again."""
        process = self.running[number]
        process.send(signal.SIGTERM)
        assert await process.ended(60) == 0, process.log
        assert "Traceback" not in process.log
        assert "cut" not in process.log
        self.running[number] = self.start(number)

    def kill(self) -> None:
        for process in self.running:
            process.kill()


async def test_no_request_fails_in_a_rolling_restart(service_database: str, tmp_path: Path) -> None:
    apis = Apis(tmp_path, service_database)
    try:
        async with balancing(apis.urls) as (balancer, url), anyio.create_task_group() as group:
            both_ready = partial(eventually, lambda: len(balancer.ready) == 2)
            await both_ready()
            traffic = Traffic(url)
            for client in [traffic.quick] * QUICK_CLIENTS + [traffic.slow] * SLOW_CLIENTS:
                group.start_soon(client)
            for number in range(2):
                await anyio.sleep(0.5)
                await apis.restart(number)
                await both_ready()
            traffic.stop()
    finally:
        apis.kill()
    assert balancer.failures == []
    assert set(traffic.outcomes) == {"GET 200", "POST 202"}, traffic.outcomes
    assert min(traffic.outcomes.values()) > 50

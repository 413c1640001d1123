"""A slip of configuration sends a worker or an api to another, unmarked store: nothing fails, nothing is misplaced."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import anyio
import httpx
import pytest

from adapters.spaces import SpacesStore
from domain.jobs.transitions import JobStatus
from entrypoints.local.network import free_port
from tests.support.chaos_stores import BucketStore, ChaosStore, FolderStore
from tests.support.processes import PATIENCE, WAV, ServiceProcesses, eventually, service_processes

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

JOBS: Final = 12
LONG_ENOUGH: Final = 8.0
"""Seconds in which a job without its recording would fail three times."""


class Misled:
    """A service, and the settings of processes that use another store, which is empty."""

    def __init__(self, service: ServiceProcesses, settings: dict[str, str]) -> None:
        self.service = service
        self.settings = settings

    async def adopt(self, **settings: str) -> None:
        """Run `moment storage adopt`, which marks the bucket as a worker does within minutes."""
        command = self.service.command("storage", "adopt", "--yes", **settings)
        assert await command.ended() == 0, command.log

    async def ask(self, port: int, method: str, path: str, **content: Any) -> tuple[int, Any]:
        """Return the status and the body of a response; 0 while nobody listens."""
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http:
            try:
                answer = await http.request(method, f"http://127.0.0.1:{port}{path}", **content)
            except httpx.TransportError:
                return 0, {}
        return answer.status_code, answer.json()

    async def waits_for(self, job_id: str, code: str) -> None:
        async def says_so() -> bool:
            return bool((await self.service.ask("GET", f"/v1/status/{job_id}")).json()["waiting_for"] == code)

        await eventually(says_so)

    async def completed(self, ids: list[str]) -> None:
        for job_id in ids:
            row = await self.service.ended(job_id)
            assert (row.job.status, row.errors, row.crashes) == (JobStatus.COMPLETED, 0, 0), row.job.error


@pytest.fixture(params=[FolderStore, BucketStore], ids=["folder", "bucket"])
async def misled(request: pytest.FixtureRequest, tmp_path: Path, service_database: str) -> AsyncIterator[Misled]:
    store: type[ChaosStore] = request.param
    with service_processes(tmp_path, service_database, store=store) as service:
        await service.listening()
        if store is FolderStore:
            yield Misled(service, {"MOMENT_DATA_DIR": str(tmp_path / "elsewhere")})
            return
        async with service.store.opened() as spaces:
            assert isinstance(spaces, SpacesStore)
            await spaces._client.create_bucket(Bucket="elsewhere")
        yield Misled(service, {"DO_SPACES_BUCKET": "elsewhere"})


async def test_jobs_wait_while_the_worker_has_another_store(misled: Misled) -> None:
    service = misled.service
    await misled.adopt()
    ids = [await service.submit(str(number)) for number in range(JOBS)]
    before = await service.store.keys()
    worker = service.worker(**misled.settings)
    await misled.waits_for(ids[-1], "wrong_bucket")
    await anyio.sleep(LONG_ENOUGH)
    rows = await service.rows()
    assert {(row.job.status, row.errors, row.attempt) for row in rows.values()} == {(JobStatus.PENDING, 0, 0)}
    assert worker.log.count("(wrong_bucket); jobs that need it wait") == 1
    worker.kill()
    service.worker()
    await misled.completed(ids)
    assert before < await service.store.keys()


async def test_uploads_are_refused_while_the_api_has_another_store(misled: Misled) -> None:
    service, port = misled.service, free_port()
    await misled.adopt()
    service.command("api", MOMENT_PORT=str(port), PUBLIC_URL=f"http://127.0.0.1:{port}", **misled.settings)
    files = {"file": ("hum", WAV + b"la")}

    async def ready() -> bool:
        return await misled.ask(port, "GET", "/healthz") != (0, {})

    await eventually(ready)
    for _ in range(3):
        status, problem = await misled.ask(port, "POST", "/v1/create-moment", files=files)
        assert (status, problem["code"]) == (503, "wrong_bucket")
    assert (await misled.ask(port, "GET", "/readyz"))[1]["parts"]["storage"] == "wrong_bucket"
    assert await service.rows() == {}


async def test_an_adopted_store_is_used_without_a_restart(misled: Misled) -> None:
    service, port = misled.service, free_port()
    await misled.adopt()
    worker = service.worker(**misled.settings)
    service.command("api", MOMENT_PORT=str(port), **misled.settings)
    await eventually(lambda: "(wrong_bucket); jobs that need it wait" in worker.log)
    await misled.adopt(**misled.settings)

    async def accepted() -> bool:
        return (await misled.ask(port, "POST", "/v1/create-moment", files={"file": ("hum", WAV + b"la")}))[0] == 202

    await eventually(accepted)
    (job_id,) = await service.rows()

    async def claimed() -> bool:
        return (await service.row(job_id)).attempt > 0

    await eventually(claimed)

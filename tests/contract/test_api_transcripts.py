"""The transcripts of docs/api.md are what really happens: each command is run by `curl`, in the order of the page."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

import anyio
import httpx
import msgspec
import pytest

from adapters.postgres.documents import write_document
from domain.blueprints.blueprint import OutputKind
from domain.errors import JobError
from domain.jobs.job import JobId
from domain.jobs.transitions import Failed
from tests.support import database
from tests.support.api import WAV
from tests.support.curl import Call, CommandFailed, call_of, require_curl, run
from tests.support.jobs import NOW, STARTED, a_job
from tests.support.pipeline import in_pieces
from tests.support.transcribed_service import TranscribedService, transcribed_service
from tests.support.transcripts import Comparison, Exchange, Names, exchanges_of
from tests.support.up import HUM

pytestmark = pytest.mark.anyio

PAGE: Final = Path(__file__).parents[2] / "docs" / "api.md"
PATIENCE: Final = 5.0
"""Seconds in which what only reads must be answered as it is shown: a worker is at work meanwhile."""

FAILED_JOB: Final = JobId(UUID("5e1c0f5b-3c55-4b8e-9a53-0d9f4a1f7a10"))
"""A job that an error ended which may not come again."""

OTHER_FAILED_JOB: Final = JobId(UUID("9d2f7c0e-64a1-4f0b-b7c8-2a5e913d4f60"))
"""Another one."""

WAITING_JOB: Final = JobId(UUID("c0a4d1de-8f0f-4d0a-8a53-64f2a7b6c9d1"))
"""A job that no worker takes up before tomorrow."""

WEBHOOK: Final = "https://app.example/hooks/moments"

END_JOB: Final = """
UPDATE moment.jobs SET document = $2, version = $3, status = 'FAILED', reason = 'child_lost', finished_at = now()
WHERE id = $1
"""
DELIVERED: Final = """
UPDATE moment.webhook_deliveries
SET
    id = '0d5f6c1e-3a53-4c0e-9f27-8f1f6d1f7b3a',
    state = 'delivered',
    attempt = 1,
    settled_at = now(),
    log = '[{"at": "2026-11-26T10:00:01Z", "status": 204, "error": "", "seconds": 0.087}]'
WHERE job_id = $1
"""
PUT_OFF: Final = "UPDATE moment.jobs SET run_at = now() + interval '1 day' WHERE id = $1"


@pytest.fixture(scope="module")
def service_database(database_template: str) -> Iterator[str]:
    yield from database.copied(database_template, database.TEMPLATE)


@pytest.fixture(scope="module")
async def service(service_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TranscribedService]:
    require_curl()
    async with transcribed_service(service_database, tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like a clone's, with the example in it."""
    (tmp_path / "examples").mkdir()
    shutil.copy(HUM, tmp_path / "examples" / "hum.wav")
    return tmp_path


async def test_every_command_is_answered_as_it_is_shown(service: TranscribedService, folder: Path) -> None:
    await _prepare(service)
    names, wrong = Names(), []
    for exchange in exchanges_of(PAGE.read_text()):
        compared = await _replay(exchange, service, folder, names)
        names = compared.names
        wrong += [f"{PAGE.name}:{exchange.line}: {difference}" for difference in compared.differences]
    assert not wrong, "\n".join(wrong)


async def test_every_route_has_a_transcript(service: TranscribedService) -> None:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
        paths = (await http.get("/openapi.json")).raise_for_status().json()["paths"]
    calls = [call for exchange in exchanges_of(PAGE.read_text()) if (call := call_of(exchange.command))]
    shown = {(call.method, _route_of(call, list(paths))) for call in calls}
    routes = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert len(routes) > 10
    assert routes - shown == set()


def _route_of(call: Call, paths: list[str]) -> str:
    """Return the route that a call leads to: the one with the fewest parameters."""
    fit = [path for path in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), call.path)]
    return min(fit, key=lambda path: path.count("{"), default="")


async def _replay(exchange: Exchange, service: TranscribedService, folder: Path, names: Names) -> Comparison:
    """Run a command; one that only reads is run again until it is answered as it is shown, or patience ends."""
    command = names.put_into(exchange.command)
    call = call_of(exchange.command)
    with anyio.move_on_after(PATIENCE) as patience:
        while True:
            with anyio.CancelScope(shield=True):
                compared = await _once(exchange, command, service, folder, names)
            if not compared.differences or call is None or call.method not in {"GET", "HEAD"}:
                return compared
            await anyio.sleep(0.05)
    assert patience.cancelled_caught
    return compared


async def _once(
    exchange: Exchange, command: str, service: TranscribedService, folder: Path, names: Names
) -> Comparison:
    try:
        given = await run(command, service.url, folder, service.environment)
    except CommandFailed as error:
        failed = Comparison(exchange.answer, exchange.answer, names)
        failed.differences.append(str(error))
        return failed
    return Comparison(exchange.answer, given, names, sent=call_of(command) is not None)


async def _prepare(service: TranscribedService) -> None:
    """Store jobs in states that the page needs, under the ids that it calls them."""
    container = service.container
    await container.job_admin().pause(list(OutputKind))
    await container.webhook_endpoints().name("", WEBHOOK)
    for job_id in (FAILED_JOB, OTHER_FAILED_JOB, WAITING_JOB):
        await container.store().put(f"{job_id}/original", in_pieces(WAV), "audio/wav")
        job = a_job(job_id)
        told = msgspec.structs.replace(job.request, webhook=WEBHOOK)
        await container.jobs().add(msgspec.structs.replace(job, request=told) if job_id == FAILED_JOB else job)
    async with container.pool().acquire() as connection:
        for job_id in (FAILED_JOB, OTHER_FAILED_JOB):
            failed = a_job(job_id).on(STARTED, NOW).on(Failed(JobError("child_lost", "out of memory")), NOW)
            async with connection.transaction():
                await connection.execute(END_JOB, job_id, write_document(failed), failed.version)
                await connection.execute(DELIVERED, job_id)
        await connection.execute(PUT_OFF, WAITING_JOB)
    await container.job_admin().resume(list(OutputKind))

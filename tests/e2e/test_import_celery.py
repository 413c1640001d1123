"""`moment import-celery` over a real database with a table of the Celery version beside ours."""

import json
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import anyio
import asyncpg
import msgspec
import pytest
from click.testing import CliRunner, Result

from application.moments.moment_status import MomentStatus
from domain.blueprints.blueprint import to_dict
from domain.jobs.job import JobId
from entrypoints.cli import main
from entrypoints.container import Container, open_container
from entrypoints.settings import parse
from tests.support.jobs import a_blueprint
from tests.support.pipeline import in_pieces

BEFORE: Final = """
CREATE TYPE {schema}.job_status AS ENUM ('PENDING', 'RENDERING', 'COMPLETED', 'FAILED');
CREATE TABLE {schema}.old_jobs (
    id varchar(64) PRIMARY KEY,
    status {schema}.job_status NOT NULL,
    original_audio_url text,
    blueprint_json jsonb,
    final_audio_url text,
    error_message text,
    created_at timestamp DEFAULT now()
);
"""
DONE: Final = UUID(int=7)
PLAN: Final = {**to_dict(a_blueprint()), "style": "lofi", "voice": {"voice_id": "v", "stability": None}}


class Before:
    """The database and the folder of the Celery version."""

    def __init__(self, url: str, folder: Path) -> None:
        self.environment = {"DATABASE_URL": url, "MOMENT_DATA_DIR": str(folder)}
        self._url = url

    def run(self, *arguments: str) -> Result:
        command = ["import-celery", "--table", "public.old_jobs", *arguments]
        return CliRunner().invoke(main, command, env=self.environment)

    def add(self, **row: Any) -> None:
        row = {"id": str(uuid4()), "original_audio_url": "https://b.example.com/uploads/hum.wav?sig=1"} | row
        names = ", ".join(row)
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        statement = f"INSERT INTO public.old_jobs ({names}) VALUES ({places})"  # noqa: S608 - our own names
        anyio.run(self.execute, statement, *row.values())

    async def execute(self, statement: str, *arguments: object) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(statement, *arguments)
        finally:
            await connection.close()

    def status(self, job_id: UUID) -> MomentStatus:
        async def act() -> MomentStatus:
            async with open_container(parse(self.environment)) as container:
                encoded = await container.read_status()(JobId(job_id))
                return msgspec.json.decode(encoded.body, type=MomentStatus)

        return anyio.run(act)


@pytest.fixture
def before(database_url: str, tmp_path: Path) -> Before:
    made = Before(database_url, tmp_path)

    async def prepare() -> None:
        await made.execute(BEFORE.format(schema="public"))
        async with open_container(parse(made.environment)) as container:
            await store(container, "uploads/hum.wav", "finals/theme.mp3")

    anyio.run(prepare)
    return made


async def store(container: Container, *keys: str) -> None:
    for key in keys:
        await container.store().put(key, in_pieces(b"la"), "audio/wav")


def test_finished_moments_are_brought_over_and_others_are_named(before: Before) -> None:
    failed, running, odd, lost = uuid4(), uuid4(), "seven", uuid4()
    final = "http://store/finals/theme.mp3"
    before.add(id=str(DONE), status="COMPLETED", blueprint_json=json.dumps(PLAN), final_audio_url=final)
    before.add(id=str(failed), status="FAILED", error_message="the tool was away", blueprint_json='{"odd": 1}')
    before.add(id=str(running), status="RENDERING")
    before.add(id=odd, status="COMPLETED", final_audio_url="finals/theme.mp3")
    before.add(id=str(lost), status="COMPLETED", final_audio_url="http://store/finals/gone.mp3")

    planned = before.run("--dry-run")
    assert planned.stdout.splitlines()[-1] == "2 would be imported, 0 there already, 3 left out"
    done = before.run()
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == "2 imported, 0 there already, 3 left out"
    for word in (f"{running}  left out: it is RENDERING", "seven  left out: its id", f"{lost}  left out: its music"):
        assert word in done.stdout

    status = before.status(DONE)
    assert (status.status, status.terminal, status.progress) == ("COMPLETED", True, 1.0)
    assert status.final_audio_url
    assert status.original_audio_url
    assert status.blueprint_json is not None
    assert (status.blueprint_json["style"], status.blueprint_json["voice"]["voice_id"]) == ("lofi", "v")
    error = before.status(failed).error
    assert error is not None
    assert (error.code, error.message) == ("tool_failed", "the tool was away")
    assert before.run().stdout.splitlines()[-1] == "0 imported, 2 there already, 3 left out"


@pytest.mark.parametrize("table", ["public.nothing", "moment.jobs", "no such; DROP TABLE x", "moment.workers"])
def test_a_table_that_is_none_of_it_is_refused(before: Before, table: str) -> None:
    refused = CliRunner().invoke(main, ["import-celery", "--table", table], env=before.environment)
    assert refused.exit_code == 1
    assert "Error: " in refused.output
    assert "Traceback" not in refused.output

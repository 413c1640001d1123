"""`moment storage` over a real database and a folder of objects, as operators use it."""

from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from click.testing import CliRunner, Result

from application.upkeep.bucket_report import BucketState
from domain.jobs.job import JobId
from entrypoints.cli import main
from entrypoints.container import Container, open_container
from entrypoints.settings import parse
from tests.support.jobs import a_job
from tests.support.pipeline import in_pieces

ORPHANS = 2


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "MOMENT_DATA_DIR": str(tmp_path)}


@pytest.fixture
def stranger(environment: dict[str, str]) -> str:
    """Let the bucket have the marker of another database, an object of a job, and orphans; return the marker's id."""
    other = str(uuid4())

    async def act(container: Container) -> None:
        job_id = JobId(uuid4())
        await container.jobs().add(a_job(job_id))
        keys = [f"{job_id}/original", *(f"{uuid4()}/original" for _ in range(ORPHANS))]
        for key in [*keys, f"moment-installation/{other}"]:
            await container.store().put(key, in_pieces(b"la"), "audio/wav")

    anyio.run(within, environment, act)
    return other


async def within(environment: dict[str, str], action: object) -> object:
    async with open_container(parse(environment)) as container:
        return await action(container)  # type: ignore[operator]


def adopt(environment: dict[str, str], *options: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["storage", "adopt", *options], env=environment, input=answer)


def state(environment: dict[str, str]) -> BucketState:
    async def act(container: Container) -> BucketState:
        return (await container.bucket_owner().examine()).state

    return anyio.run(within, environment, act)  # type: ignore[return-value]


def test_a_bucket_is_shown_and_then_taken_over(environment: dict[str, str], stranger: str) -> None:
    refused = adopt(environment, answer="n\n")
    assert refused.exit_code == 1
    assert stranger in refused.output
    assert "3\n" in refused.output
    assert f"{ORPHANS}: objects of jobs that are not in this database" in refused.output
    assert state(environment) is BucketState.FOREIGN
    accepted = adopt(environment, answer="y\n")
    assert (accepted.exit_code, state(environment)) == (0, BucketState.OURS)
    again = adopt(environment, "--yes")
    assert again.exit_code == 0
    assert stranger not in again.output

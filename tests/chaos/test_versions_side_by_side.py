"""Workers and documents of two versions: each worker does what it can read, and nobody pays for it."""

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from domain.jobs.transitions import JobStatus
from tests.support.processes import ROOT, ServiceProcesses, eventually

pytestmark = pytest.mark.anyio

RELEASE_BEFORE = "90da1f3"
"""The commit of version 0.1."""
JOBS = 20
COUNTED = "SELECT errors, crashes, attempt, status FROM moment.jobs WHERE id = ANY ($1::uuid[])"


@pytest.fixture(scope="module")
def older_sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Provide the sources of the release before, out of the history of this repository."""
    folder = tmp_path_factory.mktemp("older")
    checkout = ["git", "-C", str(ROOT), "worktree", "add", "--detach", str(folder / "tree"), RELEASE_BEFORE]
    if subprocess.run(checkout, check=False, capture_output=True).returncode:
        assert not os.environ.get("REQUIRE_HISTORY"), "the history of the repository is missing"
        pytest.skip(f"the history of this checkout has no commit {RELEASE_BEFORE}")
    yield folder / "tree" / "src"
    subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(folder / "tree")], check=True)


def as_before(service: ServiceProcesses) -> str:
    """Return the URL of the database for a worker that does not name the schema."""
    return service.database + "&options=-csearch_path%3Dmoment"


async def test_a_worker_of_the_release_before_works_beside_a_new_one(
    service: ServiceProcesses, older_sources: Path
) -> None:
    older = service.worker(PYTHONPATH=str(older_sources), DATABASE_URL=as_before(service))
    await eventually(lambda: "working" in older.log)
    only_older = [await service.submit(str(number)) for number in range(JOBS // 2)]
    rows = [await service.ended(job_id) for job_id in only_older]
    assert {row.job.status for row in rows} == {JobStatus.COMPLETED}
    service.worker()
    both = [await service.submit(str(number)) for number in range(JOBS)]
    rows = [await service.ended(job_id) for job_id in both]
    assert {row.job.status for row in rows} == {JobStatus.COMPLETED}


async def test_an_older_worker_takes_over_what_a_newer_one_began(
    service: ServiceProcesses, older_sources: Path
) -> None:
    gate = service.hold("synthesize_preview")
    newer = service.worker()
    job_id = await service.submit()
    await service.called("synthesize_preview")
    newer.kill()
    gate.unlink()
    service.worker(PYTHONPATH=str(older_sources), DATABASE_URL=as_before(service))
    assert (await service.ended(job_id)).job.status is JobStatus.COMPLETED


async def test_documents_that_nobody_can_read_keep_nobody_waiting(service: ServiceProcesses) -> None:
    unreadable = [await service.submit(str(number)) for number in range(JOBS)]
    newer = [await service.submit(str(number)) for number in range(JOBS)]
    await service.query("UPDATE moment.jobs SET document = $1 WHERE id = ANY ($2::uuid[])", '{"id": 7}', unreadable)
    await service.query("UPDATE moment.jobs SET format = 99 WHERE id = ANY ($1::uuid[])", newer)
    readable = [await service.submit(str(number)) for number in range(JOBS)]
    service.worker()
    for job_id in readable:
        await eventually(partial(service.has_completed, job_id))
    answer = await service.ask("GET", f"/v1/status/{unreadable[0]}")
    assert (answer.status_code, answer.json()["code"]) == (503, "job_unreadable")
    assert "Retry-After" in answer.headers
    untouched = await service.query(COUNTED, [*unreadable, *newer])
    assert {tuple(row) for row in untouched} == {(0, 0, 0, "PENDING")}

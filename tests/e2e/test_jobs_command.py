"""`moment jobs` over a real database, as operators use it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import pytest
from click.testing import CliRunner, Result

from adapters.postgres.dsn import normalise
from adapters.postgres.embedded.pid_file import find_running
from adapters.postgres.embedded.server import embedded_postgres
from adapters.postgres.migrate import migrate
from application.ports.queue import Claim
from domain.errors import JobError
from domain.jobs.job import JobId
from domain.jobs.transitions import Failed
from entrypoints.cli import main
from entrypoints.container import Container, open_container
from entrypoints.settings import parse
from tests.support.commands import Moment, environment_of, moment_in
from tests.support.database import execute
from tests.support.jobs import NOW, STARTED, a_job, room_for
from tests.support.pipeline import in_pieces

REFUSED = Failed(JobError("hum_silent", "the recording is silent", permanent=True))
GIVEN_UP = Failed(JobError("tools_unavailable", "the studio is closed"))


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment_of(database_url, tmp_path)


@pytest.fixture
def moment(environment: dict[str, str]) -> Moment:
    return moment_in("jobs", environment)


class Queue:
    """Brings jobs into the states that a test looks at."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._settings = parse({**environment, "MCP_BASE_URL": "http://127.0.0.1:1"})

    def waiting(self) -> JobId:
        async def act(container: Container) -> JobId:
            job_id = JobId(uuid4())
            await container.store().put(f"{job_id}/original", in_pieces(b"la"), "audio/wav")
            await container.jobs().add(a_job(job_id))
            return job_id

        return anyio.run(self._with, act)  # type: ignore[no-any-return]

    def running(self) -> JobId:
        job_id = self.waiting()
        anyio.run(self._with, self._claim)
        return job_id

    def failed(self, how: Failed = GIVEN_UP) -> JobId:
        job_id = self.waiting()

        async def act(container: Container) -> None:
            claim = await self._claim(container)
            await container.queue().save(claim.lease, claim.job.on(STARTED, NOW))
            failed = claim.job.on(STARTED, NOW).on(how, NOW + timedelta(seconds=2))
            await container.queue().save(claim.lease, failed)

        anyio.run(self._with, act)
        return job_id

    def claim(self) -> Claim:
        claim: Claim = anyio.run(self._with, self._claim)
        return claim

    async def _claim(self, container: Container) -> Claim:
        (claim,) = await container.queue().claim(room_for("worker-7", 1))
        return claim

    async def _with(self, act: Any) -> Any:
        async with open_container(self._settings, working=True) as container:
            return await act(container)


@pytest.fixture
def queue(environment: dict[str, str]) -> Queue:
    return Queue(environment)


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_list_shows_where_each_job_is(moment: Moment, queue: Queue) -> None:
    failed, running, waiting = queue.failed(), queue.running(), queue.waiting()
    lines = moment("list").output.splitlines()
    assert lines[0].split() == ["id", "status", "errors", "age", "now"]
    shown = {line.split()[0]: line for line in lines[1:]}
    assert list(shown) == [str(job_id) for job_id in (waiting, running, failed)]
    assert "waiting" in shown[str(waiting)]
    assert "0/3" in shown[str(running)]
    assert "on worker-7" in shown[str(running)]
    assert "tools_unavailable" in shown[str(failed)]
    assert str(failed) in moment("list", "--status", "failed").output
    assert str(running) not in moment("list", "--status", "failed").output
    assert [entry["job"]["id"] for entry in printed(moment("list", "--json", "--limit", 1))] == [str(waiting)]


def test_a_job_is_shown_with_its_history_lease_and_error(moment: Moment, queue: Queue) -> None:
    failed = queue.failed()
    text = moment("show", failed).output
    for expected in (
        "tools_unavailable: the studio is closed",
        "0 of 3",
        "PENDING",
        "ANALYZING",
        "2.000 s",
        "original",
        "none: sent without a key",
        "asked for preview",
    ):
        assert expected in text
    running = queue.running()
    assert "token 1 of worker-7" in moment("show", running).output
    assert "0 workers lost, 0 calls that broke the tools, 1 claim in all" in moment("show", running).output
    entry = printed(moment("show", running, "--json"))
    assert (entry["worker"], entry["attempt"], entry["job"]["status"]) == ("worker-7", 1, "PENDING")


def test_a_failed_job_is_retried_and_others_say_why_not(moment: Moment, queue: Queue) -> None:
    failed, waiting = queue.failed(), queue.waiting()
    done = moment("retry", waiting, failed)
    assert done.exit_code == 1
    assert f"{failed}  PENDING, waiting again" in done.stdout
    assert f"the job {waiting} cannot be retried" in done.stderr
    assert moment("retry", failed).exit_code == 1
    assert printed(moment("show", failed, "--json"))["attempt"] == 0


def test_failed_jobs_are_retried_by_their_code_and_age(moment: Moment, queue: Queue) -> None:
    first, second = queue.failed(), queue.failed()
    assert moment("retry", "--all", "--code", "expired").output == "no failed job matches\n"
    assert moment("retry", "--all", "--since", "2000-01-01T00:00", first).exit_code == 2
    planned = moment("retry", "--all", "--dry-run").stdout.splitlines()
    assert sorted(planned) == sorted(f"{job_id}  would run again" for job_id in (first, second))
    done = moment("retry", "--all", "--code", "tools_unavailable", "--since", "1h")
    assert {line.split()[0] for line in done.stdout.splitlines()} == {str(first), str(second)}
    assert [entry["status"] for entry in printed(moment("list", "--json"))] == ["PENDING", "PENDING"]
    assert moment("list", "--since", "tomorrow").exit_code == 2


def test_what_was_refused_is_retried_only_by_its_code(moment: Moment, queue: Queue) -> None:
    failed, refused = queue.failed(), queue.failed(REFUSED)
    planned = moment("retry", "--all", "--dry-run").stdout.splitlines()
    assert planned == ["left out, since they would fail again: 1; --code selects them", f"{failed}  would run again"]
    asked_for = moment("retry", "--all", "--code", "hum_silent", "--dry-run").stdout.splitlines()
    assert asked_for == [f"{refused}  would run again"]


def test_what_an_operator_pauses_waits_until_it_is_resumed(moment: Moment, queue: Queue) -> None:
    waiting = queue.waiting()
    assert moment("pause", "--kind", "song").exit_code == 0
    assert printed(moment("stats", "--json"))["paused"] == ["song"]
    assert moment("pause").output.startswith("paused: preview, song")
    with pytest.raises(ValueError, match="not enough values"):
        queue.claim()
    assert moment("resume").output.startswith("resumed: preview, song")
    assert queue.claim().job.id == waiting


def test_a_job_is_deleted_whether_it_has_ended_or_waits(moment: Moment, queue: Queue) -> None:
    for job_id in (queue.failed(), queue.waiting()):
        assert f"{job_id}  deleted" in moment("delete", job_id).output
        assert moment("retry", job_id).exit_code == 1
        assert moment("delete", job_id).exit_code == 1


def test_a_job_of_a_newer_version_is_listed_and_shown(moment: Moment, queue: Queue, database_url: str) -> None:
    waiting = queue.waiting()
    execute(database_url, """UPDATE moment.jobs SET document = '{"version": "x"}'""")
    assert "written by a newer version" in moment("list").output
    assert "written by a newer version" in moment("show", waiting).output
    assert printed(moment("show", "--json", waiting))["job"] is None


def test_the_stats_tell_that_jobs_wait_and_nobody_works(moment: Moment, queue: Queue) -> None:
    assert "no worker" not in moment("stats").output
    queue.waiting()
    assert "1 job waiting and no worker" in moment("stats").output


def test_jobs_are_cancelled_at_once_or_through_their_worker(moment: Moment, queue: Queue) -> None:
    running, waiting = queue.running(), queue.waiting()
    done = moment("cancel", waiting, running)
    assert done.exit_code == 0
    assert f"{waiting}  CANCELLED\n" in done.output
    assert f"{running}  PENDING, its worker was asked to cancel it" in done.output
    assert "cancelling" in moment("show", running).output


def test_the_stats_count(moment: Moment, queue: Queue) -> None:
    queue.failed()
    queue.running()
    queue.waiting()
    counted = printed(moment("stats", "--json"))
    assert (counted["waiting"], counted["running"], counted["failed_1d"], counted["lost"]) == (1, 1, 1, 0)
    lines = dict(line.rsplit(maxsplit=1) for line in moment("stats").output.splitlines() if "oldest" not in line)
    assert (lines["waiting"], lines["failed 1 d"], lines["throughput"]) == ("1", "1", "0.00/s")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["show", uuid4()], 1, "there is no job"),
        (["retry", uuid4()], 1, "there is no job"),
        (["show", "x"], 2, "not a valid UUID"),
        (["retry"], 2, "ID"),
        (["list", "--status", "lost"], 2, "lost"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    moment: Moment, arguments: list[object], exit_code: int, words: str
) -> None:
    done = moment(*arguments)
    assert done.exit_code == exit_code
    assert words in done.stderr.splitlines()[-1]


def test_without_a_setting_the_database_of_this_folder_is_found(server_folder: Path) -> None:
    folder = server_folder / "attached"
    environment = {"MOMENT_DATA_DIR": str(folder), "DATABASE_URL": ""}
    refused = CliRunner().invoke(main, ["jobs", "stats"], env=environment)
    assert (refused.exit_code, "moment up" in refused.stderr) == (2, True)
    with embedded_postgres(folder / "postgres") as url:
        assert find_running(folder / "postgres") == url
        anyio.run(migrate, normalise(url))
        assert printed(CliRunner().invoke(main, ["jobs", "stats", "--json"], env=environment))["waiting"] == 0
    assert find_running(folder / "postgres") is None

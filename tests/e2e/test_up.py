"""`moment up`: everything on one machine, and nothing of it left afterwards."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from entrypoints.local.network import free_port, responds
from tests.support.up import HUM, NO_TOOLS, PATIENCE, await_that, survivors_of, unconfigured, up

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder outside of pytest's, which is closed to the user that Postgres runs as when we are root."""
    with tempfile.TemporaryDirectory(prefix="moment-up-") as name:
        yield Path(name)


def test_a_hum_becomes_music_though_every_part_was_killed_and_ctrl_c_leaves_nothing(folder: Path) -> None:
    with up(folder / "data", free_port()) as running:
        running.await_ready()
        killed = running.parts()
        assert set(killed) == {"postgres", "api", "worker", "music-tools"}
        for pid in killed.values():
            os.kill(pid, signal.SIGKILL)
        await_that(lambda: all(running.parts().get(name, pid) != pid for name, pid in killed.items()))
        await_that(lambda: responds(f"{running.url}/readyz"))
        out = folder / "theme.mp3"
        create = ["create", str(HUM), "--style", "lofi", "-o", str(out)]  # it finds where the service listens
        done = subprocess.run(
            [sys.executable, "-m", "entrypoints.cli", *create],
            env=unconfigured() | {"MOMENT_DATA_DIR": str(running.data_dir)},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        assert out.stat().st_size > 50_000
        assert "lofi" in done.stdout
        for name in killed:
            assert f"{name} was killed by signal 9; starting it again in" in running.printed()
        assert running.stop(signal.SIGINT) == 0, running.printed()
        assert running.survivors() == []
        assert (running.data_dir / "mcp.secret").stat().st_mode & 0o777 == 0o600


def test_what_it_started_dies_with_it_even_by_sigkill(folder: Path) -> None:
    no_store = {"DO_SPACES_KEY": "k", "DO_SPACES_SECRET": "s", "DO_SPACES_BUCKET": "b", "DO_SPACES_ENDPOINT": NOWHERE}
    with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS, **no_store) as running:
        running.await_ready()  # without its object store as well
        assert "warning     storage does not work (" in running.printed()
        assert len(running.survivors()) >= 3
        running.stop(signal.SIGKILL)
        await_that(lambda: running.survivors() == [])


def test_a_part_that_cannot_go_on_is_named_and_takes_the_rest_along(folder: Path) -> None:
    port = free_port()
    with up(folder / "data", port, MCP_BASE_URL=NO_TOOLS) as running:
        running.await_ready()
        os.kill(running.parts()["api"], signal.SIGKILL)
        with taken(port):
            assert running.process.wait(PATIENCE) == 1
        assert "Error: api ended with exit code 2; the end of" in running.printed()
        assert f"port {port} on 127.0.0.1 is in use" in running.printed()
        assert running.survivors() == []


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Take a port as soon as it is free, and keep it."""
    while True:
        try:
            server = socket.create_server(("127.0.0.1", port))
        except OSError:
            continue
        with server:
            yield
        return


def test_the_demo_ends_when_a_part_of_it_does(folder: Path) -> None:
    command = [sys.executable, "-m", "entrypoints.cli", "demo", str(HUM), "--output-kind", "song", "--out", str(folder)]
    environment = unconfigured() | {"TMPDIR": str(folder)}
    with subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        printed = [next(demo.stderr) for _ in range(2)]  # that it starts, and the first status
        (worker,) = (child for child in psutil.Process(demo.pid).children() if child.cmdline()[-1] == "worker")
        worker.kill()
        printed += demo.stderr.readlines()
    assert demo.returncode == 1
    assert "Error: worker was killed by signal 9; the end of" in "".join(printed)
    assert "working on" in "".join(printed)
    assert survivors_of(folder) == []


def test_a_second_start_finds_the_data_of_the_first(folder: Path) -> None:
    job_ids = []
    for _ in range(2):
        with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as running:
            running.await_ready()
            with HUM.open("rb") as hum:
                answer = httpx.post(f"{running.url}/v1/create-moment", files={"file": hum})
            job_ids.append(answer.json()["job_id"])
            found = [httpx.get(f"{running.url}/v1/status/{job_id}").status_code for job_id in job_ids]
            assert running.stop(signal.SIGTERM) == 0
    assert found == [200, 200]
    assert (folder / "data" / "logs" / "api.log").read_text().count("listening on") == 2


def test_a_taken_port_and_a_taken_folder_are_said_in_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, up(folder / "data", taken.getsockname()[1]) as running:
        assert running.process.wait(PATIENCE) == 2
        lines = running.printed().splitlines()
        assert len(lines) == 1, lines
        assert "in use" in lines[0]
        assert "--port" in lines[0]
    with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as running:
        running.await_ready()
        with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as second:
            second.console = folder / "data.console"
            assert second.process.wait(PATIENCE) == 1
            assert "--data-dir" in second.printed()
        assert running.process.poll() is None


def test_ctrl_c_of_a_terminal_while_the_database_is_created_ends_it_well(folder: Path) -> None:
    with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as running:
        await_that((running.data_dir / "postgres" / "cluster.new" / "global" / "pg_control").exists)
        os.killpg(running.process.pid, signal.SIGINT)  # reaches the whole process group
        assert running.process.wait(PATIENCE) == 0, running.printed()
        assert running.survivors() == []


def test_ctrl_c_while_it_starts_leaves_nothing(folder: Path) -> None:
    with up(folder / "data", free_port()) as running:
        await_that((running.data_dir / "logs" / "music-tools.log").exists)
        assert running.stop(signal.SIGINT) == 0, running.printed()
        assert running.survivors() == []

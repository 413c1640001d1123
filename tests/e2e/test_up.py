"""`moment up`: everything on one machine, and nothing of it left afterwards."""

import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from entrypoints.local.network import free_port
from tests.support.up import HUM, NO_TOOLS, PATIENCE, await_that, up

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder outside of pytest's, which is closed to the user that Postgres runs as when we are root."""
    with tempfile.TemporaryDirectory(prefix="moment-up-") as name:
        yield Path(name)


def test_a_hum_becomes_music_and_ctrl_c_leaves_nothing(folder: Path) -> None:
    with up(folder / "data", free_port()) as running:
        running.await_ready()
        out = folder / "theme.mp3"
        create = ["create", str(HUM), "--style", "lofi", "-o", str(out), "--api", running.url]
        done = subprocess.run(
            [sys.executable, "-m", "entrypoints.cli", *create],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        assert out.stat().st_size > 50_000
        assert "lofi" in done.stdout
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


def test_a_part_that_dies_is_named_and_takes_the_rest_along(folder: Path) -> None:
    with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as running:
        running.await_ready()
        (api,) = (child for child in psutil.Process(running.process.pid).children() if child.cmdline()[-1] == "api")
        api.kill()
        assert running.process.wait(PATIENCE) == 1
        assert "Error: api was killed by signal 9" in running.printed()
        assert "listening on" in running.printed()
        assert running.survivors() == []


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


def test_a_taken_port_and_a_taken_folder_are_said_in_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, up(folder / "data", taken.getsockname()[1]) as running:
        assert running.process.wait(PATIENCE) == 2
        (line,) = running.printed().splitlines()
        assert "in use" in line
        assert "--port" in line
    with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as running:
        running.await_ready()
        with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as second:
            second.console = folder / "data.console"
            assert second.process.wait(PATIENCE) == 1
        assert running.process.poll() is None


def test_ctrl_c_while_it_starts_leaves_nothing(folder: Path) -> None:
    with up(folder / "data", free_port()) as running:
        await_that((running.data_dir / "logs" / "music-tools.log").exists)
        assert running.stop(signal.SIGINT) == 0, running.printed()
        assert running.survivors() == []

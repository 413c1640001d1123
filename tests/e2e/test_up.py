"""`moment up`: everything on one machine, and nothing of it left afterwards."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.api import free_port

HUM = Path(__file__).parents[2] / "examples" / "hum.wav"
CONFIGURATION = ("DATABASE_", "DO_SPACES_", "MCP_", "MOMENT_", "MUSIC_TOOLS_", "PUBLIC_URL")
PATIENCE = 90.0
NO_TOOLS = "http://127.0.0.1:1"
"""Where no music tools are: for tests of everything around them."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder outside of pytest's, which is closed to the user that Postgres runs as when we are root."""
    with tempfile.TemporaryDirectory(prefix="moment-up-") as name:
        yield Path(name)


class Up:
    """A running `moment up`.

    Attributes:
        url: Of its api.
        data_dir: Where it keeps its files; every process of it has this in its environment or its arguments.
        console: What it printed.
    """

    def __init__(self, data_dir: Path, port: int, **environment: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.data_dir = data_dir
        self.console = data_dir.with_suffix(".console")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(CONFIGURATION)}
        command = [sys.executable, "-m", "entrypoints.cli", "up", "--port", str(port), "--data-dir", str(data_dir)]
        with self.console.open("wb") as sink:
            self.process = subprocess.Popen(
                command, env={**inherited, **environment}, stdout=sink, stderr=sink, cwd=data_dir.parent
            )

    def printed(self) -> str:
        return self.console.read_text()

    def await_ready(self) -> None:
        await_that(lambda: "ready after" in self.printed() or self.process.poll() is not None)
        assert self.process.poll() is None, self.printed()

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def survivors(self) -> list[str]:
        """Return the processes that belong to it and still run."""
        needle = str(self.data_dir).encode()
        return [name for process in Path("/proc").iterdir() if (name := _of(process, needle, self.process.pid))]


def _of(process: Path, needle: bytes, own: int) -> str:
    if not process.name.isdigit() or int(process.name) in {own, os.getpid()}:
        return ""
    try:
        command = (process / "cmdline").read_bytes()
        mine = needle in command or needle in (process / "environ").read_bytes()
    except OSError:
        return ""
    return command.replace(b"\0", b" ").decode(errors="replace") if mine else ""


@contextmanager
def up(data_dir: Path, port: int, **environment: str) -> Iterator[Up]:
    running = Up(data_dir, port, **environment)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop(signal.SIGTERM)


def await_that(true: Callable[[], bool], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


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
    with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as running:
        running.await_ready()
        assert len(running.survivors()) >= 3
        running.stop(signal.SIGKILL)
        await_that(lambda: running.survivors() == [])


def test_a_part_that_dies_is_named_and_takes_the_rest_along(folder: Path) -> None:
    with up(folder / "data", free_port(), MCP_BASE_URL=NO_TOOLS) as running:
        running.await_ready()
        (api,) = subprocess.run(
            ["pgrep", "-P", str(running.process.pid), "-f", "cli api"], capture_output=True, text=True, check=True
        ).stdout.split()
        os.kill(int(api), signal.SIGKILL)
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

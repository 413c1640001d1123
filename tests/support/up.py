"""`moment up` as a process, for tests that need the whole service."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

HUM = Path(__file__).parents[2] / "examples" / "hum.wav"
CONFIGURATION = (
    "ALLOWED_HOSTS",
    "CORS_",
    "DATABASE_",
    "DO_SPACES_",
    "EGRESS_",
    "MCP_",
    "MOMENT_",
    "MUSIC_TOOLS_",
    "PUBLIC_URL",
)
COMMANDS = ("api", "worker", "music-tools")
PATIENCE = 90.0
NO_TOOLS = "http://127.0.0.1:1"
"""Where no music tools are: for tests of everything around them."""


def unconfigured() -> dict[str, str]:
    """Return our environment without any configuration of the service."""
    return {name: value for name, value in os.environ.items() if not name.startswith(CONFIGURATION)}


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
        command = [sys.executable, "-m", "entrypoints.cli", "up", "--port", str(port), "--data-dir", str(data_dir)]
        with self.console.open("wb") as sink:
            self.process = subprocess.Popen(
                command,
                env={**unconfigured(), **environment},
                stdout=sink,
                stderr=sink,
                cwd=data_dir.parent,
                start_new_session=True,
            )

    def printed(self) -> str:
        return self.console.read_text()

    def await_ready(self) -> None:
        await_that(lambda: "ready after" in self.printed() or self.process.poll() is not None)
        assert self.process.poll() is None, self.printed()

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def parts(self) -> dict[str, int]:
        """Return the process ids of its running parts by name; that of Postgres is its own, not its supervisor's."""
        parts = {name: pid for pid, name in self._children() if name in COMMANDS}
        try:
            pid = int((self.data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
        except (OSError, IndexError):
            return parts
        return parts | ({"postgres": pid} if psutil.pid_exists(pid) else {})

    def _children(self) -> Iterator[tuple[int, str]]:
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                yield child.pid, (child.cmdline() or [""])[-1]

    def run(self, *arguments: str) -> str:
        """Run a command of operators over its data, in a process of its own; return what it printed."""
        command = [sys.executable, "-m", "entrypoints.cli", *arguments]
        environment = {**unconfigured(), "MOMENT_DATA_DIR": str(self.data_dir)}
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE
        ).stdout

    def survivors(self) -> list[str]:
        """Return the processes that belong to it and still run."""
        return survivors_of(self.data_dir, self.process.pid)


def survivors_of(folder: Path, but: int = 0) -> list[str]:
    """Return the processes that have the folder in their arguments or their environment."""
    needle = str(folder).encode()
    return [name for process in Path("/proc").iterdir() if (name := _of(process, needle, but))]


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

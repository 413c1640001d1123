"""Child processes: each has a log, is stopped gracefully, and never outlives its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from domain.errors import MomentError
from entrypoints.lifecycle import SUPERVISED

KILL_SECONDS: Final = 5.0
LAST_LINES: Final = 12


class ChildDied(MomentError):
    """A child ended by itself; the message contains the last lines of its log."""

    code = "child_died"

    def __init__(self, name: str, exit_code: int, log: Path) -> None:
        how = f"was killed by signal {-exit_code}" if exit_code < 0 else f"ended with exit code {exit_code}"
        lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        super().__init__("\n".join([f"{name} {how}; the end of {log}:", *(f"  {line}" for line in lines)]))


class Child:
    """One of our own commands as a process in its own session: the terminal's Ctrl-C reaches us alone.

    Attributes:
        name: The command, `api`, `worker` or `music-tools`.
        log: Its standard output and error.
    """

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as sink:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "entrypoints.cli", name],
                env={**os.environ, **environment, SUPERVISED: "1"},
                stdin=subprocess.PIPE,  # closes when we end, even by SIGKILL; the child watches it
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """Check that it runs.

        Raises:
            ChildDied: It has ended.
        """
        if (exit_code := self._process.poll()) is not None:
            raise ChildDied(self.name, exit_code, self.log)

    def terminate(self) -> None:
        """Send SIGTERM; a second one makes it stop at once."""
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self, patience: float) -> None:
        """Terminate it and wait; afterwards, kill what is left of its process group."""
        self.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        with suppress(ProcessLookupError):  # the usual case: the whole group has ended
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(KILL_SECONDS)
        if self._process.stdin is not None:
            self._process.stdin.close()


@contextmanager
def running_child(name: str, environment: Mapping[str, str], log: Path, patience: float) -> Iterator[Child]:
    """Run a child while the block lasts; it then has `patience` seconds to stop."""
    child = Child(name, environment, log)
    try:
        yield child
    finally:
        child.stop(patience)


class Tail:
    """Reads a growing log."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._position = 0
        self._rest = b""

    def lines(self) -> list[str]:
        """Return the lines completed since the last call."""
        with self._log.open("rb") as file:
            file.seek(self._position)
            fresh = file.read()
        self._position += len(fresh)
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

"""Child processes: each has a log, is stopped gracefully, can be started again, and never outlives its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.toolkit.rotating_log import RotatingLog
from entrypoints.lifecycle import SUPERVISED
from entrypoints.local.parts import Ending, ending_of

KILL_SECONDS: Final = 5.0
INVALID_SETTINGS: Final = 2
"""The exit code of a process whose settings cannot be used; they are the same at the next start."""


class Child:
    """One of our own commands as a process in its own session: the terminal's Ctrl-C reaches us alone.

    Attributes:
        name: The command, `api`, `worker` or `music-tools`.
        log: Its standard output and error.
    """

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = RotatingLog(log)
        # No code from the working directory: it may hold a folder `domain`, or a file `secrets.py`. `-P` is for the
        # child, the variable for what it starts.
        self._environment = {**os.environ, **environment, SUPERVISED: "1", "PYTHONSAFEPATH": "1"}
        self._process = self._start()

    def ending(self) -> Ending | None:
        """Return how it ended, or None while it runs."""
        exit_code = self._process.poll()
        return None if exit_code is None else ending_of(exit_code, final=exit_code == INVALID_SETTINGS)

    def restart(self) -> None:
        """Start it again after it ended."""
        self._clean_up()
        self._process = self._start()

    def terminate(self) -> None:
        """Send SIGTERM; a second one makes it stop at once."""
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self, patience: float) -> None:
        """Terminate it and wait; afterwards, kill what is left of its process group."""
        self.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self._clean_up()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open() as sink:
            return subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-P", "-m", "entrypoints.cli", self.name],
                env=self._environment,
                stdin=subprocess.PIPE,  # closes when we end, even by SIGKILL; the child watches it
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _clean_up(self) -> None:
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

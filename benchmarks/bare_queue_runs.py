"""Runs a side of the bare queue in one process or in several, all begun at the same time."""

import subprocess
import sys
from importlib.util import find_spec
from typing import IO, Final, NamedTuple

from benchmarks.processor_time import seconds_of, server_of
from benchmarks.site import fresh_database, run

SECONDS: Final = 300.0
OURS: Final = "ours"


class Speed(NamedTuple):
    """What a run has shown.

    Attributes:
        rate: Jobs per second, from the start until the last process has ended.
        processor: Seconds of processor time per job, of all processes and Postgres.
    """

    rate: float
    processor: float


def measure(server: str, side: str, jobs: int, processes: int = 1) -> Speed | None:
    """Run a side in a database of its own; None where it is not installed."""
    library = side.partition(",")[0]
    is_ours = library == OURS
    if not is_ours and find_spec(library) is None:
        return None
    with fresh_database(server, migrated=is_ours) as database:
        running = [_started(side, database, jobs // processes) for _ in range(processes)]
        postgres = [run(server_of(database))]
        before = seconds_of(postgres)
        for process in running:
            _say(process.stdin, "go\n")
        results = [_result(process) for process in running]
        spent = seconds_of(postgres) - before + sum(processor for _, processor in results)
        return Speed(jobs / max(seconds for seconds, _ in results), spent / jobs)


def _started(side: str, database: str, jobs: int) -> "subprocess.Popen[str]":
    """Start a process and wait until it is ready: the first one creates the tables of its side."""
    command = [sys.executable, "-m", "benchmarks.bare_queue", side, database, str(jobs)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    if process.stdout is None or not process.stdout.readline():
        raise RuntimeError(f"{side} did not start")
    return process


def _say(pipe: IO[str] | None, line: str) -> None:
    if pipe is not None:
        pipe.write(line)
        pipe.flush()


def _result(process: "subprocess.Popen[str]") -> tuple[float, float]:
    printed, _ = process.communicate(timeout=SECONDS)
    if process.returncode:
        raise RuntimeError(f"a process of the bare queue ended with {process.returncode}")
    seconds, processor = printed.split()[-2:]
    return float(seconds), float(processor)

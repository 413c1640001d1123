"""Processor time: what noise of other machines does not reach."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

import asyncpg
import psutil

from adapters.postgres.dsn import normalise


class Started:
    """The processes that a block has started, with all that they started.

    Attributes:
        roots: Their ids.
    """

    def __init__(self) -> None:
        self.roots: Collection[int] = ()


@contextmanager
def started() -> Iterator[Started]:
    """Note which processes are started in the block; what they start later belongs to them."""
    before, found = _children(), Started()
    yield found
    found.roots = _children() - before


async def server_of(database: str) -> int:
    """Return the id of the first process of the database's server, which runs on this machine."""
    connection = await asyncpg.connect(normalise(database).url)
    backend = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
    server = int(backend.ppid())
    await connection.close()
    return server


def seconds_of(roots: Collection[int]) -> float:
    """Return the processor time of processes, and of all that they started and that lives or was waited for."""
    return sum(_seconds(process) for root in roots for process in _tree(psutil.Process(root)))


def steal() -> Callable[[], float]:
    """Return what tells the share of this machine's processor time that its host has taken since; 0 if it says none."""
    before = psutil.cpu_times()

    def share() -> float:
        now = psutil.cpu_times()
        taken = getattr(now, "steal", 0.0) - getattr(before, "steal", 0.0)
        return float(taken / max(sum(now[:8]) - sum(before[:8]), 1e-9))

    return share


def _seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):  # it has just ended, and belongs to the time of its parent now
        return float(sum(process.cpu_times()[:4]))
    return 0.0


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}

"""Waiting for jobs to change: one query for all that are watched, however many clients wait."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import anyio
import msgspec

from application.ports.jobs import DatabaseUnavailable, JobRepository
from domain.jobs.job import JobId

TICK_SECONDS: Final = 0.25
"""Between two queries; none is sent while nobody waits."""

MOST_WAITERS: Final = 256
"""How many clients of a process may wait at once."""


class _Waiter(msgspec.Struct, eq=False):
    job_id: JobId
    version: int
    changed: bool = False


class JobWatch:
    """Waits for many jobs at once. It needs no task: of those who wait, one asks the database for all of them.

    Args:
        jobs: The jobs.
        most_waiters: How many may wait at once.
    """

    def __init__(self, jobs: JobRepository, most_waiters: int = MOST_WAITERS) -> None:
        self._jobs = jobs
        self._most_waiters = most_waiters
        self._waiters: set[_Waiter] = set()
        self._ticked: anyio.Event | None = None
        self._tick_at = 0.0

    async def __call__(
        self, job_id: JobId, version: int, seconds: float, is_stopping: Callable[[], bool] = lambda: False
    ) -> bool:
        """Return once the job has another version, is gone, so many seconds have passed, or the process stops.

        Returns False at once if too many wait already.
        """
        if len(self._waiters) >= self._most_waiters:
            return False
        waiter = _Waiter(job_id, version)
        self._waiters.add(waiter)
        try:
            with anyio.move_on_after(seconds):
                while not waiter.changed and not is_stopping():
                    await self._next_tick()
        finally:
            self._waiters.discard(waiter)
        return True

    async def _next_tick(self) -> None:
        if self._ticked is not None:
            await self._ticked.wait()
            return
        self._ticked = ticked = anyio.Event()
        try:
            await anyio.sleep(max(self._tick_at - time.monotonic(), 0.0))
            self._tick_at = time.monotonic() + TICK_SECONDS
            await self._look()
        finally:  # another one takes over if this one is cancelled
            self._ticked = None
            ticked.set()

    async def _look(self) -> None:
        watched = {waiter.job_id for waiter in self._waiters}
        with suppress(DatabaseUnavailable):
            versions = await self._jobs.versions(watched)
            for waiter in self._waiters:
                waiter.changed = waiter.changed or versions.get(waiter.job_id) != waiter.version

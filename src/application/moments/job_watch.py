"""Watching jobs: one query for all that are watched, however many clients wait or follow."""

import time
from collections.abc import Callable, Iterable
from typing import Final

import anyio
import msgspec

from application.ports.jobs import DatabaseUnavailable, JobRepository, Revision
from domain.jobs.job import JobId

SHORTEST_TICK: Final = 0.04
LONGEST_TICK: Final = 0.25
"""Seconds between two queries; none is sent while nobody watches."""

TICK_PER_QUERY: Final = 25.0
"""Between these, the tick is so many times as long as the last query took: watching may cost 4 % of a connection."""

MOST_WAITERS: Final = 256
"""How many clients of a process may wait at once. Those that follow events have a limit of their own."""


class _Watcher(msgspec.Struct, eq=False):
    job_id: JobId
    known: Revision | int
    is_stopping: Callable[[], bool]
    latest: Revision | None = None
    is_done: bool = False
    woken: anyio.Event = msgspec.field(default_factory=anyio.Event)

    def see(self, revision: Revision | None) -> None:
        """Take note of what the row says; it is done if that is news."""
        self.latest = revision
        told = revision.version if revision and isinstance(self.known, int) else revision
        if told != self.known or self.is_stopping():
            self.finish()

    def finish(self) -> None:
        self.is_done = True
        self.woken.set()


class JobWatch:
    """Watches many jobs at once. It needs no task: of those who watch, one asks the database for all of them.

    Args:
        jobs: The jobs.
        most_waiters: How many may wait at once.
    """

    def __init__(self, jobs: JobRepository, most_waiters: int = MOST_WAITERS) -> None:
        self._jobs = jobs
        self._most_waiters = most_waiters
        self._waiting = 0
        self._watchers: dict[_Watcher, None] = {}  # ordered, unlike a set
        self._asks: _Watcher | None = None
        self._tick_at = 0.0

    async def __call__(
        self, job_id: JobId, version: int, seconds: float, is_stopping: Callable[[], bool] = lambda: False
    ) -> bool:
        """Return once the job has another version, is gone, so many seconds have passed, or the process stops.

        Returns False at once if too many wait already.
        """
        if self._waiting >= self._most_waiters:
            return False
        self._waiting += 1
        try:
            await self._watch(_Watcher(job_id, version, is_stopping), seconds)
        finally:
            self._waiting -= 1
        return True

    async def next_revision(
        self, job_id: JobId, known: Revision, seconds: float, is_stopping: Callable[[], bool]
    ) -> Revision | None:
        """Return the job's next revision, or None once it is gone.

        After so many seconds, and when the process stops, it is the one that is known.
        """
        watcher = _Watcher(job_id, known, is_stopping, known)
        await self._watch(watcher, seconds)
        return watcher.latest

    async def _watch(self, watcher: _Watcher, seconds: float) -> None:
        self._watchers[watcher] = None
        try:
            with anyio.move_on_after(seconds):
                while not (watcher.is_done or watcher.is_stopping()):
                    await self._await_turn_or_news(watcher)
        finally:
            del self._watchers[watcher]
            if self._asks is watcher:
                self._pass_on()

    async def _await_turn_or_news(self, watcher: _Watcher) -> None:
        if self._asks is None:
            self._asks = watcher
        if self._asks is not watcher:
            await watcher.woken.wait()
            watcher.woken = anyio.Event()
            return
        await anyio.sleep(max(self._tick_at - time.monotonic(), 0.0))
        began = time.monotonic()
        self._tick_at = began + LONGEST_TICK  # also if this one is cancelled, or the database does not answer
        watchers = [*self._watchers]  # whoever comes during the query is not part of it
        try:
            revisions = await self._jobs.revisions({each.job_id for each in watchers})
        except DatabaseUnavailable:
            _finish_if_stopping(watchers)
            return
        self._tick_at = began + min(max(TICK_PER_QUERY * (time.monotonic() - began), SHORTEST_TICK), LONGEST_TICK)
        for each in watchers:
            each.see(revisions.get(each.job_id))

    def _pass_on(self) -> None:
        """Have the newest one take over asking: the oldest are about to leave, and would give up their query."""
        self._asks = next((watcher for watcher in reversed(self._watchers) if not watcher.is_done), None)
        if self._asks:
            self._asks.woken.set()


def _finish_if_stopping(watchers: Iterable[_Watcher]) -> None:
    for watcher in watchers:
        if watcher.is_stopping():
            watcher.finish()

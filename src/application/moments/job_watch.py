"""Watching jobs: notifications, and one query for all that are watched, however many clients wait or follow."""

import time
from collections.abc import Callable, Mapping
from math import inf
from typing import Final

import anyio

from application.moments.heard_versions import HeardVersions
from application.moments.job_watcher import JobWatcher
from application.ports.job_changes import NO_CHANGES, JobChanges
from application.ports.jobs import DatabaseUnavailable, JobRepository, Revision
from domain.jobs.job import JobId

SHORTEST_TICK: Final = 0.04
LONGEST_TICK: Final = 0.25
"""Seconds between two queries; none is sent while nobody watches."""

TICK_PER_QUERY: Final = 25.0
"""Between these, the tick is so many times as long as the last query took: watching may cost 4 % of a connection."""

MOST_WAITERS: Final = 256
"""How many clients of a process may wait at once. Those that follow events have a limit of their own."""


class JobWatch:
    """Watches many jobs at once. It needs no task: of those who watch, one asks the database for all of them.

    Notifications tell of new versions at once. The query finds those whose notification was lost, and progress, which
    has none.

    Args:
        jobs: The jobs.
        changes: The notifications.
        most_waiters: How many may wait at once.
    """

    def __init__(self, jobs: JobRepository, changes: JobChanges = NO_CHANGES, most_waiters: int = MOST_WAITERS) -> None:
        self._jobs = jobs
        self._changes = changes
        self._most_waiters = most_waiters
        self._waiting = 0
        self._watchers: dict[JobWatcher, None] = {}  # ordered, unlike a set
        self._of: dict[JobId, set[JobWatcher]] = {}
        self._heard = HeardVersions()
        self._asks: JobWatcher | None = None
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
            await self._watch(JobWatcher(job_id, Revision(version, 0.0), is_stopping, sees_progress=False), seconds)
        finally:
            self._waiting -= 1
        return True

    async def next_revision(
        self, job_id: JobId, known: Revision, seconds: float, is_stopping: Callable[[], bool]
    ) -> Revision | None:
        """Return the job's next revision, or None once it is gone; a new version may come with the old progress.

        After so many seconds, and when the process stops, it is the one that is known.
        """
        watcher = JobWatcher(job_id, known, is_stopping, latest=known)
        await self._watch(watcher, seconds)
        return watcher.latest

    async def _watch(self, watcher: JobWatcher, seconds: float) -> None:
        self._enter(watcher)
        try:
            with anyio.move_on_after(seconds):
                while not (watcher.is_done or watcher.is_stopping()):
                    await self._await_turn_or_news(watcher)
        finally:
            self._leave(watcher)

    def _enter(self, watcher: JobWatcher) -> None:
        if not self._watchers:
            self._changes.begin(self._on_changes)
        self._watchers[watcher] = None
        self._of.setdefault(watcher.job_id, set()).add(watcher)
        watcher.hear(self._heard.version_of(watcher.job_id))

    def _leave(self, watcher: JobWatcher) -> None:
        del self._watchers[watcher]
        self._of[watcher.job_id].discard(watcher)
        if not self._of[watcher.job_id]:
            del self._of[watcher.job_id]
        if not self._watchers:
            self._changes.end()
        if self._asks is watcher:
            self._pass_on()

    def _on_changes(self, versions: Mapping[JobId, int]) -> None:
        self._heard.hear(versions)
        for job_id, version in versions.items():
            for watcher in self._of.get(job_id, ()):
                watcher.hear(version)

    async def _await_turn_or_news(self, watcher: JobWatcher) -> None:
        if self._asks is None:
            self._asks = watcher
        asks = self._asks is watcher
        with anyio.move_on_after(max(self._tick_at - time.monotonic(), 0.0) if asks else inf):
            await watcher.woken.wait()
        if watcher.woken.is_set():
            watcher.woken = anyio.Event()
        elif asks:
            await self._ask()

    async def _ask(self) -> None:
        began = time.monotonic()
        self._tick_at = began + LONGEST_TICK  # also if this one is cancelled, or the database does not answer
        watchers = [*self._watchers]  # whoever comes during the query is not part of it
        try:
            revisions = await self._jobs.revisions({each.job_id for each in watchers})
        except DatabaseUnavailable:
            for each in watchers:
                each.leave_if_stopping()
            return
        self._tick_at = began + min(max(TICK_PER_QUERY * (time.monotonic() - began), SHORTEST_TICK), LONGEST_TICK)
        for each in watchers:
            each.see(revisions.get(each.job_id))

    def _pass_on(self) -> None:
        """Have the newest one take over asking: the oldest are about to leave, and would give up their query."""
        self._asks = next((watcher for watcher in reversed(self._watchers) if not watcher.is_done), None)
        if self._asks:
            self._asks.woken.set()

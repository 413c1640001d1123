"""One client that watches a job, and what is news to it."""

from collections.abc import Callable

import anyio
import msgspec

from application.ports.jobs import Revision
from domain.jobs.job import JobId


class JobWatcher(msgspec.Struct, eq=False):
    """Whoever watches a job.

    Attributes:
        job_id: The job.
        known: Its revision that is known.
        is_stopping: Whether the process ends.
        sees_progress: Whether progress is news; a new version always is.
        latest: The last revision that was seen, None if the job is gone.
        is_done: Whether there is news.
        woken: Set when there is news, or it is to ask the database next.
    """

    job_id: JobId
    known: Revision
    is_stopping: Callable[[], bool]
    sees_progress: bool = True
    latest: Revision | None = None
    is_done: bool = False
    woken: anyio.Event = msgspec.field(default_factory=anyio.Event)

    def see(self, revision: Revision | None) -> None:
        """Take note of what the row says; whoever is done keeps its news, which may be newer."""
        if not self.is_done:
            self.latest = revision
            if self._is_news(revision):
                self.finish()
            self.leave_if_stopping()

    def hear(self, version: int) -> None:
        """Take note of what a notification says; a late one is no news."""
        if version > self.known.version:
            self.latest = Revision(version, self.known.progress)
            self.finish()

    def finish(self) -> None:
        """Have it return."""
        self.is_done = True
        self.woken.set()

    def leave_if_stopping(self) -> None:
        """Have it return if the process ends."""
        if self.is_stopping():
            self.finish()

    def _is_news(self, revision: Revision | None) -> bool:
        if revision is None or self.sees_progress:
            return revision != self.known
        return revision.version != self.known.version

"""Follow a job's events as they come, from its row."""

from collections.abc import AsyncGenerator, Callable
from typing import Final

import msgspec

from application.moments.job_events import EventId, EventName, JobEvent, ProgressData, events_of
from application.moments.job_watch import JobWatch
from application.ports.jobs import DatabaseUnavailable, JobNotFound, JobRepository, JobUnreadable, JobView, Revision
from domain.jobs.job import JobId
from domain.jobs.progress import progress_of

PING_SECONDS: Final = 15.0
"""After so much silence something is sent, so that proxies keep the connection and a client that is gone is noticed."""

Batch = tuple[JobEvent, ...]


class _Position(msgspec.Struct):
    """Where a follower is. It keeps no job: decoded, one takes more memory than the rest of its connection."""

    last: EventId | None
    revision: Revision = Revision(-1, 0.0)
    floor: float = 0.0
    progress: float = -1.0
    ended: bool = False

    def read(self, view: JobView) -> Batch:
        """Return the events that are new in a view of the job."""
        events = events_of(view.job, self.last)
        self.last = events[-1].id if events else self.last
        self.revision = Revision(view.job.version, view.progress)
        self.floor, self.ended = progress_of(view.job), view.job.status.terminal
        return (*events, *self.advance(view.progress))

    def advance(self, progress: float) -> Batch:
        """Return an event if the job got further; a job that has ended needs none."""
        self.revision = Revision(self.revision.version, progress)
        shown = round(max(progress, self.floor), 3)
        if self.ended or shown == self.progress:
            return ()
        self.progress = shown
        return (JobEvent(EventName.PROGRESS, ProgressData(shown)),)


class FollowEvents:
    """Follow the events of jobs: one query for all that are followed, and one read of each job that has changed.

    Args:
        jobs: The jobs.
        watch: Watches them.
        ping_seconds: The longest silence.
    """

    def __init__(self, jobs: JobRepository, watch: JobWatch, ping_seconds: float = PING_SECONDS) -> None:
        self._jobs = jobs
        self._watch = watch
        self._ping_seconds = ping_seconds

    async def open(
        self, job_id: JobId, after: EventId | None, is_stopping: Callable[[], bool]
    ) -> AsyncGenerator[Batch] | None:
        """Return the batches of events to come, or None if there will be none: the job has ended, and all are known.

        A batch is empty after a silence. They end after the last event, and when the process stops or the job is gone.

        Args:
            job_id: The job.
            after: The last event that the client knows.
            is_stopping: Whether the process ends.

        Raises:
            JobNotFound: There is no such job.
            JobUnreadable: A newer version wrote it.
            DatabaseUnavailable: It cannot be read now.
        """
        position = _Position(after)
        first = position.read(await self._jobs.get(job_id))
        if position.ended and not first:
            return None
        return self._batches(job_id, position, first, is_stopping)

    async def _batches(
        self, job_id: JobId, position: _Position, first: Batch, is_stopping: Callable[[], bool]
    ) -> AsyncGenerator[Batch]:
        yield first
        del first
        while not (position.ended or is_stopping()):
            known = position.revision
            latest = await self._watch.next_revision(job_id, known, self._ping_seconds, is_stopping)
            if latest is None:
                return
            if latest == known:
                yield ()
            elif latest.version == known.version:
                if batch := position.advance(latest.progress):
                    yield batch
            else:
                try:
                    batch = position.read(await self._jobs.get(job_id))
                except (JobNotFound, JobUnreadable):
                    return
                except DatabaseUnavailable:
                    continue
                if batch:
                    yield batch

"""Notifying workers of new jobs, and apis of changed ones, at a bounded rate."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from adapters.postgres.background import running
from adapters.postgres.changes_payload import MOST_CHANGES, write_changes
from adapters.postgres.fleet import new_jobs
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.jobs import DatabaseUnavailable
from domain.jobs.job import Job, JobId

WORK: Final = "moment_work"
"""Channel: there is work, for as many workers as the payload says (see fleet.py), or for all of them if it is empty.
`release_jobs.sql`, `retry_job.sql` and `retry_failed.sql` notify it as well."""

CANCEL: Final = "moment_cancel"
"""Channel: a running job is to be cancelled; notified by `request_cancel.sql`."""

CHANGES: Final = "moment_changes"
"""Channel: jobs have new versions; the payload says which, see changes_payload.py. Nobody depends on it: who watches a
job polls as well."""

PAUSE: Final = 0.005
LONGEST_PAUSE: Final = 0.04
"""Seconds between two notifications of this process: the shorter for single jobs, the longer under load."""

NOTIFY_CHANNEL: Final = load_sql("notify_channel")
NOTIFY_WORK: Final = load_sql("notify_work")
NOTIFY_CHANGES: Final = load_sql("notify_changes")


class Notifier:
    """Sends notifications from a task of its own, so that no caller waits for them.

    NOTIFY takes a lock that all notifying transactions of the server share until they have committed. So it is never
    part of a transaction that waits for the disk, and notifications in quick succession are merged into one.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._requested = asyncio.Event()
        self._count = 0
        self._changes: dict[JobId, int] = {}

    def notify(self) -> None:
        """Send a notification of one job soon; if it is lost, polling finds the job."""
        self._count += 1
        self._requested.set()

    def changed(self, jobs: Iterable[Job]) -> None:
        """Send a notification of versions that have been committed, soon; if it is lost, polling finds them."""
        self._changes |= {job.id: job.version for job in jobs}
        self._requested.set()

    async def run(self) -> None:
        """Send notifications until cancelled."""
        pause = PAUSE
        while True:
            await self._requested.wait()
            self._requested.clear()
            with suppress(DatabaseUnavailable):
                await self._send()
            if self._changes:
                self._requested.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE) if self._requested.is_set() else PAUSE

    async def _send(self) -> None:
        count, self._count = self._count, 0
        changes = [(job_id, self._changes.pop(job_id)) for job_id in [*self._changes][:MOST_CHANGES]]
        async with connected(self._pool) as connection:
            if count:
                await connection.execute(NOTIFY_WORK, new_jobs(count).payload)
            if changes:
                await connection.execute(NOTIFY_CHANGES, write_changes(changes))


@asynccontextmanager
async def open_notifier(pool: asyncpg.Pool) -> AsyncIterator[Notifier]:
    """Yield a notifier that works until the end of the block."""
    notifier = Notifier(pool)
    async with running(notifier.run(), "notifier"):
        yield notifier

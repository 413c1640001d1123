"""Notifying workers of new jobs, at a bounded rate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from adapters.postgres.background import running
from adapters.postgres.fleet import new_jobs
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.jobs import DatabaseUnavailable

WORK: Final = "moment_work"
"""Channel: there is work, for as many workers as the payload says (see fleet.py), or for all of them if it is empty.
`release_jobs.sql`, `retry_job.sql` and `retry_failed.sql` notify it as well."""

CANCEL: Final = "moment_cancel"
"""Channel: a running job is to be cancelled; notified by `request_cancel.sql`."""

PAUSE: Final = 0.005
LONGEST_PAUSE: Final = 0.04
"""Seconds between two notifications of this process: the shorter for single jobs, the longer under load."""

NOTIFY_CHANNEL: Final = load_sql("notify_channel")
NOTIFY_WORK: Final = load_sql("notify_work")


class Notifier:
    """Sends notifications from a task of its own, so that no caller waits for them.

    NOTIFY takes a lock that all notifying transactions of the server share until they have committed. So it is never
    part of a transaction that waits for the disk, and notifications in quick succession are merged into one.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._requested = asyncio.Event()
        self._count = 0

    def notify(self) -> None:
        """Send a notification of one job soon; if it is lost, polling finds the job."""
        self._count += 1
        self._requested.set()

    async def run(self) -> None:
        """Send notifications until cancelled."""
        pause = PAUSE
        while True:
            await self._requested.wait()
            self._requested.clear()
            count, self._count = self._count, 0
            with suppress(DatabaseUnavailable):
                async with connected(self._pool) as connection:
                    await connection.execute(NOTIFY_WORK, new_jobs(count).payload)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE) if self._requested.is_set() else PAUSE


@asynccontextmanager
async def open_notifier(pool: asyncpg.Pool) -> AsyncIterator[Notifier]:
    """Yield a notifier that works until the end of the block."""
    notifier = Notifier(pool)
    async with running(notifier.run(), "notifier"):
        yield notifier

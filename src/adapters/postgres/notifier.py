"""Telling workers that there is something to do, seldom enough to cost nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from adapters.postgres.background import running
from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.jobs import DatabaseUnavailable

WORK: Final = "moment_work"
"""Channel: there are new jobs; `release_jobs.sql` and `retry_failed.sql` say so too."""

CANCEL: Final = "moment_cancel"
"""Channel: a running job was cancelled; `request_cancel.sql` says so."""

PAUSE: Final = 0.005
LONGEST_PAUSE: Final = 0.04
"""Seconds between two rings of this process: the shorter when jobs come one by one, the longer in a rush."""

NOTIFY_CHANNEL: Final = load_sql("notify_channel")


class Notifier:
    """Sends hints from a task of its own, so that nobody waits for them.

    A NOTIFY takes a lock that all notifying transactions of the server share until they have committed, so it is never
    part of a transaction that waits for the disk, and rings that follow close on another are folded into one.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._requested = asyncio.Event()

    def notify(self) -> None:
        """Send a hint soon; one that gets lost is made up for by polling."""
        self._requested.set()

    async def run(self) -> None:
        """Send what is rung for, for ever."""
        pause = PAUSE
        while True:
            await self._requested.wait()
            self._requested.clear()
            with suppress(DatabaseUnavailable):
                async with connected(self._pool) as connection:
                    await connection.execute(NOTIFY_CHANNEL, WORK)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE) if self._requested.is_set() else PAUSE


@asynccontextmanager
async def open_notifier(pool: asyncpg.Pool) -> AsyncIterator[Notifier]:
    """Give a notifier that works while the block lasts."""
    notifier = Notifier(pool)
    async with running(notifier.run(), "notifier"):
        yield notifier

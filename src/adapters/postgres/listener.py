"""Hearing that there may be work: LISTEN on a connection of its own, or nothing but the clock."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import uuid4

import anyio
import asyncpg

from adapters.postgres.background import running
from adapters.postgres.dsn import Dsn
from adapters.postgres.notifier import CANCEL, NOTIFY_CHANNEL, WORK
from adapters.postgres.pool import open_connection
from application.ports.jobs import DatabaseUnavailable

PROBE_EVERY: Final = 15.0
"""Seconds between two proofs that notifications still arrive."""

PROBE_TIMEOUT: Final = 5.0
"""Seconds that a notification to ourselves may take."""

LONGEST_PAUSE: Final = 30.0
"""Seconds between two attempts to connect, at most."""

logger = logging.getLogger(__name__)


class PollingListener:
    """Implements `Listener` where LISTEN is not to be had, as behind a transaction pooler."""

    async def wait(self, timeout: float) -> None:
        """Sleep."""
        await anyio.sleep(timeout)

    async def wait_for_cancel(self, timeout: float) -> None:
        """Sleep."""
        await anyio.sleep(timeout)


class AutoResetEvent:
    """One kind of hint: it is kept until somebody waits."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self, *_: object) -> None:
        """Wake who waits, or who waits next."""
        self._event.set()

    async def wait(self, timeout: float) -> None:
        """Return on a hint, at once if one was given before."""
        with anyio.move_on_after(timeout):
            await self._event.wait()
        self._event.clear()


class PostgresListener(AutoResetEvent):
    """Implements `Listener`: hints that other processes give through Postgres.

    Without a connection there are none, and no error either.
    """

    def __init__(self, dsn: Dsn) -> None:
        super().__init__()
        self._dsn = dsn
        self._cancels = AutoResetEvent()
        self._probed = AutoResetEvent()
        self._probe_channel = f"moment_probe_{uuid4().hex}"

    async def wait_for_cancel(self, timeout: float) -> None:
        """Return on a hint that a running job was cancelled; many hints at once are answered together."""
        await self._cancels.wait(timeout)

    async def listen(self) -> None:
        """Listen for ever, connecting again as often as it takes."""
        pause = 0.1
        while True:
            try:
                async with self._subscription() as connection:
                    pause = 0.1
                    await self._watch(connection)
            except DatabaseUnavailable as error:
                logger.warning("not listening for new jobs, polling for now: %s", error)
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 — jitter, not a secret
            pause = min(LONGEST_PAUSE, 2 * pause)

    @asynccontextmanager
    async def _subscription(self) -> AsyncIterator[asyncpg.Connection]:
        async with open_connection(self._dsn, PROBE_TIMEOUT) as connection:
            await connection.add_listener(WORK, self.set)
            await connection.add_listener(CANCEL, self._cancels.set)
            await connection.add_listener(self._probe_channel, self._probed.set)
            await self._probe(connection)
            self.set()  # for what was said while nobody listened
            yield connection

    async def _watch(self, connection: asyncpg.Connection) -> None:
        broken = AutoResetEvent()
        connection.add_termination_listener(broken.set)
        while not connection.is_closed():
            await broken.wait(PROBE_EVERY)
            await self._probe(connection)

    async def _probe(self, connection: asyncpg.Connection) -> None:
        """Prove that a notification makes the round trip: a pooler accepts LISTEN and then delivers nothing."""
        with anyio.fail_after(PROBE_TIMEOUT):
            await connection.execute(NOTIFY_CHANNEL, self._probe_channel)
            await self._probed.wait(2 * PROBE_TIMEOUT)


@asynccontextmanager
async def open_listener(dsn: Dsn) -> AsyncIterator[PostgresListener | PollingListener]:
    """Listen while the block lasts; the first hint comes when the connection stands.

    Through a transaction pooler nobody can listen: there is nothing but the clock.
    """
    if dsn.pooled:
        yield PollingListener()
        return
    listener = PostgresListener(dsn)
    async with running(listener.listen(), "listener"):
        yield listener

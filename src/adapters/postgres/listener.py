"""Learning of work: LISTEN on a connection of its own, or polling."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import uuid4

import anyio

from adapters.postgres.background import running
from adapters.postgres.connection import open_connection
from adapters.postgres.dsn import Dsn
from adapters.postgres.notifier import CANCEL, NOTIFY_CHANNEL, WORK
from adapters.postgres.route import Pooling, Route
from adapters.postgres.schema import SchemaConnection
from adapters.postgres.work_event import AutoResetEvent, WorkEvent
from application.ports.jobs import DatabaseUnavailable
from domain.jobs.retry import jittered

PROBE_EVERY: Final = 15.0
"""Seconds between two checks that notifications still arrive."""

PROBE_TIMEOUT: Final = 5.0
"""Seconds that a notification to our own connection may take."""

PASS_ON_EVERY: Final = 0.1
"""Seconds between two notifications that a busy worker passes on, at least."""

LONGEST_PAUSE: Final = 30.0
"""Seconds between two attempts to connect, at most."""

logger = logging.getLogger(__name__)


class PollingListener:
    """Implements `Listener` without LISTEN, as behind a transaction pooler."""

    async def wait(self, timeout: float) -> None:
        """Sleep."""
        await anyio.sleep(timeout)

    async def wait_for_cancel(self, timeout: float) -> None:
        """Sleep."""
        await anyio.sleep(timeout)


class PostgresListener(WorkEvent):
    """Implements `Listener` over the notifications of Postgres.

    While there is no connection, there are no notifications and no errors: callers return after their timeout.
    """

    def __init__(self, dsn: Dsn, route: Route) -> None:
        super().__init__()
        self._dsn = dsn
        self._route = route
        self._cancels = AutoResetEvent()
        self._probed = AutoResetEvent()
        self._probe_channel = f"moment_probe_{uuid4().hex}"
        self._polls = False

    async def wait_for_cancel(self, timeout: float) -> None:
        """Return on a notification that a running job is to be cancelled; several at once are handled together."""
        await self._cancels.wait(timeout)

    async def listen(self) -> None:
        """Listen until cancelled, reconnecting with growing pauses; behind a transaction pooler return at once."""
        pause = 0.1
        while True:
            try:
                async with open_connection(self._dsn, PROBE_TIMEOUT) as connection:
                    if await self._route.pooling(connection) is not Pooling.NONE:
                        return
                    await self._subscribe(connection)
                    pause = 0.1
                    await self._watch(connection)
            except DatabaseUnavailable as error:
                logger.log(
                    logging.DEBUG if self._polls else logging.WARNING,
                    "cannot listen for new jobs, polling instead: %s", error,
                )  # fmt: skip
                self._polls = True
            await asyncio.sleep(jittered(pause, random.random()))  # noqa: S311 — jitter, not a secret
            pause = min(LONGEST_PAUSE, 2 * pause)

    async def _subscribe(self, connection: SchemaConnection) -> None:
        await connection.add_listener(WORK, self.on_notification)
        await connection.add_listener(CANCEL, self._cancels.set)
        await connection.add_listener(self._probe_channel, self._probed.set)
        await self._probe(connection)
        connection.add_termination_listener(self.too_busy.set)
        self.set()  # for notifications that were missed meanwhile
        if self._polls:
            logger.info("listening for new jobs again")
            self._polls = False

    async def _watch(self, connection: SchemaConnection) -> None:
        """Probe the connection now and then, and pass on the notifications that this worker is too busy for."""
        probe_at = anyio.current_time() + PROBE_EVERY
        while not connection.is_closed():
            await self.too_busy.wait(probe_at - anyio.current_time())
            if anyio.current_time() >= probe_at or connection.is_closed():
                await self._probe(connection)
                probe_at = anyio.current_time() + PROBE_EVERY
            elif self.is_set:
                await connection.execute(NOTIFY_CHANNEL, WORK)
                await asyncio.sleep(PASS_ON_EVERY)

    async def _probe(self, connection: SchemaConnection) -> None:
        """Check that a notification makes the round trip, and who else listens."""
        with anyio.fail_after(PROBE_TIMEOUT):
            await self.fleet.refresh(connection)
            await connection.execute(NOTIFY_CHANNEL, self._probe_channel)
            await self._probed.wait(2 * PROBE_TIMEOUT)


@asynccontextmanager
async def open_listener(dsn: Dsn, *, route: Route | None = None) -> AsyncIterator[PostgresListener | PollingListener]:
    """Yield a listener; its first notification comes when the connection is established.

    LISTEN does not work through a transaction pooler: callers poll there, whether `dsn` declares it or not.

    Args:
        dsn: The database.
        route: What is known of the way to `dsn`, where the process has pools on it too.
    """
    if dsn.pooled:
        yield PollingListener()
        return
    listener = PostgresListener(dsn, route or Route(dsn))
    async with running(listener.listen(), "listener"):
        yield listener

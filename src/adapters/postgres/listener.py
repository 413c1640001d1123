"""Learning of work: LISTEN on a connection of its own, or polling."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import anyio

from adapters.postgres.background import running
from adapters.postgres.dsn import Dsn
from adapters.postgres.listening import Listening, OnNotification
from adapters.postgres.notifier import CANCEL, NOTIFY_CHANNEL, WORK
from adapters.postgres.route import Route
from adapters.postgres.schema import SchemaConnection
from adapters.postgres.work_event import AutoResetEvent, WorkEvent

PASS_ON_EVERY: Final = 0.1
"""Seconds between two notifications that a busy worker passes on, at least."""


class PollingListener:
    """Implements `Listener` without LISTEN, as behind a transaction pooler."""

    async def wait(self, timeout: float) -> None:
        """Sleep."""
        await anyio.sleep(timeout)

    async def wait_for_cancel(self, timeout: float) -> None:
        """Sleep."""
        await anyio.sleep(timeout)


class PostgresListener(WorkEvent, Listening):
    """Implements `Listener` over the notifications of Postgres.

    While there is no connection, there are no notifications and no errors: callers return after their timeout.
    """

    def __init__(self, dsn: Dsn, route: Route) -> None:
        WorkEvent.__init__(self)
        Listening.__init__(self, dsn, route, "new jobs")
        self._cancels = AutoResetEvent()

    async def wait_for_cancel(self, timeout: float) -> None:
        """Return on a notification that a running job is to be cancelled; several at once are handled together."""
        await self._cancels.wait(timeout)

    def channels(self) -> Mapping[str, OnNotification]:
        """Listen for work and for cancellations."""
        return {WORK: self.on_notification, CANCEL: self._cancels.set}

    def on_listening(self) -> None:
        """Wake the worker, for notifications that were missed meanwhile."""
        self.set()

    def on_closed(self) -> None:
        """Wake `attend`."""
        self.too_busy.set()

    async def refresh(self, connection: SchemaConnection) -> None:
        """See who else listens."""
        await self.fleet.refresh(connection)

    async def attend(self, connection: SchemaConnection, seconds: float) -> None:
        """Pass on a notification that this worker is too busy for."""
        until = anyio.current_time() + seconds
        await self.too_busy.wait(seconds)
        if self.is_set and anyio.current_time() < until and not connection.is_closed():
            await connection.execute(NOTIFY_CHANNEL, WORK)
            await asyncio.sleep(PASS_ON_EVERY)


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

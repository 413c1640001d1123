"""A connection of its own that listens, opened again whenever it breaks, and probed: silence looks like no news."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

import anyio

from adapters.postgres.connection import open_connection
from adapters.postgres.dsn import Dsn
from adapters.postgres.notifier import NOTIFY_CHANNEL
from adapters.postgres.route import Pooling, Route
from adapters.postgres.schema import SchemaConnection
from adapters.postgres.work_event import AutoResetEvent
from application.ports.jobs import DatabaseUnavailable
from domain.jobs.retry import jittered

PROBE_EVERY: Final = 15.0
"""Seconds between two checks that notifications still arrive."""

PROBE_TIMEOUT: Final = 5.0
"""Seconds that a notification to our own connection may take."""

LONGEST_PAUSE: Final = 30.0
"""Seconds between two attempts to connect, at most."""

OnNotification = Callable[[Any, int, str, str], None]
"""Called with the connection, the number of the sender's process, the channel and the payload."""

logger = logging.getLogger(__name__)


class Listening:
    """What listeners have in common; while there is no connection, there are no notifications and no errors.

    Args:
        dsn: The database.
        route: What is known of the way to it.
        subject: What it listens for, in the log.
    """

    def __init__(self, dsn: Dsn, route: Route, subject: str) -> None:
        self._dsn = dsn
        self._route = route
        self._subject = subject
        self._closed = AutoResetEvent()
        self._probed = AutoResetEvent()
        self._probe_channel = f"moment_probe_{uuid4().hex}"
        self._polls = False

    def channels(self) -> Mapping[str, OnNotification]:
        """Return what to listen to, and what is called with its notifications."""
        raise NotImplementedError

    def on_listening(self) -> None:
        """Notifications arrive from now on; some may have been missed before."""

    def on_closed(self) -> None:
        """The connection is closed."""
        self._closed.set()

    async def refresh(self, connection: SchemaConnection) -> None:
        """Read whatever is to be read again from time to time."""

    async def attend(self, _connection: SchemaConnection, seconds: float) -> None:
        """Return after so many seconds, or as soon as the connection is closed."""
        await self._closed.wait(seconds)

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
                    "cannot listen for %s, polling instead: %s", self._subject, error,
                )  # fmt: skip
                self._polls = True
            await asyncio.sleep(jittered(pause, random.random()))  # noqa: S311 — jitter, not a secret
            pause = min(LONGEST_PAUSE, 2 * pause)

    async def _subscribe(self, connection: SchemaConnection) -> None:
        for channel, on_notification in self.channels().items():
            await connection.add_listener(channel, on_notification)
        await connection.add_listener(self._probe_channel, self._probed.set)
        await self._probe(connection)
        connection.add_termination_listener(lambda _: self.on_closed())
        self.on_listening()
        if self._polls:
            logger.info("listening for %s again", self._subject)
            self._polls = False

    async def _watch(self, connection: SchemaConnection) -> None:
        probe_at = anyio.current_time() + PROBE_EVERY
        while not connection.is_closed():
            await self.attend(connection, probe_at - anyio.current_time())
            if anyio.current_time() >= probe_at or connection.is_closed():
                await self._probe(connection)
                probe_at = anyio.current_time() + PROBE_EVERY

    async def _probe(self, connection: SchemaConnection) -> None:
        """Check that a notification makes the round trip."""
        with anyio.fail_after(PROBE_TIMEOUT):
            await self.refresh(connection)
            await connection.execute(NOTIFY_CHANNEL, self._probe_channel)
            await self._probed.wait(2 * PROBE_TIMEOUT)

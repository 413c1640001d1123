"""Learning that jobs have changed: LISTEN on a connection that is open while somebody watches jobs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from adapters.postgres.background import running
from adapters.postgres.changes_payload import read_changes
from adapters.postgres.dsn import Dsn
from adapters.postgres.listening import Listening, OnNotification
from adapters.postgres.notifier import CHANGES
from adapters.postgres.route import Route
from application.ports.job_changes import NO_CHANGES, JobChanges, OnChanges

LINGER_SECONDS: Final = 10.0
"""For so long the connection is kept at least; then it is closed if nobody watches: a small server grants few."""


class PostgresJobChanges(Listening):
    """Implements `JobChanges`."""

    def __init__(self, dsn: Dsn, route: Route) -> None:
        super().__init__(dsn, route, "changes of jobs")
        self._wanted = asyncio.Event()
        self._on_changes: OnChanges | None = None

    def begin(self, on_changes: OnChanges) -> None:
        """Have the connection opened, if it is not open still."""
        self._on_changes = on_changes
        self._wanted.set()

    def end(self) -> None:
        """Let the connection be closed."""
        self._on_changes = None
        self._wanted.clear()

    def channels(self) -> Mapping[str, OnNotification]:
        """Listen for changes."""
        return {CHANGES: self._on_notification}

    async def run(self) -> None:
        """Keep a connection while it is wanted, until cancelled."""
        while True:
            await self._wanted.wait()
            async with running(self.listen(), "job changes"):
                while self._wanted.is_set():  # noqa: ASYNC110 - between two requests of one client nobody watches
                    await asyncio.sleep(LINGER_SECONDS)

    def _on_notification(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        if self._on_changes:
            self._on_changes(read_changes(payload))


@asynccontextmanager
async def open_job_changes(dsn: Dsn, *, route: Route | None = None) -> AsyncIterator[JobChanges]:
    """Yield the changes of jobs, without a connection at first.

    Through a transaction pooler there are none: callers poll there, whether `dsn` declares it or not.

    Args:
        dsn: The database.
        route: What is known of the way to `dsn`, where the process has pools on it too.
    """
    if dsn.pooled:
        yield NO_CHANGES
        return
    changes = PostgresJobChanges(dsn, route or Route(dsn))
    async with running(changes.run(), "job changes"):
        yield changes

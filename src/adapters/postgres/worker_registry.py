"""Workers as the rest of the fleet sees them, in Postgres."""

from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.workers import WorkerReport

REPORT_WORKER: Final = load_sql("report_worker")
FORGET_WORKER: Final = load_sql("forget_worker")
LIST_WORKERS: Final = load_sql("list_workers")


class PostgresWorkerRegistry:
    """Implements `WorkerRegistry`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def report(self, report: WorkerReport) -> None:
        """Write the worker's row."""
        waiting_for = msgspec.json.encode(report.waiting_for).decode()
        facts = report.name, report.version, report.host, report.slots, report.running
        async with connected(self._pool) as connection:
            await connection.execute(REPORT_WORKER, *facts, waiting_for)

    async def leave(self, name: str) -> None:
        """Delete the worker's row."""
        async with connected(self._pool) as connection:
            await connection.execute(FORGET_WORKER, name)

    async def working(self) -> Sequence[WorkerReport]:
        """Read the rows."""
        async with connected(self._pool) as connection:
            return [read_report(row) for row in await connection.fetch(LIST_WORKERS)]


def read_report(row: asyncpg.Record) -> WorkerReport:
    """Return the report in a row."""
    waiting_for = msgspec.json.decode(row["waiting_for"])
    return msgspec.convert({**row, "waiting_for": waiting_for}, WorkerReport)

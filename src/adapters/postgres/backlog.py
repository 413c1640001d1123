"""The backlog, in Postgres."""

from typing import Final

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.backlog import LONGEST_LINE, Backlog, Pace
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import JobId

WALK_CLAIM_INDEX: Final = load_sql("walk_claim_index")
LIST_WAITING: Final = load_sql("list_waiting")
READ_PACES: Final = load_sql("read_paces")


class PostgresBacklog:
    """Implements `BacklogReader`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def read(self) -> Backlog:
        """Walk the index of the claim, and look at the last jobs that ended."""
        async with connected(self._pool) as connection, connection.transaction():
            await connection.execute(WALK_CLAIM_INDEX)
            waiting = await connection.fetch(LIST_WAITING, LONGEST_LINE)
            paces = await connection.fetch(READ_PACES, list(OutputKind))
        return Backlog(
            waiting=tuple((JobId(row["id"]), OutputKind(row["output_kind"])) for row in waiting),
            running=max(row["running"] for row in paces),
            paces={OutputKind(row["kind"]): Pace(row["seconds"], row["slots"], row["paused"]) for row in paces},
        )

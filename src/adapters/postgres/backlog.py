"""The backlog, in Postgres."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

import asyncpg

from adapters.postgres.load_sql import load_sql
from adapters.postgres.pool import connected
from application.ports.backlog import LONGEST_LINE, Backlog, Pace
from domain.blueprints.blueprint import OutputKind
from domain.jobs.job import JobId
from domain.jobs.turns import interleaved

WALK_CLAIM_INDEX: Final = load_sql("walk_claim_index")
LIST_WAITING: Final = load_sql("list_waiting")
READ_PACES: Final = load_sql("read_paces")
COUNT_WAITING: Final = load_sql("count_waiting")
COUNT_WAITING_OF: Final = load_sql("count_waiting_of")


Waiting = tuple[JobId, OutputKind]


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
            waiting=_in_line(waiting),
            running=max(row["running"] for row in paces),
            paces={OutputKind(row["kind"]): Pace(row["seconds"], row["slots"], row["paused"]) for row in paces},
        )

    async def count_waiting(self, most: int, client: str = "") -> int:
        """Walk an index, at most so far."""
        statement, who = (COUNT_WAITING_OF, [client]) if client else (COUNT_WAITING, [])
        async with connected(self._pool) as connection:
            count: int = await connection.fetchval(statement, most, *who)
        return count


def _in_line(rows: Sequence[asyncpg.Record]) -> tuple[Waiting, ...]:
    """Return the jobs in the order of the claim: priorities go by age, but for that of jobs that were not begun."""
    by_age = [row for row in rows if not row["by_turn"]]
    new = interleaved(
        [_waiting(row) for row in rows if row["by_turn"]],
        [_waiting(row) for row in by_age if row["priority"] == 0],
        max((row["claims"] for row in by_age), default=0),
    )
    first = (_waiting(row) for row in by_age if row["priority"] > 0)
    last = (_waiting(row) for row in by_age if row["priority"] < 0)
    line: Iterator[Waiting] = chain(first, new, last)
    return tuple(islice(line, LONGEST_LINE))


def _waiting(row: asyncpg.Record) -> Waiting:
    return JobId(row["id"]), OutputKind(row["output_kind"])

"""Counting the jobs, in Postgres: a long queue is counted once for all readers of a minute."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

import asyncpg
import msgspec

from adapters.postgres.load_sql import load_sql
from adapters.postgres.schema import SchemaConnection
from adapters.postgres.worker_registry import LIST_WORKERS, read_report
from application.ports.job_admin import ConversionStats, QueueStats
from domain.blueprints.blueprint import OutputKind
from domain.jobs.transitions import JobStatus

COUNT_JOBS: Final = load_sql("count_jobs")
COUNT_WAITS: Final = load_sql("count_waits")
COUNT_STATES: Final = load_sql("count_states")
READ_COUNTS: Final = load_sql("read_counts")
KEEP_COUNTS: Final = load_sql("keep_counts")
LOCK_COUNTS: Final = load_sql("lock_counts")
COUNT_CONVERSIONS: Final = load_sql("count_conversions")
LIST_PAUSES: Final = load_sql("list_pauses")

QUICKLY_COUNTED: Final = 5000
"""Jobs that take a few milliseconds: so many are counted for each reader."""

LONGEST_AGE: Final = timedelta(minutes=1)
"""Of counts that are shown."""

_decoder: Final = msgspec.json.Decoder(QueueStats)


async def count(connection: SchemaConnection) -> QueueStats:
    """Return the counts, and what is quickly read: workers, pauses, what is made on demand."""
    known = await connection.fetchrow(READ_COUNTS, QUICKLY_COUNTED)
    if known["jobs"] < QUICKLY_COUNTED:
        counts = await _count_now(connection)
    else:
        counts = _recent(known) or await _count_for_all(connection)
    workers = await connection.fetch(LIST_WORKERS)
    paused = await connection.fetch(LIST_PAUSES)
    conversions = await connection.fetchrow(COUNT_CONVERSIONS)
    return msgspec.structs.replace(
        counts,
        workers=tuple(read_report(worker) for worker in workers),
        paused=tuple(OutputKind(pause["output_kind"]) for pause in paused),
        conversions=ConversionStats(**conversions),
    )


async def _count_for_all(connection: SchemaConnection) -> QueueStats:
    """Count, and keep what was counted; one process does so at a time."""
    async with connection.transaction():
        await connection.execute(LOCK_COUNTS)
        if recent := _recent(await connection.fetchrow(READ_COUNTS, 0)):
            return recent
        counts = await _count_now(connection)
        await connection.execute(KEEP_COUNTS, msgspec.json.encode(counts).decode())
    return counts


def _recent(known: asyncpg.Record) -> QueueStats | None:
    """Return what was counted lately; nothing of what another version has counted, if it counts other things."""
    if known["counts"] is None or known["age"] >= LONGEST_AGE:
        return None
    with suppress(msgspec.ValidationError):
        return _decoder.decode(known["counts"])
    return None


async def _count_now(connection: SchemaConnection) -> QueueStats:
    row = await connection.fetchrow(COUNT_JOBS)
    waits = await connection.fetch(COUNT_WAITS)
    states = await connection.fetch(COUNT_STATES)
    return QueueStats(
        **row,
        waiting_for={wait["reason"]: wait["jobs"] for wait in waits},
        unfinished={JobStatus(state["status"]): state["jobs"] for state in states if not state["reason"]},
        failed_for={state["reason"]: state["jobs"] for state in states if state["reason"]},
    )

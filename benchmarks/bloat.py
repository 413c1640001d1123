"""Table bloat: many jobs pass through the queue while finished ones are removed, as retention does."""

import asyncio
from typing import Final, NamedTuple

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from benchmarks.bare_queue import LEASE_SECONDS, an_empty_job, start_and_end
from benchmarks.site import fresh_database, run
from tests.support.jobs import room_for

WAVE: Final = 1000
CLAIM: Final = 100
KEPT: Final = 2000
"""Finished jobs that stay."""

PRUNE: Final = """
DELETE FROM moment.jobs WHERE id IN (
    SELECT id FROM moment.jobs WHERE finished_at IS NOT NULL ORDER BY finished_at DESC OFFSET $1
)
"""
MEASURE: Final = """
SELECT n_dead_tup AS dead, pg_total_relation_size('moment.jobs') AS bytes
FROM pg_stat_user_tables WHERE relname = 'jobs'
"""


class Bloat(NamedTuple):
    """Most dead tuples seen, and the greatest size of table and indexes in each half of the run, in bytes."""

    dead: int
    early: int
    late: int


def measure(server: str, jobs: int) -> Bloat:
    """Send jobs through the queue: add, claim, heartbeat, save, end, remove."""
    with fresh_database(server) as database:
        return run(_measure(database, jobs))


async def _measure(database: str, jobs: int) -> Bloat:
    async with open_pool(normalise(database), command_timeout=60) as pool, open_notifier(pool) as notifier:
        repository, queue = PostgresJobs(pool, notifier), PostgresQueue(pool, lease_seconds=LEASE_SECONDS)
        seen = []
        for _ in range(jobs // WAVE):
            await asyncio.gather(*(repository.add(an_empty_job()) for _ in range(WAVE)))
            while claims := await queue.claim(room_for("bench", CLAIM)):
                await queue.heartbeat([claim.lease for claim in claims], {claim.job.id: 0.1 for claim in claims})
                await asyncio.gather(*(start_and_end(queue, claim) for claim in claims))
            await pool.execute(PRUNE, KEPT)
            seen.append(await pool.fetchrow(MEASURE))
    half = len(seen) // 2
    early, late = (max(row["bytes"] for row in part) for part in (seen[:half], seen[half:]))
    return Bloat(max(row["dead"] for row in seen), early, late)

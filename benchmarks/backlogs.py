"""What a job costs the queue while a million others wait, in three ways, on the newest and the oldest Postgres."""

import asyncio
import time
from typing import Final, NamedTuple

import asyncpg

from adapters.postgres.documents import write_document
from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from benchmarks.bare_queue import CALLERS, LEASE_SECONDS, an_empty_job, end
from benchmarks.processor_time import seconds_of, server_of
from benchmarks.site import fresh_database, run
from tests.support.jobs import room_for

WAITING: Final = 1_000_000
JOBS: Final = 4_000
CLAIM: Final = 100
ROUNDS: Final = 3
FILL_SECONDS: Final = 600.0

FILL: Final = """
WITH fresh AS (SELECT gen_random_uuid() AS id, number FROM generate_series(1, $1) AS number)
INSERT INTO moment.jobs (id, status, version, output_kind, document, priority, turn, run_at)
SELECT id, $2, 0, 'preview', replace($3, $4, id::text)::json, $5, number, now() + $6 * interval '1 second'
FROM fresh
"""


class Backlog(NamedTuple):
    """Jobs that wait.

    Attributes:
        name: What they are called in the table.
        priority: 1 for those that were begun.
        seconds: Until they are due.
    """

    name: str
    status: str
    priority: int
    seconds: float


BACKLOGS: Final = (
    Backlog("due", "PENDING", 0, 0.0),
    Backlog("delayed", "PENDING", 0, 86_400.0),
    Backlog("in backoff", "RENDERING", 1, 86_400.0),
)


def measure(server: str) -> dict[str, list[float]]:
    """Return seconds of processor time per job, ours and Postgres', of each round by backlog; none has no name."""
    costs = dict[str, list[float]]()
    for backlog in (None, *BACKLOGS):
        with fresh_database(server) as database:
            costs[backlog.name if backlog else ""] = run(_costs(database, backlog))
    return costs


async def _costs(database: str, backlog: Backlog | None) -> list[float]:
    url = normalise(database)
    async with open_pool(url, command_timeout=FILL_SECONDS) as pool, open_notifier(pool) as notifier:
        if backlog:
            await _fill(pool, backlog)
        repository, queue = PostgresJobs(pool, notifier), PostgresQueue(pool, lease_seconds=LEASE_SECONDS)
        postgres = [await server_of(database)]
        return [await _cost(repository, queue, postgres) for _ in range(ROUNDS)]


async def _cost(repository: PostgresJobs, queue: PostgresQueue, postgres: list[int]) -> float:
    before = time.process_time() + seconds_of(postgres)
    await _pass(repository, queue)
    return (time.process_time() + seconds_of(postgres) - before) / JOBS


async def _fill(pool: asyncpg.Pool, backlog: Backlog) -> None:
    job = an_empty_job()
    await pool.execute(
        FILL, WAITING, backlog.status, write_document(job), str(job.id), backlog.priority, backlog.seconds
    )
    await pool.execute("VACUUM ANALYZE moment.jobs")
    await pool.execute("CHECKPOINT")


async def _pass(repository: PostgresJobs, queue: PostgresQueue) -> None:
    """Add as many jobs as are claimed and ended; where others are due, it is they whose turn comes."""
    for _ in range(0, JOBS, CALLERS):
        await asyncio.gather(*(repository.add(an_empty_job()) for _ in range(CALLERS)))
    ended = 0
    while ended < JOBS:
        claims = await queue.claim(room_for("bench", CLAIM))
        await asyncio.gather(*(end(queue, claim) for claim in claims))
        ended += len(claims)

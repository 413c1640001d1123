"""How long a job waits in the queue of an idle system: from its committed insert until its first stage runs."""

import asyncio
import time
from pathlib import Path
from statistics import quantiles
from typing import Final, NamedTuple

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from benchmarks.bare_queue import an_empty_job
from benchmarks.site import Site, our_site, run

WARM_UP: Final = 20
FILL_SECONDS: Final = 300.0
PATIENCE_SECONDS: Final = 30.0
FILL: Final = """
INSERT INTO moment.jobs (id, status, version, output_kind, document, priority, run_at)
SELECT
    gen_random_uuid(), 'RENDERING', 3, 'preview', '{}', 1, now() + interval '1 day' + number * interval '1 millisecond'
FROM generate_series(1, $1) AS number
"""


class Latency(NamedTuple):
    """Seconds."""

    p50: float
    p99: float


def latency(server: str, folder: Path, *, waiting: int, jobs: int) -> Latency:
    """Measure one idle worker process while `waiting` jobs, which were begun, are not due again yet."""
    with our_site(server, folder, workers=1) as site:
        return run(_latency(site, waiting, jobs))


async def _latency(site: Site, waiting: int, jobs: int) -> Latency:
    database = normalise(site.database)
    async with open_pool(database, command_timeout=FILL_SECONDS) as pool, open_notifier(pool) as notifier:
        if waiting:
            await pool.execute(FILL, waiting)
            await pool.execute("VACUUM ANALYZE moment.jobs")
        repository = PostgresJobs(pool, notifier)
        seconds = [await _picked_up(repository) for _ in range(WARM_UP + jobs)][WARM_UP:]
    percentiles = quantiles(seconds, n=100)
    return Latency(percentiles[49], percentiles[98])


async def _picked_up(repository: PostgresJobs) -> float:
    """Return the seconds from our clock after the commit to the worker's, of the same machine, at its start."""
    job = an_empty_job()
    await repository.add(job)
    committed = time.time()
    while not job.status.terminal:
        if time.time() > committed + PATIENCE_SECONDS:
            raise TimeoutError(f"{job.id} is {job.status}")
        await asyncio.sleep(0.01)
        job = (await repository.get(job.id)).job
    return job.history[1].at.timestamp() - committed

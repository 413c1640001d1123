"""The whole pipeline with instant tools: the latency of one job, and the throughput of many."""

import asyncio
import time
from collections.abc import Sequence
from statistics import median, quantiles
from typing import Final, NamedTuple

import asyncpg
import msgspec

from adapters.postgres.dsn import normalise
from benchmarks.load import connect, create_moment, hammer
from benchmarks.processor_time import seconds_of, server_of
from benchmarks.site import Site

POLL_SECONDS: Final = 0.0005
PATIENCE: Final = 120.0
CONNECTIONS: Final = 16
SHORTEST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.25
WARM_UP: Final = 10


class Round(NamedTuple):
    """What a round has shown.

    Attributes:
        latencies: Seconds from the 202 to COMPLETED of jobs one after the other.
        throughput: Jobs per second of many at once.
        processor: Seconds of processor time that each of these took, of all processes and Postgres.
    """

    latencies: list[float]
    throughput: float
    processor: float


class Figures(NamedTuple):
    """Of one side, over all rounds."""

    p50: float
    p99: float
    throughput: float
    processor: float


def over(rounds: Sequence[Round]) -> Figures:
    """Return the percentiles of all latencies, and the medians of the rest."""
    percentiles = quantiles([latency for taken in rounds for latency in taken.latencies], n=100)
    throughputs, costs = [taken.throughput for taken in rounds], [taken.processor for taken in rounds]
    return Figures(percentiles[49], percentiles[98], median(throughputs), median(costs))


async def take_round(site: Site, table: str, *, alone: int, together: int) -> Round:
    """Send jobs one after the other, then all at once; both sides are observed with the same query on their row."""
    await _pass(site, table, WARM_UP)
    latencies = await _pass(site, table, alone)
    processes = [*site.processes, await server_of(site.database)]
    before = seconds_of(processes)
    rate = await throughput(site, table, together)
    return Round(latencies, rate, (seconds_of(processes) - before) / together)


async def throughput(site: Site, table: str, jobs: int) -> float:
    """Return jobs per second from the first POST until the last job is COMPLETED."""
    connection = await asyncpg.connect(normalise(site.database).url)
    query = f"SELECT count(*) FROM {table} WHERE status = 'COMPLETED'"  # noqa: S608 - a name of our own
    before = await connection.fetchval(query)
    began = time.perf_counter()
    sending = asyncio.create_task(hammer(site.port, [create_moment()] * jobs, CONNECTIONS))
    while (done := await connection.fetchval(query) - before) < jobs:
        if (passed := time.perf_counter() - began) > PATIENCE:
            raise TimeoutError(f"{jobs} jobs did not end in {PATIENCE} s")
        await asyncio.sleep(_pause(passed, done, jobs))
    seconds = time.perf_counter() - began
    await sending
    await connection.close()
    return jobs / seconds


def _pause(passed: float, done: int, jobs: int) -> float:
    """Return half the time that the remaining jobs need at the current pace: counting rows loads the database, too."""
    left = passed / max(done, 1) * (jobs - done)
    return min(max(left / 2, SHORTEST_PAUSE), LONGEST_PAUSE)


async def _pass(site: Site, table: str, jobs: int) -> list[float]:
    connection = await asyncpg.connect(normalise(site.database).url)
    api = await connect(site.port)
    query = f"SELECT status FROM {table} WHERE id = $1::text::uuid"  # noqa: S608 - a name of our own
    latencies = []
    for _ in range(jobs):
        job_id = msgspec.json.decode(await api(create_moment()))["job_id"]
        began = time.perf_counter()
        while (status := await connection.fetchval(query, job_id)) != "COMPLETED":
            if status == "FAILED" or time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"job {job_id} is {status}")
            await asyncio.sleep(POLL_SECONDS)
        latencies.append(time.perf_counter() - began)
    await connection.close()
    api.close()
    return latencies

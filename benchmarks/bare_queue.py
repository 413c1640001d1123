"""The bare queue: empty jobs enqueued, claimed and done, ours and two others on the same Postgres, one process each.

`python -m benchmarks.bare_queue SIDE DATABASE JOBS` prints jobs per second, enqueueing included.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final
from uuid import uuid4

import asyncpg

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from benchmarks.site import fresh_database, run
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job, JobId, Request
from domain.jobs.transitions import Cancelled
from tests.support.jobs import room_for

CALLERS: Final = 400
"""Callers that enqueue our jobs, each one job after the other, as requests of an api do."""

CLAIM: Final = 100
"""Jobs of ours claimed together."""

CLAIMERS: Final = 6
"""Concurrent claims of one process: while one batch ends, the next is claimed."""

BATCH: Final = 1000
"""Jobs that the others enqueue together."""

PICKED: Final = 500
"""Jobs that pgqueuer picks together: 100 cost it a fifth, and more managers than one gain nothing."""

CONCURRENCY: Final = 20
"""Jobs that a procrastinate worker runs at once; more made it no faster."""

LEASE_SECONDS: Final = 30.0


def an_empty_job() -> Job:
    """Return a job as the api makes it."""
    original = Artifact(key="original", size=1, mime_type="audio/wav")
    return Job.submitted(JobId(uuid4()), Request(original=original), datetime.now(UTC))


async def ours(database: str, jobs: int) -> float:
    """Use the two adapters as api and worker do: each job is added and ended by a call of its own."""
    async with open_pool(normalise(database)) as pool, open_notifier(pool) as notifier:
        repository, queue = PostgresJobs(pool, notifier), PostgresQueue(pool, lease_seconds=LEASE_SECONDS)
        fresh = iter([an_empty_job() for _ in range(jobs)])
        began = time.perf_counter()
        await asyncio.gather(*(_fill(repository, fresh) for _ in range(CALLERS)))
        await asyncio.gather(*(_drain(queue) for _ in range(CLAIMERS)))
        return jobs / (time.perf_counter() - began)


async def _fill(repository: PostgresJobs, fresh: Iterator[Job]) -> None:
    for job in fresh:
        await repository.add(job)


async def _drain(queue: PostgresQueue) -> None:
    while claims := await queue.claim(room_for("bench", CLAIM)):
        now = datetime.now(UTC)
        await asyncio.gather(*(queue.save(claim.lease, claim.job.on(Cancelled(), now)) for claim in claims))


async def pgqueuer(database: str, jobs: int) -> float:
    """Enqueue in batches, drain in batches, its vacuum tuned: what its documentation recommends for throughput."""
    library, driver = import_module("pgqueuer"), import_module("pgqueuer.db")
    connection = await asyncpg.connect(normalise(database).url)
    queries = library.Queries(driver.AsyncpgDriver(connection))
    await queries.install()
    await queries.optimize_autovacuum()
    manager = library.QueueManager(queries)
    manager.entrypoint("empty")(_nothing)
    began = time.perf_counter()
    for start in range(0, jobs, BATCH):
        count = min(BATCH, jobs - start)
        await queries.enqueue(["empty"] * count, [None] * count, [0] * count)
    mode = import_module("pgqueuer.types").QueueExecutionMode.drain
    await manager.run(batch_size=PICKED, mode=mode)
    return jobs / (time.perf_counter() - began)


async def procrastinate(database: str, jobs: int) -> float:
    """Defer in batches, work concurrently, delete what succeeded."""
    library = import_module("procrastinate")
    app = library.App(connector=library.PsycopgConnector(conninfo=normalise(database).url))
    task = app.task(name="empty")(_nothing_at_all)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        began = time.perf_counter()
        for start in range(0, jobs, BATCH):
            await task.batch_defer_async(*([{}] * min(BATCH, jobs - start)))
        await app.run_worker_async(
            concurrency=CONCURRENCY, wait=False, install_signal_handlers=False, delete_jobs="successful"
        )
        return jobs / (time.perf_counter() - began)


async def _nothing(_: Any) -> None:
    """Do nothing."""


async def _nothing_at_all() -> None:
    """Do nothing."""


SIDES: Final[dict[str, Callable[[str, int], Awaitable[float]]]] = {
    "ours": ours,
    "pgqueuer": pgqueuer,
    "procrastinate": procrastinate,
}


def measure(server: str, side: str, jobs: int) -> float | None:
    """Return a side's jobs per second in a process and a database of its own; None where it is not installed."""
    if side != "ours" and find_spec(side) is None:
        return None
    with fresh_database(server, migrated=side == "ours") as database:
        command = [sys.executable, "-m", "benchmarks.bare_queue", side, database, str(jobs)]
        done = subprocess.run(command, check=True, capture_output=True, timeout=300, env=dict(os.environ))  # noqa: S603
        return float(done.stdout.split()[-1])


async def main() -> None:
    """Run one side."""
    side, database, jobs = sys.argv[1:]
    print(await SIDES[side](database, int(jobs)))  # noqa: T201 - the answer


if __name__ == "__main__":
    run(main())

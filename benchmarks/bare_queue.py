"""The bare queue: empty jobs enqueued, claimed and done, ours and two others on the same Postgres.

`python -m benchmarks.bare_queue SIDE DATABASE JOBS` prepares its side, prints a line, waits for one, does its part of
the work, and prints the seconds that this took, and those of processor time.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final
from uuid import uuid4

import asyncpg

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from adapters.postgres.queue import PostgresQueue
from application.ports.queue import Claim
from benchmarks.site import run
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job, JobId, Request
from domain.jobs.transitions import Cancelled
from tests.support.jobs import STARTED, room_for

CALLERS: Final = 400
"""Callers that enqueue our jobs, each one job after the other, as requests of an api do."""

BATCH: Final = 1000
"""Jobs that the others enqueue together."""

CLAIMS: Final = 2
"""Claims in flight in a process, ours and pgqueuer's alike: while one batch ends, the next is claimed."""

CLAIM: Final = 250
"""Jobs claimed together, on both sides."""

CONCURRENCY: Final = 20
"""Jobs that a procrastinate worker runs at once; more made it no faster."""

LEASE_SECONDS: Final = 30.0

Go = Callable[[], None]
"""Says that this process is ready, and waits for the others."""


def an_empty_job() -> Job:
    """Return a job as the api makes it."""
    original = Artifact(key="original", size=1, mime_type="audio/wav")
    return Job.submitted(JobId(uuid4()), Request(original=original), datetime.now(UTC))


async def ours(database: str, jobs: int, go: Go) -> None:
    """Use the two adapters as api and worker do: each job is added and ended by a call of its own."""
    await _ours(database, jobs, go, end)


async def ours_started(database: str, jobs: int, go: Go) -> None:
    """The same, and write that each job has started, as a worker does with jobs that take time."""
    await _ours(database, jobs, go, start_and_end)


async def _ours(database: str, jobs: int, go: Go, work: Callable[[PostgresQueue, Claim], Awaitable[None]]) -> None:
    async with open_pool(normalise(database)) as pool, open_notifier(pool) as notifier:
        repository, queue = PostgresJobs(pool, notifier), PostgresQueue(pool, lease_seconds=LEASE_SECONDS)
        fresh = iter([an_empty_job() for _ in range(jobs)])
        go()
        await asyncio.gather(*(_fill(repository, fresh) for _ in range(CALLERS)))
        await asyncio.gather(*(_drain(queue, work) for _ in range(CLAIMS)))


async def _fill(repository: PostgresJobs, fresh: Iterator[Job]) -> None:
    for job in fresh:
        await repository.add(job)


async def _drain(queue: PostgresQueue, work: Callable[[PostgresQueue, Claim], Awaitable[None]]) -> None:
    while claims := await queue.claim(room_for("bench", CLAIM)):
        await asyncio.gather(*(work(queue, claim) for claim in claims))


async def end(queue: PostgresQueue, claim: Claim) -> None:
    """End a claimed job."""
    await queue.save(claim.lease, claim.job.on(Cancelled(), datetime.now(UTC)))


async def start_and_end(queue: PostgresQueue, claim: Claim) -> None:
    """Write that a claimed job has started, then end it."""
    started = claim.job.on(STARTED, datetime.now(UTC))
    await queue.save(claim.lease, started)
    await queue.save(claim.lease, started.on(Cancelled(), datetime.now(UTC)))


async def pgqueuer(database: str, jobs: int, go: Go) -> None:
    """Enqueue in batches, drain in batches, its vacuum tuned: what its documentation recommends for throughput."""
    queries = await _pgqueuer_queries(database)
    go()
    for start in range(0, jobs, BATCH):
        count = min(BATCH, jobs - start)
        await queries[0].enqueue(["empty"] * count, [None] * count, [0] * count)
    await asyncio.gather(*(_manage(each) for each in queries))


async def pgqueuer_singly(database: str, jobs: int, go: Go) -> None:
    """The same, but each job is enqueued by a call of its own, as ours are: what an api does that cannot wait."""
    queries = await _pgqueuer_queries(database)
    left = iter(range(jobs))
    go()
    await asyncio.gather(*(_fill_pgqueuer(each, left) for each in queries))
    await asyncio.gather(*(_manage(each) for each in queries))


async def _pgqueuer_queries(database: str) -> list[Any]:
    """Return as many as there are claims in flight, each with its connection; create the tables if they are missing."""
    library, driver = import_module("pgqueuer"), import_module("pgqueuer.db")
    connections = [await asyncpg.connect(normalise(database).url) for _ in range(CLAIMS)]
    queries = [library.Queries(driver.AsyncpgDriver(connection)) for connection in connections]
    if not await queries[0].has_table("pgqueuer"):
        await queries[0].install()
        await queries[0].optimize_autovacuum()
    return queries


async def _fill_pgqueuer(queries: Any, left: Iterator[int]) -> None:
    for _ in left:
        await queries.enqueue("empty", None)


async def _manage(queries: Any) -> None:
    manager = import_module("pgqueuer").QueueManager(queries)
    manager.entrypoint("empty")(_nothing)
    await manager.run(batch_size=CLAIM, mode=import_module("pgqueuer.types").QueueExecutionMode.drain)


async def procrastinate(database: str, jobs: int, go: Go) -> None:
    """Defer in batches, work concurrently, delete what succeeded."""
    library = import_module("procrastinate")
    app = library.App(connector=library.PsycopgConnector(conninfo=normalise(database).url))
    task = app.task(name="empty")(_nothing_at_all)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        go()
        for start in range(0, jobs, BATCH):
            await task.batch_defer_async(*([{}] * min(BATCH, jobs - start)))
        await app.run_worker_async(
            concurrency=CONCURRENCY, wait=False, install_signal_handlers=False, delete_jobs="successful"
        )


async def _nothing(_: Any) -> None:
    """Do nothing."""


async def _nothing_at_all() -> None:
    """Do nothing."""


SIDES: Final[dict[str, Callable[[str, int, Go], Awaitable[None]]]] = {
    "ours": ours,
    "ours, each start written": ours_started,
    "pgqueuer": pgqueuer,
    "pgqueuer, enqueued singly": pgqueuer_singly,
    "procrastinate": procrastinate,
}


async def main() -> None:
    """Run one side."""
    side, database, jobs = sys.argv[1:]
    began = [0.0, 0.0]

    def go() -> None:
        print("ready", flush=True)  # noqa: T201 - for who started us
        sys.stdin.readline()
        began[:] = time.perf_counter(), time.process_time()

    await SIDES[side](database, int(jobs), go)
    print(time.perf_counter() - began[0], time.process_time() - began[1])  # noqa: T201 - the answer


if __name__ == "__main__":
    run(main())

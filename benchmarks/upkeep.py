"""How fast expired jobs are removed and a store is swept, in the time that upkeep works: its rests are not counted."""

import logging
import multiprocessing
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

import asyncpg
import msgspec
from moto.s3.models import s3_backends

from adapters.filesystem import FilesystemStore
from adapters.filesystem.files import description, path_of
from adapters.postgres.documents import write_document
from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import open_notifier
from adapters.postgres.orphan_store import PostgresOrphanStore
from adapters.postgres.pool import open_pool
from adapters.postgres.retention_store import PostgresRetentionStore
from adapters.spaces import open_spaces
from application.ports.objects import ObjectStorage
from application.upkeep.bucket_guard import BucketGuard
from application.upkeep.bucket_owner import BucketOwner
from application.upkeep.retention import Retention, RetentionConfig
from application.upkeep.sweep import Sweep, SweepConfig
from application.upkeep.time_share import Chore, TimeShare
from benchmarks.results import Row
from benchmarks.site import fresh_database, run
from benchmarks.sizes import FULL
from domain.jobs.job import Job, JobId
from domain.jobs.transitions import JobStatus
from tests.support.jobs import a_job, a_job_that_is
from tests.support.s3 import S3Server, moto_server

SHARE: Final = 0.1
"""What of its time a worker gives to upkeep, where nothing else is set."""

JOBS_IN_FOLDER: Final = 50_000 if FULL else 5000
JOBS_ON_S3: Final = 1000
CONTENT: Final = b"la" * 512
HOUR: Final = timedelta(hours=1)
BUCKET: Final = "bench"

FINISH: Final = """
UPDATE moment.jobs
SET status = 'COMPLETED', document = given.document, finished_at = now() - interval '1 day'
FROM unnest($1::uuid[], $2::json[]) AS given (id, document)
WHERE jobs.id = given.id
"""
AGE: Final = "UPDATE moment.jobs SET finished_at = finished_at - interval '60 days'"

Fill = Callable[[Sequence[str]], None]


class Rates(NamedTuple):
    """Objects that were swept, and jobs that were removed, per second of work.

    Attributes:
        processor: Milliseconds of this process for a removed job.
    """

    swept: float
    removed: float
    processor: float


def measure(server: str, folder: Path) -> list[Row]:
    """Measure with a folder, and with S3 by moto in a process of its own."""
    with fresh_database(server) as database:
        local = run(_in_folder(database, folder))
    with fresh_database(server) as database, _moto() as (s3, fill):
        remote = run(_on_s3(database, s3, fill))
    return [*_rows("a folder", local, 300), *_rows("S3 (moto)", remote)]


def _rows(store: str, rates: Rates, goal: float | None = None) -> list[Row]:
    return [
        Row(f"jobs expiring, {store}: removed per second of work", rates.removed, "jobs/s"),
        Row(f"jobs expiring, {store}: processor time of the worker for each", rates.processor, "ms"),
        Row(f"jobs expiring, {store}: with a share of {SHARE}", SHARE * rates.removed, "jobs/s", goal, at_least=True),
        Row(f"sweep, {store}: looked at per second of work", rates.swept, "objects/s"),
        Row(f"sweep of 5,000,000 objects, {store}, with a share of {SHARE}", 5e6 / SHARE / rates.swept / 3600, "h"),
    ]


async def _in_folder(database: str, folder: Path) -> Rates:
    def fill(keys: Sequence[str]) -> None:
        content = CONTENT + description("audio/wav", "")
        for key in keys:
            path = path_of(folder, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    store = FilesystemStore(folder, "http://localhost", b"secret", HOUR)
    return await _work(database, store, fill, JOBS_IN_FOLDER)


async def _on_s3(database: str, server: S3Server, fill: Fill) -> Rates:
    place = {"region": "us-east-1", "bucket": BUCKET, "endpoint": server.endpoint}
    async with open_spaces(key=server.key, secret=server.secret, url_expiry=HOUR, **place) as store:
        return await _work(database, store, fill, JOBS_ON_S3)


async def _work(database: str, store: ObjectStorage, fill: Fill, count: int) -> Rates:
    async with open_pool(normalise(database), command_timeout=60) as pool, _jobs(pool, count) as jobs:
        fill([key for job in jobs for key in job.objects])
        retention_store, orphan_store = PostgresRetentionStore(pool), PostgresOrphanStore(pool)
        owner = BucketOwner(retention_store, orphan_store, store, store)
        await owner.mark()
        sweep = Sweep(
            retention_store, orphan_store, store, store, owner, config=SweepConfig(settled=-HOUR)
        )  # fmt: skip
        retention = Retention(retention_store, store, store, RetentionConfig(), BucketGuard(owner))
        swept = await _seconds(lambda: _sweep_all(sweep, retention_store))
        await pool.execute(AGE)
        before = time.process_time()
        removed = await _seconds(lambda: _exhaust(retention.remove_expired()))
        if await retention_store.find([job.id for job in jobs]):
            raise RuntimeError("jobs are left")
        processor = 1000 * (time.process_time() - before) / count
        return Rates(sum(len(job.objects) for job in jobs) / swept, count / removed, processor)


async def _seconds(work: Callable[[], Coroutine[Any, Any, None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _exhaust(chore: Chore) -> None:
    for error in (await TimeShare(1).work([chore], 3600)).errors:
        raise error


async def _sweep_all(sweep: Sweep, retention_store: PostgresRetentionStore) -> None:
    begun = await retention_store.begin_maintenance(HOUR)
    while begun and (cursor := await sweep(begun)):
        begun = msgspec.structs.replace(begun, cursor=cursor)


@asynccontextmanager
async def _jobs(pool: asyncpg.Pool, count: int) -> AsyncIterator[Sequence[Job]]:
    """Give completed jobs, with rows."""
    jobs = [a_job_that_is(JobStatus.COMPLETED, JobId(uuid4())) for _ in range(count)]
    async with open_notifier(pool) as notifier:
        repository = PostgresJobs(pool, notifier)
        for job in jobs:
            await repository.add(a_job(job.id))
    await pool.execute(FINISH, [job.id for job in jobs], [write_document(job) for job in jobs])
    yield jobs


@contextmanager
def _moto() -> Iterator[tuple[S3Server, Fill]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        endpoint = ours.recv()

        def fill(keys: Sequence[str]) -> None:
            ours.send(list(keys))
            ours.recv()

        yield S3Server(endpoint), fill
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    """Serve S3, and store empty objects that the pipe names: by HTTP that would take longer than the measurement."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    with moto_server() as server:
        backend = s3_backends["123456789012"]["aws"]
        backend.create_bucket(BUCKET, "us-east-1")
        pipe.send(server.endpoint)
        while True:
            for key in pipe.recv():
                backend.put_object(BUCKET, key, CONTENT)
            pipe.send(None)

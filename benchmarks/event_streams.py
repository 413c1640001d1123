"""Streams of events: their memory, the time from a commit to its event, and health meanwhile.

One api, a job for each stream. A job is cancelled by this process, and the clock starts when the commit has returned.
"""

import asyncio
import time
from pathlib import Path
from statistics import quantiles
from typing import Final, NamedTuple, Self
from uuid import uuid4

import httpx
import psutil

from adapters.postgres.dsn import normalise
from adapters.postgres.jobs import PostgresJobs
from adapters.postgres.notifier import open_notifier
from adapters.postgres.pool import open_pool
from benchmarks.site import Site, our_site, run
from domain.jobs.artifacts import Artifact
from domain.jobs.job import Job, JobId, Request
from entrypoints.container.resources import utc_now

STREAMS: Final = 1000
SAMPLES: Final = 200
PAUSES: Final = 7
"""Transitions begin at so many places of a tick, a hundredth of a second apart."""

SETTLE_SECONDS: Final = 3.0


class Streams(NamedTuple):
    """Seconds but for the first two.

    Attributes:
        megabytes: What all streams take of the api's resident memory.
        cores: Processor time of the api per second while nothing happens.
        alone: p99 from a commit to its event, with one stream.
        among_all: The same with all of them open.
        health: p99 of `/healthz` with all of them open.
    """

    megabytes: float
    cores: float
    alone: float
    among_all: float
    health: float


def measure(server: str, folder: Path) -> Streams:
    """Measure on a site of its own, without workers."""
    with our_site(server, folder, workers=0) as site:
        return run(_measure(site))


class _Stream:
    """A client of one stream, without a library that would need more memory than the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int, job_id: JobId) -> Self:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /v1/jobs/{job_id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        stream = cls(reader, writer)
        await stream.until(b"PENDING")
        return stream

    async def until(self, text: bytes) -> None:
        async with asyncio.timeout(30):
            while text not in await self._reader.readuntil(b"\n\n"):
                pass

    def close(self) -> None:
        self._writer.close()


async def _measure(site: Site) -> Streams:
    api = next(process for process in psutil.Process().children() if process.cmdline()[-1:] == ["api"])
    async with open_pool(normalise(site.database)) as pool, open_notifier(pool) as notifier:
        jobs = PostgresJobs(pool, notifier)
        alone = [await _alone(jobs, site.port, number) for number in range(SAMPLES)]
        ids = [await _added(jobs) for _ in range(STREAMS)]
        before = api.memory_info().rss
        streams = [await _Stream.open(site.port, job_id) for job_id in ids]
        await asyncio.sleep(SETTLE_SECONDS)
        megabytes, cores = (api.memory_info().rss - before) / 1e6, await _cores(api)
        health = await _health(site.port)
        pairs = list(zip(ids, streams, strict=True))[:SAMPLES]
        among = [await _delay(jobs, job_id, stream, number) for number, (job_id, stream) in enumerate(pairs)]
        for stream in streams:
            stream.close()
    return Streams(megabytes, cores, _p99(alone), _p99(among), _p99(health))


async def _added(jobs: PostgresJobs) -> JobId:
    job_id = JobId(uuid4())
    original = Artifact(key=f"{job_id}/original", size=10, mime_type="audio/wav")
    await jobs.add(Job.submitted(job_id, Request(original=original), utc_now()))
    return job_id


async def _alone(jobs: PostgresJobs, port: int, number: int) -> float:
    job_id = await _added(jobs)
    stream = await _Stream.open(port, job_id)
    delay = await _delay(jobs, job_id, stream, number)
    stream.close()
    return delay


async def _delay(jobs: PostgresJobs, job_id: JobId, stream: _Stream, number: int) -> float:
    await asyncio.sleep(0.2 + 0.01 * (number % PAUSES))
    await jobs.cancel(job_id)
    committed = time.perf_counter()
    await stream.until(b"CANCELLED")
    return time.perf_counter() - committed


async def _cores(api: psutil.Process) -> float:
    before = sum(api.cpu_times()[:2])
    await asyncio.sleep(SETTLE_SECONDS)
    return float(sum(api.cpu_times()[:2]) - before) / SETTLE_SECONDS


async def _health(port: int) -> list[float]:
    took = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        for _ in range(SAMPLES):
            began = time.perf_counter()
            (await http.get("/healthz")).raise_for_status()
            took.append(time.perf_counter() - began)
            await asyncio.sleep(0.01)
    return took


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98]

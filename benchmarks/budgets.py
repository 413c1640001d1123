"""Health while every budget of an api is full: uploads, waits, streams and downloads, none of which moves."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from statistics import quantiles
from typing import Final, NamedTuple

import msgspec

from benchmarks.load import connect, create_moment, read
from benchmarks.site import our_site, run
from benchmarks.uploads import HUM
from tests.support.crowd import HALF_AN_UPLOAD, crowd, download, follow, wait_for

UPLOADS: Final = 128
WAITS: Final = 256
STREAMS: Final = 1024
DOWNLOADS: Final = 256
LONG: Final = HUM + bytes(8 << 20)
"""More than the buffers of a connection hold."""

SAMPLES: Final = 300
PAUSE: Final = 0.01
SETTLE_SECONDS: Final = 4.0


class Health(NamedTuple):
    """p99 of `/healthz` in seconds; how many of the crowd were refused: none, or the budgets are others."""

    seconds: float
    refused: int


def measure(server: str, folder: Path) -> Health:
    """Measure on a site of its own, without workers."""
    with our_site(server, folder, workers=0) as site:
        return run(_measure(site.port))


async def _measure(port: int) -> Health:
    connection = await connect(port)
    job_id = msgspec.json.decode(await connection(create_moment(LONG)))["job_id"]
    url = await connection.location(read(f"/v1/jobs/{job_id}/audio?artifact=original"))
    path = url.removeprefix(f"http://127.0.0.1:{port}")
    async with crowd(port, [*DOWNLOADS * [download(path)], *STREAMS * [follow(job_id)]]) as held:
        await asyncio.sleep(SETTLE_SECONDS)  # until every buffer is full
        await held.send(port, [*WAITS * [wait_for(job_id)], *UPLOADS * [HALF_AN_UPLOAD]])  # they are not kept for long
        took = []
        for _ in range(SAMPLES):
            began = time.perf_counter()
            await connection(read("/healthz"))
            took.append(time.perf_counter() - began)
            await asyncio.sleep(PAUSE)
        statuses = await held.statuses(1.0)
    return Health(quantiles(took, n=100)[98], _refused(statuses))


def _refused(statuses: Counter[int]) -> int:
    return sum(count for status, count in statuses.items() if status not in {0, 200})

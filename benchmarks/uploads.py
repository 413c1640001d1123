"""Uploads: what a new moment costs beyond storing its bytes, and what status reads take while others upload.

`python -m benchmarks.uploads PORT CLIENTS` uploads from so many clients, one hum after the other, until it is stopped.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final, NamedTuple
from uuid import uuid4

import msgspec

from adapters.filesystem import FilesystemStore
from benchmarks.load import Connection, connect, create_moment, read
from benchmarks.site import Site, child, our_site, run

HUM: Final = b"RIFF\x24\x10\x00\x00WAVEfmt " + bytes(15 * 48_000 * 2)
"""15 s of 16-bit mono: 1.4 MB."""

UPLOADERS: Final = 8
SAMPLES: Final = 60
READS: Final = 400
READ_PAUSE: Final = 0.005
ROUNDS: Final = 5
"""Reads with and without uploads take turns."""

WARM_UP: Final = 5
SETTLE_SECONDS: Final = 1.0


class Uploads(NamedTuple):
    """Seconds.

    Attributes:
        create: The median of `create-moment`.
        put: The median of storing the same bytes without a service.
        idle: p99 of status reads while nothing else happens.
        busy: p99 of status reads while eight clients upload.
    """

    create: float
    put: float
    idle: float
    busy: float


def measure(server: str, folder: Path) -> Uploads:
    """Measure on a site of its own, without workers."""
    with our_site(server, folder, workers=0, MOMENT_MAX_WAITING="0") as site:
        created, put = run(_costs(site))
        status = read(f"/v1/status/{run(_job(site.port))}")
        rounds = [_round(site.port, status, folder) for _ in range(ROUNDS)]
    return Uploads(created, put, median(idle for idle, _ in rounds), median(busy for _, busy in rounds))


def _round(port: int, status: bytes, folder: Path) -> tuple[float, float]:
    idle = run(_p99_of_reads(port, status))
    with child([sys.executable, "-m", "benchmarks.uploads", str(port), str(UPLOADERS)], folder):
        time.sleep(SETTLE_SECONDS)
        return idle, run(_p99_of_reads(port, status))


async def _costs(site: Site) -> tuple[float, float]:
    """Return the medians of both, which take turns: the disk is the same for them."""
    store = FilesystemStore(site.objects.parent / "put", "http://localhost", b"secret", timedelta(hours=1))
    connection, request = await connect(site.port), create_moment(HUM)

    async def create() -> None:
        await connection(request)

    async def put() -> None:
        await store.put(f"{uuid4()}/original", _pieces(HUM), "audio/wav")

    for _ in range(WARM_UP):
        await create()
        await put()
    pairs = [(await _seconds(create), await _seconds(put)) for _ in range(SAMPLES)]
    connection.close()
    return median(created for created, _ in pairs), median(stored for _, stored in pairs)


async def _job(port: int) -> Any:
    connection = await connect(port)
    return msgspec.json.decode(await connection(create_moment(HUM)))["job_id"]


async def _p99_of_reads(port: int, status: bytes) -> float:
    connection = await connect(port)

    async def ask() -> None:
        await connection(status)

    took = []
    for _ in range(READS):
        took.append(await _seconds(ask))
        await asyncio.sleep(READ_PAUSE)
    connection.close()
    return quantiles(took, n=100)[98]


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1 << 18):
        yield content[start : start + (1 << 18)]


async def _upload_forever(port: int, clients: int) -> None:
    request = create_moment(HUM)

    async def upload(connection: Connection) -> None:
        while True:
            await connection(request)

    await asyncio.gather(*[upload(await connect(port)) for _ in range(clients)])


if __name__ == "__main__":
    run(_upload_forever(int(sys.argv[1]), int(sys.argv[2])))

"""A victim beside a greedy client: how long its previews take, with what the other one does and without it.

One api, one worker of four slots, tools that take 100 ms for a stem. The two clients have addresses of their own, and
the api has its default limits, but for the rate of requests where the greedy client is to fill the queue.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import asyncpg
import msgspec

from adapters.postgres.dsn import normalise
from benchmarks.load import Connection, connect, create_moment, hammer, head_of_a_moment, post, read
from benchmarks.site import Site, our_site, run

VICTIM, GREEDY = "203.0.113.1", "198.51.100.1"
SLOTS: Final = 4
TOOL_SECONDS: Final = 0.1
SONGS: Final = 500
PREVIEWS: Final = 300
SAMPLES: Final = 15
STORMERS: Final = 8
BODIES: Final = 64
"""Twice of what one address may send at once."""

READERS: Final = 128
REQUESTS: Final = 64
"""Of each reader, whose responses it never reads: more than the buffers of its connection hold."""

PATIENCE: Final = 60.0
POLL_SECONDS: Final = 0.001
SETTLE_SECONDS: Final = 0.5

LIFE: Final = """
SELECT
    finished_at - created_at AS whole,
    (document -> 'history' -> 1 ->> 'at')::timestamptz - created_at AS waited
FROM jobs
WHERE id = $1::text::uuid AND finished_at IS NOT NULL
"""
FORGET: Final = "DELETE FROM jobs WHERE finished_at IS NULL AND lease_expires_at IS NULL"
RUNNING: Final = "SELECT count(*) FROM jobs WHERE finished_at IS NULL AND lease_expires_at IS NOT NULL"


class Life(NamedTuple):
    """Of jobs of the victim, one after the other: the medians of seconds, and the longest wait.

    Attributes:
        whole: From the insert until COMPLETED.
        waited: From the insert until the first stage runs.
        longest: The longest of these.
    """

    whole: float
    waited: float
    longest: float


class Behind(NamedTuple):
    """A victim alone, and behind a greedy client's songs; seconds.

    Attributes:
        song: How long one song takes alone: the slice that a preview may have to wait for.
    """

    alone: Life
    behind: Life
    song: float


Abuse = Callable[[Site], AbstractAsyncContextManager[None]]


def behind_songs(server: str, folder: Path) -> Behind:
    """Measure previews while 500 songs of another client wait."""
    with _site(server, folder, RATE_LIMIT_CHANGES="0") as site:
        return run(_behind_songs(site))


def abused(server: str, folder: Path) -> dict[str, float]:
    """Return by abuse how many times longer the victim's previews take than without it."""
    with _site(server, folder, RATE_LIMIT_CHANGES="0") as site:
        ratios = {"a full queue": run(_ratio(site, full_queue))}
    with _site(server, folder / "limited") as site:
        for name, abuse in ABUSES.items():
            ratios[name] = run(_ratio(site, abuse))
    return ratios


def _site(server: str, folder: Path, **settings: str) -> AbstractContextManager[Site]:
    folder.mkdir(parents=True, exist_ok=True)
    return our_site(server, folder, workers=1, slots=SLOTS, delay=TOOL_SECONDS, **settings)


async def _behind_songs(site: Site) -> Behind:
    alone = await _lives(site)
    song = (await _lives(site, "song")).whole
    async with waiting(site, SONGS, "song"):
        return Behind(alone, await _lives(site), song)


async def _ratio(site: Site, abuse: Abuse) -> float:
    """Measure without, with and without again, so that noise of the machine affects both alike."""
    before = await _lives(site)
    async with abuse(site):
        await asyncio.sleep(SETTLE_SECONDS)
        beside = await _lives(site)
    after = await _lives(site)
    return beside.whole / ((before.whole + after.whole) / 2)


async def _lives(site: Site, output_kind: str = "preview") -> Life:
    """Let the victim make moments, one after the other; what happens to them is read from their rows."""
    database = await asyncpg.connect(normalise(site.database).url)
    api = await connect(site.port)
    found = [await _life(database, api, output_kind) for _ in range(SAMPLES)]
    await database.close()
    api.close()
    waits = [waited for _, waited in found]
    return Life(median(whole for whole, _ in found), median(waits), max(waits))


async def _life(database: asyncpg.Connection, api: Connection, output_kind: str) -> tuple[float, float]:
    job_id = msgspec.json.decode(await api(create_moment(client=VICTIM, output_kind=output_kind)))["job_id"]
    async with asyncio.timeout(PATIENCE):
        while True:
            if row := await database.fetchrow(LIFE, job_id):
                return row["whole"].total_seconds(), row["waited"].total_seconds()
            await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def waiting(site: Site, jobs: int, output_kind: str) -> AsyncIterator[None]:
    """Have jobs of the greedy client wait; afterwards, remove those that still do."""
    await hammer(site.port, [create_moment(client=GREEDY, output_kind=output_kind)] * jobs, STORMERS)
    yield
    database = await asyncpg.connect(normalise(site.database).url)
    await database.execute(FORGET)
    async with asyncio.timeout(PATIENCE):
        while True:
            if not await database.fetchval(RUNNING):
                break
            await asyncio.sleep(TOOL_SECONDS)
    await database.close()


def full_queue(site: Site) -> AbstractAsyncContextManager[None]:
    """Have many previews of the greedy client wait in the victim's own line."""
    return waiting(site, PREVIEWS, "preview")


@asynccontextmanager
async def cancel_storm(site: Site) -> AsyncIterator[None]:
    """Create jobs and cancel them, as fast as the api answers."""

    async def storm() -> None:
        api = await connect(site.port)
        while True:
            with suppress(RuntimeError):  # it is refused
                job_id = msgspec.json.decode(await api(create_moment(client=GREEDY)))["job_id"]
                await api(post(f"/v1/jobs/{job_id}/cancel", GREEDY))

    async with _running([storm] * STORMERS):
        yield


@asynccontextmanager
async def slow_bodies(site: Site) -> AsyncIterator[None]:
    """Send bodies byte by byte, and new ones for those that are refused."""

    async def trickle() -> None:
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", site.port)
                writer.write(head_of_a_moment(GREEDY))
                for _ in range(100):
                    writer.write(b"\r")
                    await writer.drain()
                    await asyncio.sleep(TOOL_SECONDS)

    async with _running([trickle] * BODIES):
        yield


@asynccontextmanager
async def slow_readers(site: Site) -> AsyncIterator[None]:
    """Ask for large responses on many connections, and read none."""

    async def ask() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport that reads as well
        writer.write(read("/openapi.json", GREEDY) * REQUESTS)
        await asyncio.sleep(PATIENCE * SAMPLES)

    async with _running([ask] * READERS):
        yield


@asynccontextmanager
async def _running(works: Sequence[Callable[[], Awaitable[None]]]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(work()) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


ABUSES: Final[dict[str, Abuse]] = {
    "a storm of cancellations": cancel_storm,
    "slow bodies": slow_bodies,
    "slow readers": slow_readers,
}

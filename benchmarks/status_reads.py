"""Status reads, each with its query, against a route of the same framework and server that answers a constant.

Every read of a round is of another job: once of jobs that nobody has read before, then of those that were read lately.

`python -m benchmarks.status_reads PORT` serves that route.
"""

import sys
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import anyio
import msgspec
from litestar import Litestar, get

from benchmarks.load import create_moment, hammer, read
from benchmarks.orchestration import throughput
from benchmarks.site import Site, answers, await_that, child, our_site, run
from entrypoints.api.server import serve_app
from entrypoints.local.network import free_port

CONNECTIONS: Final = 32
ROUNDS: Final = 7
JOBS: Final = 1500
"""Different ones that were read before; in each round, as many more are new."""

WARM_UP: Final = 300


@get("/")
async def bare() -> dict[str, str]:
    """Answer as little as a JSON route can."""
    return {"status": "COMPLETED"}


class Rates(NamedTuple):
    """Requests per second, and the medians of what part ours are of the other in rounds that take turns."""

    new: float
    known: float
    bare: float
    new_part: float
    known_part: float


def measure(server: str, folder: Path) -> Rates:
    """Measure all on the same machine at the same time, or nearly so: noise harms all sides of a round."""
    port = free_port()
    bare_route = [sys.executable, "-m", "benchmarks.status_reads", str(port)]
    with our_site(server, folder, workers=1) as site, child(bare_route, folder):
        await_that(lambda: answers(f"http://127.0.0.1:{port}/"), "the bare route")
        reads = [read(f"/v1/status/{job_id}") for job_id in run(finished_jobs(site, (ROUNDS + 1) * JOBS))]
        known, new = reads[:JOBS], reads[JOBS:]
        rate(site.port, known)
        rounds = [_round(site.port, port, known, new[start : start + JOBS]) for start in range(0, len(new), JOBS)]
    parts = [(news / bares, knowns / bares) for news, knowns, bares in rounds]
    return Rates(*map(median, zip(*rounds, strict=True)), *map(median, zip(*parts, strict=True)))


def _round(port: int, bare_port: int, known: list[bytes], new: list[bytes]) -> tuple[float, float, float]:
    return rate(port, new), rate(port, known), rate(bare_port, [read("/")] * JOBS)


def rate(port: int, requests: list[bytes]) -> float:
    """Return requests per second, after others that warm the process up."""
    run(hammer(port, [read("/")] * WARM_UP, CONNECTIONS))
    seconds, _ = run(hammer(port, requests, CONNECTIONS))
    return len(requests) / seconds


async def finished_jobs(site: Site, count: int) -> list[str]:
    """Return the ids of jobs that have ended."""
    await throughput(site, "jobs", 1)
    _, bodies = await hammer(site.port, [create_moment()] * count, 4)
    ids: list[str] = [msgspec.json.decode(body)["job_id"] for body in bodies]
    await throughput(site, "jobs", 64)  # those before them are done by then
    return ids


if __name__ == "__main__":
    app = Litestar([bare], openapi_config=None, logging_config=None)
    arguments = (app, "127.0.0.1", int(sys.argv[1]), anyio.Event())
    anyio.run(serve_app, *arguments, backend_options={"use_uvloop": True})

"""Status reads, each with its query, against a route of the same framework and server that answers a constant.

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

JOBS: Final = 64
CONNECTIONS: Final = 32
REQUESTS: Final = 3000
ROUNDS: Final = 7


@get("/")
async def bare() -> dict[str, str]:
    """Answer as little as a JSON route can."""
    return {"status": "COMPLETED"}


class Rates(NamedTuple):
    """Requests per second, and the median of what part ours is of the other in rounds that take turns."""

    ours: float
    bare: float
    part: float


def measure(server: str, folder: Path) -> Rates:
    """Measure both on the same machine at the same time, or nearly so: noise harms both sides of a round."""
    port = free_port()
    bare_route = [sys.executable, "-m", "benchmarks.status_reads", str(port)]
    with our_site(server, folder, workers=1) as site, child(bare_route, folder):
        await_that(lambda: answers(f"http://127.0.0.1:{port}/"), "the bare route")
        ids = run(finished_jobs(site))
        reads = [read(f"/v1/status/{job_id}") for job_id in ids]
        ours, others = [], []
        for _ in range(ROUNDS):
            others.append(rate(port, [read("/")]))
            ours.append(rate(site.port, reads))
    parts = [mine / other for mine, other in zip(ours, others, strict=True)]
    return Rates(median(ours), median(others), median(parts))


def rate(port: int, requests: list[bytes]) -> float:
    """Return requests per second."""
    many = (requests * (REQUESTS // len(requests) + 1))[:REQUESTS]
    run(hammer(port, many[: REQUESTS // 10], CONNECTIONS))
    seconds, _ = run(hammer(port, many, CONNECTIONS))
    return REQUESTS / seconds


async def finished_jobs(site: Site) -> list[str]:
    """Return the ids of jobs that have ended."""
    await throughput(site, "jobs", 1)
    _, bodies = await hammer(site.port, [create_moment()] * JOBS, 4)
    ids: list[str] = [msgspec.json.decode(body)["job_id"] for body in bodies]
    await throughput(site, "jobs", JOBS)  # those before them are done by then
    return ids


if __name__ == "__main__":
    app = Litestar([bare], openapi_config=None, logging_config=None)
    arguments = (app, "127.0.0.1", int(sys.argv[1]), anyio.Event())
    anyio.run(serve_app, *arguments, backend_options={"use_uvloop": True})

"""Jobs per second with 1, 2, 4 and 8 worker processes whose tools take 200 ms."""

from pathlib import Path
from typing import Final

from benchmarks.orchestration import throughput
from benchmarks.site import our_site, run

WORKERS: Final = (1, 2, 4, 8)
SLOTS: Final = 2
"""Few, so that it is the number of workers that bounds the rate, and not the two cores."""

TOOL_SECONDS: Final = 0.2
JOBS_PER_WORKER: Final = 30


def measure(server: str, folder: Path) -> dict[int, float]:
    """Return jobs per second by the number of workers."""
    return {workers: _rate(server, folder / str(workers), workers) for workers in WORKERS}


def _rate(server: str, folder: Path, workers: int) -> float:
    with our_site(server, folder, workers=workers, slots=SLOTS, delay=TOOL_SECONDS) as site:
        run(throughput(site, "jobs", 2 * workers))  # acquaintances are made
        return run(throughput(site, "jobs", JOBS_PER_WORKER * workers))

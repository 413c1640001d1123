"""Today's service beside an earlier commit of it, both up at once: `python -m benchmarks.previous CHECKOUT`.

Rounds take turns, so that noise of the machine affects both sides of a round alike. The earlier commit runs with
today's libraries.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from adapters.postgres.embedded.server import embedded_postgres
from benchmarks.__main__ import ON_DISK, READABLE
from benchmarks.load import read
from benchmarks.orchestration import over, take_round
from benchmarks.results import Row, publish
from benchmarks.site import Site, our_site, run
from benchmarks.sizes import ALONE, JOBS, SLOTS, WORKERS
from benchmarks.status_reads import finished_jobs, rate

OUT: Final = Path("build/bench/previous.json")
TURNS: Final = 15


def measure(checkout: Path) -> list[Row]:
    """Return today's figures as shares of the earlier commit's."""
    with tempfile.TemporaryDirectory(prefix="moment-bench-", dir=ON_DISK) as name:
        folder = Path(name)
        folder.chmod(READABLE)
        with (
            embedded_postgres(folder / "postgres") as server,
            our_site(server, folder / "today", workers=WORKERS, slots=SLOTS) as today,
            our_site(
                server, folder / "before", workers=WORKERS, slots=SLOTS, PYTHONPATH=str(checkout / "src")
            ) as before,
        ):
            return [*_pipeline(today, before), *_status_reads(today, before)]


def _pipeline(today: Site, before: Site) -> list[Row]:
    rounds = [
        [run(take_round(site, "jobs", alone=ALONE, together=JOBS)) for site in (today, before)] for _ in range(TURNS)
    ]
    ours, theirs = (over(side) for side in zip(*rounds, strict=True))
    share = median(mine.throughput / other.throughput for mine, other in rounds)
    return [
        Row("pipeline throughput, today", ours.throughput, "jobs/s"),
        Row("pipeline throughput, before", theirs.throughput, "jobs/s"),
        Row("pipeline throughput against before", share, "×", 0.95, at_least=True),
        Row("pipeline p50, today", ours.p50 * 1000, "ms"),
        Row("pipeline p50, before", theirs.p50 * 1000, "ms"),
    ]


def _status_reads(today: Site, before: Site) -> list[Row]:
    requests = {
        site.port: [read(f"/v1/status/{job}") for job in run(finished_jobs(site, JOBS))] for site in (today, before)
    }
    rounds = [[rate(port, reads) for port, reads in requests.items()] for _ in range(TURNS)]
    return [
        Row("status reads, today", median(ours for ours, _ in rounds), "requests/s"),
        Row("status reads, before", median(theirs for _, theirs in rounds), "requests/s"),
        Row("status reads against before", median(ours / theirs for ours, theirs in rounds), "×", 0.95, at_least=True),
    ]


if __name__ == "__main__":
    publish(measure(Path(sys.argv[1]).resolve()), OUT)

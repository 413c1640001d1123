"""The figures of the queue and the api, as rows."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import bare_queue, bloat, celery_site, pickup, scaling, status_reads
from benchmarks.orchestration import Figures, figures, middle
from benchmarks.results import Row, missing
from benchmarks.site import our_site, run

FULL: Final = bool(os.environ.get("BENCH_FULL"))
"""Set BENCH_FULL=1 for the long run: more jobs everywhere, 200,000 through the table."""

WORKERS: Final = 2
SLOTS: Final = 16
JOBS: Final = 4000 if FULL else 1000
CELERY_JOBS: Final = 600 if FULL else 150
"""Both sides are busy for about as long."""
ALONE: Final = 500 if FULL else 100
EMPTY_JOBS: Final = {"ours": 20_000, "pgqueuer": 20_000, "procrastinate": 1000}
BACKLOG: Final = 1_000_000
PASSING: Final = 200_000 if FULL else 60_000
ROUNDS: Final = 3


def orchestration(server: str, folder: Path) -> list[Row]:
    """Ours against Celery; the median of rounds that take turns, so that noise harms both alike."""
    why = celery_site.missing()
    ours, theirs = [], []
    for number in range(ROUNDS):
        with our_site(server, folder / f"ours-{number}", workers=WORKERS, slots=SLOTS) as site:
            ours.append(run(figures(site.port, site.database, table="jobs", alone=ALONE, together=JOBS)))
        if not why:
            with celery_site.celery_site(server, folder / f"celery-{number}") as site:
                theirs.append(
                    run(figures(site.port, site.database, table="legacy_jobs", alone=ALONE, together=CELERY_JOBS))
                )
    rows = [
        Row("pipeline, instant tools: throughput", middle(ours).throughput, "jobs/s"),
        Row("pipeline, instant tools: accepted → COMPLETED, p50", middle(ours).p50 * 1000, "ms", 15),
        Row("pipeline, instant tools: accepted → COMPLETED, p99", middle(ours).p99 * 1000, "ms"),
    ]
    if why:
        return [*rows, missing("the same on Celery + Redis", why)]
    return [*rows, *_against_celery(middle(ours), middle(theirs))]


def _against_celery(ours: Figures, theirs: Figures) -> list[Row]:
    return [
        Row("the same on Celery + Redis: throughput", theirs.throughput, "jobs/s"),
        Row("the same on Celery + Redis: p50", theirs.p50 * 1000, "ms"),
        Row("pipeline throughput against Celery + Redis", ours.throughput / theirs.throughput, "×", 10, at_least=True),
    ]


def empty_jobs(server: str, _: Path) -> list[Row]:
    """The bare queue against two others; the best of rounds that take turns, so that noise harms all alike."""
    best: dict[str, float] = {}
    rows = []
    for _round in range(ROUNDS):
        for side, jobs in EMPTY_JOBS.items():
            if rate := bare_queue.measure(server, side, jobs):
                best[side] = max(best.get(side, 0.0), rate)
    for side in EMPTY_JOBS:
        name = f"empty jobs, enqueue → claimed → done: {side}"
        rows.append(Row(name, best[side], "jobs/s") if side in best else missing(name, f"{side} is not installed"))
    others = [rate for side, rate in best.items() if side != "ours"]
    if others:
        rows.append(Row("empty jobs against the better of the two", best["ours"] / max(others), "×", 2, at_least=True))
    return rows


def pickups(server: str, folder: Path) -> list[Row]:
    """Insert committed → stage running."""
    empty = pickup.latency(server, folder / "empty", waiting=0, jobs=ALONE)
    full = pickup.latency(server, folder / "full", waiting=BACKLOG, jobs=ALONE)
    return [
        Row("pickup, idle system: p50", empty.p50 * 1000, "ms"),
        Row("pickup, idle system: p99", empty.p99 * 1000, "ms"),
        Row("pickup, 1,000,000 jobs waiting: p50", full.p50 * 1000, "ms"),
        Row("pickup, 1,000,000 jobs waiting: p99", full.p99 * 1000, "ms"),
        Row("pickup p99 with a backlog against without", full.p99 / empty.p99, "×", 2),
    ]


def workers(server: str, folder: Path) -> list[Row]:
    """Throughput by the number of workers."""
    rates = scaling.measure(server, folder)
    name = "tools of 200 ms, {} × {} slots"
    rows = [Row(name.format(_plural(count), scaling.SLOTS), rate, "jobs/s") for count, rate in rates.items()]
    return [*rows, Row("8 workers against 1", rates[8] / rates[1], "×", 6.4, at_least=True)]


def reads(server: str, folder: Path) -> list[Row]:
    """Status reads against a bare route."""
    rates = status_reads.measure(server, folder)
    return [
        Row("status reads", rates.ours, "requests/s"),
        Row("a bare Litestar route on the same server", rates.bare, "requests/s"),
        Row("status reads against the bare route", 100 * rates.part, "%", 50, at_least=True),
    ]


def table_size(server: str, _: Path) -> list[Row]:
    """What jobs leave behind."""
    left = bloat.measure(server, PASSING)
    growth = left.late / left.early
    return [
        Row(f"{PASSING:,} jobs through the table: dead tuples at most", left.dead, "rows"),
        Row(f"{PASSING:,} jobs through the table: table and indexes at most", left.late / 1e6, "MB"),
        Row("greatest size in the second half against in the first", growth, "×", 1.5),
    ]


def _plural(count: int) -> str:
    return f"{count} worker{'s' if count > 1 else ''}"


MEASUREMENTS: Final[dict[str, Callable[[str, Path], list[Row]]]] = {
    "empty": empty_jobs,
    "orchestration": orchestration,
    "pickup": pickups,
    "scaling": workers,
    "reads": reads,
    "bloat": table_size,
}

"""The figures of the queue and the api, as rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import (
    bare_queue,
    bloat,
    budgets,
    bulk_uploads,
    event_streams,
    fairness_rows,
    pickup,
    scaling,
    status_reads,
    upkeep,
    uploads,
)
from benchmarks.orchestration_rows import orchestration
from benchmarks.results import Row, missing
from benchmarks.sizes import FULL

PICKUPS: Final = 500 if FULL else 100
EMPTY_JOBS: Final = {"ours": 20_000, "pgqueuer": 20_000, "procrastinate": 1000}
BACKLOG: Final = 1_000_000
PASSING: Final = 200_000 if FULL else 150_000
ROUNDS: Final = 3


def empty_jobs(server: str, _: Path) -> list[Row]:
    """The bare queue against two others; the best of alternating rounds, so that noise affects all alike."""
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
    empty = pickup.latency(server, folder / "empty", waiting=0, jobs=PICKUPS)
    full = pickup.latency(server, folder / "full", waiting=BACKLOG, jobs=PICKUPS)
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
        Row("status reads, each of another job, not read before", rates.new, "requests/s"),
        Row("status reads, each of another job, read before", rates.known, "requests/s"),
        Row("the bare route", rates.bare, "requests/s"),
        Row("not read before, against the bare route", 100 * rates.new_part, "%", 50, at_least=True),
        Row("read before, against the bare route", 100 * rates.known_part, "%", 50, at_least=True),
    ]


def streams(server: str, folder: Path) -> list[Row]:
    """Streams of events: memory, delay, and health meanwhile."""
    found = event_streams.measure(server, folder)
    many = f"{event_streams.STREAMS:,} streams of events"
    return [
        Row(f"{many}: memory of the api", found.megabytes, "MB", 150),
        Row(f"{many}: processor of the api while nothing happens", 100 * found.cores, "% of a core"),
        Row("commit of a transition → its event, one stream, p99", 1000 * found.alone, "ms", 50),
        Row(f"commit of a transition → its event, {many}, p99", 1000 * found.among_all, "ms", 50),
        Row(f"{many}: health, p99", 1000 * found.health, "ms", 100),
    ]


def uploading(server: str, folder: Path) -> list[Row]:
    """New moments against the bare store, and status reads beside uploads."""
    found = uploads.measure(server, folder)
    bulk = bulk_uploads.measure(server, folder / "bulk")
    many = f"{bulk_uploads.AT_ONCE} hums of 1.5 MB at once: memory of the api at most"
    return [
        Row("storing a hum of 1.4 MB, p50", 1000 * found.put, "ms"),
        Row("create-moment with it, p50", 1000 * found.create, "ms"),
        Row("create-moment beyond storing, p50", 1000 * (found.create - found.put), "ms", 10),
        Row("status reads, p99, idle", 1000 * found.idle, "ms"),
        Row(f"status reads, p99, {uploads.UPLOADERS} uploads at once", 1000 * found.busy, "ms"),
        Row("the same against idle", found.busy / found.idle, "×", 5),
        Row("uploading 190 MB", bulk.speed, "MB/s"),
        Row("writing, digesting and syncing them", bulk.direct, "MB/s"),
        Row("uploading against writing", 100 * bulk.part, "%", 60, at_least=True),
        Row(many, bulk.folder, "MB", 100),
        Row(f"{many}, with S3", bulk.bucket, "MB", 100),
    ]


def full_budgets(server: str, folder: Path) -> list[Row]:
    """Health beside all that an api takes."""
    found = budgets.measure(server, folder)
    crowd = (
        f"{budgets.UPLOADS} uploads, {budgets.WAITS} waits, {budgets.STREAMS:,} streams, {budgets.DOWNLOADS} downloads"
    )
    return [
        Row(f"{crowd} at once: health, p99", 1000 * found.seconds, "ms", 100),
        Row("of these, refused", found.refused, "", 0),
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
    "streams": streams,
    "fairness": fairness_rows.fair_turns,
    "abuse": fairness_rows.abuse,
    "uploads": uploading,
    "budgets": full_budgets,
    "bloat": table_size,
    "upkeep": upkeep.measure,
}

"""The figures of the queue and the api, as rows."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from benchmarks import (
    backlogs,
    bare_queue_runs,
    bloat,
    budgets,
    bulk_uploads,
    event_streams,
    fairness_rows,
    oldest_postgres,
    pickup,
    scaling,
    status_reads,
    upkeep,
    uploads,
)
from benchmarks.bare_queue_runs import Speed
from benchmarks.orchestration_rows import orchestration
from benchmarks.results import Row, missing, of_rounds
from benchmarks.sizes import FULL


class Side(NamedTuple):
    """A way to work through a bare queue, and how much of it."""

    name: str
    jobs: int
    processes: int = 1

    def __str__(self) -> str:
        return self.name if self.processes == 1 else f"{self.name}, {self.processes} processes"


OURS: Final = Side("ours", 20_000)
IN_LISTS: Final = Side("pgqueuer", 20_000)
SINGLY: Final = Side("pgqueuer, enqueued singly", 2_000)
"""As ours are: what an api does that cannot wait for others."""

SIDES: Final = (
    OURS,
    Side("ours, each start written", 20_000),
    Side("ours", 20_000, processes=2),
    IN_LISTS,
    Side("pgqueuer", 20_000, processes=2),
    SINGLY,
    Side("procrastinate", 1000),
)
PICKUPS: Final = 500 if FULL else 100
BACKLOG: Final = 1_000_000
PASSING: Final = 200_000 if FULL else 150_000
ROUNDS: Final = 3


def empty_jobs(server: str, _: Path) -> list[Row]:
    """The bare queue against two others, in alternating rounds: noise affects all alike, processor time the least."""
    found: dict[Side, list[Speed]] = {side: [] for side in SIDES}
    for _round in range(ROUNDS):
        for side in SIDES:
            if speed := bare_queue_runs.measure(server, side.name, side.jobs, side.processes):
                found[side].append(speed)
    return [row for side, speeds in found.items() for row in _of_side(side, speeds)] + _ratios(found)


def _of_side(side: Side, speeds: list[Speed]) -> list[Row]:
    name = f"empty jobs, enqueue → claimed → done: {side}"
    if not speeds:
        return [missing(name, "it is not installed")]
    return [
        of_rounds(name, [speed.rate for speed in speeds], "jobs/s"),
        of_rounds(f"{name}: processor time of a job", [1e6 * speed.processor for speed in speeds], "µs"),
    ]


def _ratios(found: Mapping[Side, list[Speed]]) -> list[Row]:
    """Return what others take of processor time against ours; by the same calls as ours, and in lists."""
    ours, theirs = found[OURS], {other: found[other] for other in (SINGLY, IN_LISTS)}
    return [
        of_rounds(
            f"empty jobs: processor time of {other} against ours",
            [their.processor / our.processor for their, our in zip(speeds, ours, strict=True)],
            "×",
            1 if other is SINGLY else None,
            at_least=True,
        )
        for other, speeds in theirs.items()
        if speeds
    ]


def backlog(server: str, folder: Path) -> list[Row]:
    """What a job costs the queue while a million others wait."""
    rows = _behind("newest", backlogs.measure(server))
    if (programs := oldest_postgres.programs()) is None:
        return [*rows, missing("the same on the oldest Postgres", f"none in {oldest_postgres.PACKAGES}")]
    with oldest_postgres.oldest_postgres(folder, programs) as oldest:
        return [*rows, *_behind("oldest", backlogs.measure(oldest))]


def _behind(which: str, costs: Mapping[str, list[float]]) -> Iterator[Row]:
    name = f"{which} Postgres: processor time of an empty job"
    alone = median(costs[""])
    for waiting, seconds in costs.items():
        microseconds = [1e6 * each for each in seconds]
        yield of_rounds(f"{name}{f', {backlogs.WAITING:,} {waiting}' if waiting else ''}", microseconds, "µs")
        if waiting:
            yield Row("the same against none that wait", median(seconds) / alone, "×", 1.5)


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
    "backlogs": backlog,
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

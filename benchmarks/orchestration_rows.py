"""Our pipeline against the same on Celery and Redis, in the ways in which one would write that."""

from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import celery_site
from benchmarks.orchestration import Round, over, take_round
from benchmarks.results import Row, missing, of_rounds
from benchmarks.site import Site, our_site, run
from benchmarks.sizes import ALONE, CELERY_JOBS, JOBS, SLOTS, WORKERS


class Peer(NamedTuple):
    """A way to write the pipeline on Celery.

    Attributes:
        name: What it is called in the table.
        pool: How its workers run tasks.
        one_task: Whether a moment is one task.
        factor: How many times our processor time it is to take, at least.
    """

    name: str
    pool: str
    one_task: bool
    factor: float


PEERS: Final = (
    Peer("chain and chord, 2 processes", "prefork", one_task=False, factor=10),
    Peer("chain and chord, 8 threads", "threads", one_task=False, factor=8),
    Peer("one task a moment, 2 processes", "prefork", one_task=True, factor=5),
)

TURNS: Final = 5
"""Against each peer. Many short rounds: the machine's speed changes within seconds, and must be the same for both sides
of a round."""


def orchestration(server: str, folder: Path) -> list[Row]:
    """Ours against each peer, both running all the time, in alternating rounds: noise affects both sides of a round."""
    why = celery_site.missing()
    with our_site(server, folder / "ours", workers=WORKERS, slots=SLOTS) as site:
        if why:
            ours = [_our_round(site) for _ in range(TURNS)]
            return [*_own(ours), missing("the same on Celery + Redis", why)]
        pairs = [_pairs(site, peer, server, folder / f"celery-{number}") for number, peer in enumerate(PEERS)]
    against = [row for peer, rounds in zip(PEERS, pairs, strict=True) for row in _against(peer, rounds)]
    return [*_own([ours for rounds in pairs for ours, _ in rounds]), *against]


def _pairs(site: Site, peer: Peer, server: str, folder: Path) -> list[tuple[Round, Round]]:
    with celery_site.celery_site(server, folder, pool=peer.pool, one_task=peer.one_task) as other:
        return [(_our_round(site), _their_round(other)) for _ in range(TURNS)]


def _our_round(site: Site) -> Round:
    return run(take_round(site, "jobs", alone=ALONE, together=JOBS))


def _their_round(site: Site) -> Round:
    return run(take_round(site, "legacy_jobs", alone=ALONE, together=CELERY_JOBS))


def _own(rounds: list[Round]) -> list[Row]:
    figures = over(rounds)
    return [
        Row("pipeline, instant tools: throughput", figures.throughput, "jobs/s"),
        Row("pipeline, instant tools: accepted → COMPLETED, p50", figures.p50 * 1000, "ms", 15),
        Row("pipeline, instant tools: accepted → COMPLETED, p99", figures.p99 * 1000, "ms"),
        Row("pipeline, instant tools: processor time of a job", figures.processor * 1000, "ms"),
    ]


def _against(peer: Peer, rounds: list[tuple[Round, Round]]) -> list[Row]:
    figures, name = over([theirs for _, theirs in rounds]), f"Celery + Redis, {peer.name}"
    faster = [ours.throughput / theirs.throughput for ours, theirs in rounds]
    cheaper = [theirs.processor / ours.processor for ours, theirs in rounds]
    return [
        Row(f"{name}: throughput", figures.throughput, "jobs/s"),
        Row(f"{name}: p50", figures.p50 * 1000, "ms"),
        Row(f"{name}: processor time of a job", figures.processor * 1000, "ms"),
        of_rounds(f"{name}: our throughput against it", faster, "×"),
        of_rounds(f"{name}: its processor time against ours", cheaper, "×", peer.factor, at_least=True),
    ]

"""The figures of fairness, as rows."""

from pathlib import Path

from benchmarks import fairness
from benchmarks.results import Row


def fair_turns(server: str, folder: Path) -> list[Row]:
    """A preview behind one client's songs."""
    found = fairness.behind_songs(server, folder)
    name = f"a preview behind one client's {fairness.SONGS} songs"
    return [
        Row("a preview alone: accepted → COMPLETED, p50", 1000 * found.alone.whole, "ms"),
        Row("a song alone: accepted → COMPLETED, p50", 1000 * found.song, "ms"),
        Row(f"{name}: accepted → started, p50", 1000 * found.behind.waited, "ms"),
        Row(
            f"{name}: accepted → started, the longest of {fairness.SAMPLES}",
            1000 * found.behind.longest,
            "ms",
            1000 * (2 * found.alone.whole + found.song),
        ),
    ]


def abuse(server: str, folder: Path) -> list[Row]:
    """A victim's previews beside a greedy client, against without it."""
    ratios = fairness.abused(server, folder)
    return [Row(f"a preview beside {name}: against alone, p50", ratio, "×", 3) for name, ratio in ratios.items()]

"""Overload of music-tools: what gets done when many more callers want moments than it can make."""

import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.results import Row
from benchmarks.site import run
from benchmarks.studio_load import Load, make_moments, music_tools

WORKERS: Final = 2
CALLERS: Final = 4
"""They keep two processes busy: each has up to two calls in flight, and transfers between them."""

FOUR_TIMES: Final = 4 * CALLERS
SLOTS: Final = 64
MOMENTS: Final = {CALLERS: 12, FOUR_TIMES: 24}
"""Enough for each caller; at the end of a round some callers have nothing to do any more."""

ROUNDS: Final = 3
"""Rounds take turns, so that noise of the machine affects both loads alike."""

PATIENCE: Final = 5.0
"""The time-out of a call, as a multiple of the longest call of a single caller."""

WARM_UP_SECONDS: Final = 60.0


def measure() -> list[Row]:
    """Return every figure."""
    with tempfile.TemporaryDirectory(prefix="moment-bench-") as folder, music_tools(Path(folder), WORKERS) as url:

        def load(callers: int, moments: int, timeout: float) -> Load:
            return run(make_moments(url, callers=callers, moments=moments, timeout=timeout))

        timeout = PATIENCE * load(1, 3, WARM_UP_SECONDS).longest
        rounds = [[load(callers, moments, timeout) for callers, moments in MOMENTS.items()] for _ in range(ROUNDS)]
        crowd = load(SLOTS, SLOTS, timeout)
    share = median(much.rate / enough.rate for enough, much in rounds)
    return [
        Row(f"real tools, {CALLERS} callers", median(enough.rate for enough, _ in rounds), "moments/s"),
        Row(f"real tools, {FOUR_TIMES} callers", median(much.rate for _, much in rounds), "moments/s"),
        Row("goodput at four times the load", share, "×", 0.9, at_least=True),
        Row(f"real tools, {SLOTS} callers", crowd.rate, "moments/s"),
        Row(f"{SLOTS} callers: moments that failed", crowd.failed, f"of {SLOTS}", 0),
        Row(f"{SLOTS} callers: calls that timed out", 100 * crowd.wasted, "%", 5),
    ]

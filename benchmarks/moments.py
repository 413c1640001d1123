"""The whole service as a user runs it: `moment up`, real tools."""

from statistics import median
from typing import Final

from benchmarks.results import Row
from benchmarks.service import running
from domain.music.styles.registry import STYLES

ROUNDS: Final = 2
LONG_SONG: Final = {
    "tempo_bpm": 88,
    "sections": [{"name": f"part {n}", "bars": 11, "energy": 0.3 + 0.1 * n} for n in range(6)],
}
"""66 bars of 4/4 at 88 bpm: three minutes."""


def measure() -> list[Row]:
    """Return every figure."""
    with running() as service:
        for style in STYLES:
            service.moment(style=style)
        previews = {style: median(service.moment(style=style)[0] for _ in range(ROUNDS)) for style in STYLES}
        songs = {style: service.moment("song", style=style, **LONG_SONG)[0] for style in STYLES}
        return [
            Row("moment up, fresh folder: all parts ready", service.ready_seconds, "s", 8),
            *(Row(f"15 s hum → mastered preview, {style}", seconds, "s", 4) for style, seconds in previews.items()),
            *(Row(f"3-minute song, {style}", seconds, "s", 30) for style, seconds in songs.items()),
            Row("api process, resident", service.resident_megabytes("api"), "MB", 150),
            Row("worker process, resident", service.resident_megabytes("worker"), "MB", 150),
        ]

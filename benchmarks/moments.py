"""The whole service as a user runs it, `moment up` with real tools: this version and 0.1 in turn, in one run."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.hums import hum
from benchmarks.results import Row, missing, of_rounds
from benchmarks.service import POLL_SECONDS, Made, Service, running
from benchmarks.version_0_1 import unpacked
from domain.music.styles.registry import STYLES

TRANSPOSED: Final = (-2.0, 1.0, 3.0)
"""Semitones, a round each: every singer has notes of their own, and what was made for another helps little."""

ROUNDS: Final = 3
OF_SONGS: Final = -3.0
AT_ONCE: Final = 8
FORMER_STYLES: Final = ("cinematic", "lofi", "synthwave")
"""Those of 0.1; later ones are compared with its slowest."""

LONG_SONG: Final[dict[str, Any]] = {
    "tempo_bpm": 88,
    "sections": [{"name": f"part {n}", "bars": 11, "energy": 0.3 + 0.1 * n} for n in range(6)],
}
"""66 bars of 4/4 at 88 bpm: three minutes."""

Figures = Mapping[str, Made]
"""By style."""


def measure() -> list[Row]:
    """Return every figure."""
    with tempfile.TemporaryDirectory(prefix="moment-bench-") as folder, ExitStack() as stack:
        source = unpacked(Path(folder))
        ready = _ready(source) if source else None
        former = stack.enter_context(running(source)) if source else None
        today = stack.enter_context(running())
        rows = list(_own(today))
        if former is None or ready is None:
            return [*rows, missing("the same with version 0.1", "the project's history is not there")]
        return [*rows, ready, *_previews(today, former), *_songs(today, former)]


def _ready(source: Path) -> Row:
    """Start either version alone, in turn."""
    ratios = []
    for _ in range(ROUNDS):
        with running(source) as former:
            before = former.ready_seconds
        with running() as today:
            ratios.append(today.ready_seconds / before)
    return of_rounds("moment up, against 0.1", ratios, "×", 0.8)


def _own(service: Service) -> Iterator[Row]:
    yield Row("moment up, fresh folder: all parts ready", service.ready_seconds, "s", 8)
    for style in STYLES:
        service.moment(style=style)
    yield Row(f"{AT_ONCE} hums at once: the first, as a share of the time for all", _first_of_many(service), "×", 0.25)
    with service.peak_of("music-tools") as peak:
        service.moment("song", **LONG_SONG)
    yield Row("music-tools at a song: memory of a child at its peak", peak().child, "MB", 450)
    yield Row("music-tools at a song: memory of all its processes at its peak", peak().together, "MB")
    yield Row("api process, resident", service.resident_megabytes("api"), "MB", 150)
    yield Row("worker process, resident", service.resident_megabytes("worker"), "MB", 150)


def _first_of_many(service: Service) -> float:
    recordings = [hum(number / 2) for number in range(AT_ONCE)]
    began = time.perf_counter()
    waiting, took = {service.send(recording) for recording in recordings}, list[float]()
    while waiting:
        done = {job_id for job_id in waiting if service.ended(job_id)}
        took += [time.perf_counter() - began] * len(done)
        waiting -= done
        time.sleep(POLL_SECONDS)
    return took[0] / took[-1]


def _previews(today: Service, former: Service) -> Iterator[Row]:
    for style in FORMER_STYLES:
        former.moment(style=style)
    now, before = _in_turn(today, former, "preview", TRANSPOSED)
    for style, made, other in _pairs(now, before):
        yield Row(f"15 s hum → preview, {style}", made.seconds, "s")
        yield Row(f"15 s hum → preview, {style}: processor time", made.processor, "s", 1.6)
        yield Row(f"15 s hum → preview, {style}, against 0.1", made.seconds / other.seconds, "×", 0.65)
        yield Row(f"15 s hum → first stem, {style}, against 0.1", made.heard / other.heard, "×", 0.45)


def _songs(today: Service, former: Service) -> Iterator[Row]:
    now, before = _in_turn(today, former, "song", [OF_SONGS], **LONG_SONG)
    for style, made, other in _pairs(now, before):
        yield Row(f"3-minute song, {style}", made.seconds, "s")
        yield Row(f"3-minute song, {style}: processor time", made.processor, "s", 7.5)
        yield Row(f"3-minute song, {style}, against 0.1", made.seconds / other.seconds, "×", 0.6)


def _in_turn(
    today: Service, former: Service, kind: str, rounds: Sequence[float], **more: Any
) -> tuple[Figures, Figures]:
    """Make a moment of every style with either version, round by round."""
    now: dict[str, list[Made]] = {style: [] for style in STYLES}
    before: dict[str, list[Made]] = {style: [] for style in FORMER_STYLES}
    for semitones in rounds:
        for style in STYLES:
            now[style].append(today.moment(kind, semitones, style=style, **more))
            if style in before:
                before[style].append(former.moment(kind, semitones, style=style, **more))
    return _medians(now), _medians(before)


def _medians(made: Mapping[str, list[Made]]) -> Figures:
    return {style: Made(*map(median, zip(*several, strict=True))) for style, several in made.items()}


def _pairs(now: Figures, before: Figures) -> Iterator[tuple[str, Made, Made]]:
    slowest = max(before.values())
    return ((style, made, before.get(style, slowest)) for style, made in now.items())

"""Our mastering against ffmpeg's `loudnorm` in two passes, on the band of a song: time, loudness, peaks."""

import gc
import json
import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import av

from adapters.audio.analysis.transcription import transcribe
from adapters.audio.codecs import encoding
from adapters.audio.mix import band, loudness, mastering
from application.studio.mix_plan import mix_plan
from benchmarks.hums import HUM
from benchmarks.moments import LONG_SONG
from benchmarks.results import Row, of_rounds
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.music.composition.arrangement import compose
from domain.music.listening.analysis import analyze_notes
from domain.music.score import Score

FORMAT: Final = "mp3_44100_128"
ROUNDS: Final = 3
TARGET: Final = f"loudnorm=I={mastering.TARGET_LUFS}:TP={mastering.MAX_DBTP}:LRA=11:print_format=json"


class Master(NamedTuple):
    """A file that was made.

    Attributes:
        seconds: From the stem to the file.
        processor: Seconds of processor time.
        error: LU between the file and −14 LUFS.
        peak: Of the decoded file in dBTP.
    """

    seconds: float
    processor: float
    error: float
    peak: float


def measure() -> list[Row]:
    """Return every figure; both sides in turn."""
    with tempfile.TemporaryDirectory(prefix="moment-bench-") as name:
        stem, score = Path(name) / "stem.flac", _a_song()
        band.play(score, stem)
        plan = mix_plan(score)
        rounds = [
            (
                _timed(lambda out: mastering.master(None, stem, out, FORMAT, plan), Path(name)),
                _timed(lambda out: _loudnorm(stem, out), Path(name)),
            )
            for _ in range(ROUNDS)
        ]
    ours, theirs = (Master(*map(median, zip(*side, strict=True))) for side in zip(*rounds, strict=True))
    return [
        *_rows("mastering a 3-minute song", ours, wanted=True),
        *_rows("ffmpeg's loudnorm, the same", theirs),
        *_against(rounds),
    ]


def _a_song() -> Score:
    heard = transcribe(HUM)
    blueprint = complete(
        {"style": "lofi", **LONG_SONG},
        analyze_notes(heard.notes, heard.duration, {}),
        blueprint_id="bench",
        kind=OutputKind.SONG,
        voice_id="hummer",
        seed=1,
        draft=False,
    )
    return compose(brief_of(blueprint, OutputKind.SONG))


def _timed(work: Callable[[Path], object], folder: Path) -> Master:
    out = folder / "out.mp3"
    began, before = time.perf_counter(), time.process_time()
    work(out)
    seconds, processor = time.perf_counter() - began, time.process_time() - before
    decoded, rate = encoding.decode(out)
    error = abs(loudness.integrated(decoded, rate) - mastering.TARGET_LUFS)
    return Master(seconds, processor, error, loudness.true_peak(decoded))


def _rows(name: str, made: Master, *, wanted: bool = False) -> Iterator[Row]:
    yield Row(f"{name}: time", made.seconds, "s")
    yield Row(f"{name}: processor time", made.processor, "s")
    yield Row(f"{name}: LUFS away from −14", made.error, "LU", 0.25 if wanted else None)
    yield Row(f"{name}: true peak of the MP3", made.peak, "dBTP", mastering.MAX_DBTP if wanted else None)


def _against(rounds: list[tuple[Master, Master]]) -> Iterator[Row]:
    ratios = [theirs.processor / ours.processor for ours, theirs in rounds]
    yield of_rounds("loudnorm's processor time against ours", ratios, "×", 1, at_least=True)


def _loudnorm(stem: Path, out: Path) -> None:
    """Measure, then apply: what its author recommends for files."""
    measured = _measured(stem)
    known = ":".join(
        f"measured_{name}={measured[key]}"
        for name, key in (("I", "input_i"), ("TP", "input_tp"), ("LRA", "input_lra"), ("thresh", "input_thresh"))
    )
    with av.open(str(out), "w", format="mp3") as file:
        stream: Any = file.add_stream("libmp3lame", rate=44_100, layout="stereo", bit_rate=128_000)
        for frame in _filtered(stem, f"{TARGET}:{known}:offset={measured['target_offset']}:linear=true"):
            for packet in stream.encode(frame):
                file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)


def _measured(stem: Path) -> dict[str, str]:
    """Return what its first pass prints."""
    av.logging.set_level(av.logging.INFO)
    av.logging.set_skip_repeated(False)  # it measures the same each time
    try:
        with av.logging.Capture() as printed:
            deque(_filtered(stem, TARGET), maxlen=0)
            gc.collect()  # the filter prints when it goes
    finally:
        av.logging.set_level(None)
    found = re.search(r"\{.*\}", "".join(line for _, _, line in printed), re.DOTALL)
    return dict(json.loads(found[0])) if found else {}


def _filtered(stem: Path, options: str) -> Iterator[Any]:
    """Yield the frames of a file behind a filter, at 44.1 kHz."""
    with av.open(str(stem)) as file:
        graph, source = av.filter.Graph(), file.streams.audio[0]
        name, _, settings = options.partition("=")
        nodes = [
            graph.add_abuffer(template=source),
            graph.add(name, settings),
            graph.add("aresample", "44100"),
            graph.add("aformat", "sample_fmts=s16p:channel_layouts=stereo"),
            graph.add("abuffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        for frame in file.decode(source):
            graph.push(frame)
            yield from _pulled(graph)
        graph.push(None)
        yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return

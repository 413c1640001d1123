"""`python -m benchmarks.transcription [FOLDER …]`: our notes beside those of other methods, on the same recordings.

The columns: F1 of notes without and with offsets, the method's median distance from the labels, F1 with that taken
away, seconds of CPU per minute of sound. See `benchmarks.note_scores`.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import soundfile
import soxr
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from adapters.audio.analysis.spectrum import RATE
from adapters.audio.arrays import Mono
from benchmarks.note_labels import LabelError, labelled_recordings
from benchmarks.note_scores import Notes, Scores, scores
from benchmarks.transcribers import METHODS, installed
from tests.support.hums import hum, random_melody
from training.voices.take import Split, take

FRESH: Final = 700_000
"""First seed of the test sets; training draws others."""

BASIC: Final = {"hums 30 dB": 30.0, "hums 15 dB": 15.0, "hums 5 dB": 5.0}
EXCLUDED: Final = "excluded voices 15 dB"


class Clip(msgspec.Struct, frozen=True):
    """A recording, mono at 16 kHz, with its notes."""

    samples: Mono
    notes: Notes


def sets(folders: Sequence[Path], clips: int, *, synthetic: bool) -> Iterator[tuple[str, list[Clip]]]:
    """Yield each set with its name.

    Raises:
        LabelError: A folder that cannot be used.
    """
    if synthetic:
        for name, snr_db in BASIC.items():
            yield name, [_hum(FRESH + index, snr_db) for index in range(clips)]
        made = (take(FRESH + index, split=Split.EXCLUDED, snr_db=15.0) for index in range(clips))
        yield EXCLUDED, [Clip(each.samples, each.notes) for each in made]
    for folder in folders:
        yield str(folder), [Clip(_read(path), notes) for path, notes in labelled_recordings(folder)]


def _hum(seed: int, snr_db: float) -> Clip:
    made = hum(random_melody(seed), seed=seed, snr_db=snr_db)
    return Clip(soxr.resample(made.samples, made.sample_rate, RATE), made.notes)


def _read(path: Path) -> Mono:
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise LabelError(f"{path}: {error}") from error
    return np.asarray(soxr.resample(samples.mean(axis=1), rate, RATE), dtype=np.float32)


def evaluate(clips: Sequence[Clip], method: str, progress: Progress | None = None) -> Scores:
    """Return the scores of a method on clips."""
    transcribe, heard = METHODS[method][0], list[Notes]()
    transcribe(clips[0].samples[: 2 * RATE])  # loads the models
    start = time.process_time()
    for clip in progress.track(clips, description=method) if progress else clips:
        heard.append(transcribe(clip.samples))
    minutes = sum(len(clip.samples) for clip in clips) / RATE / 60
    cpu = (time.process_time() - start) / minutes
    return scores([clip.notes for clip in clips], heard, cpu)


def table(name: str, clips: Sequence[Clip], methods: Sequence[str], progress: Progress) -> Table:
    """Return a table of one set, a row per method."""
    count = sum(len(clip.notes) for clip in clips)
    out = Table(title=f"{name}: {len(clips)} recordings, {count} notes")
    for heading in ("method", "F1", "with offsets", "bias", "corrected F1", "with offsets", "CPU s/min"):
        out.add_column(heading, justify="left" if heading == "method" else "right")
    for method in methods:
        if not installed(method):
            out.add_row(method, "not installed: make bench, or pip, adds what benchmarks/ lists", *[""] * 5)
            continue
        got = evaluate(clips, method, progress)
        bias = f"{got.cents:+.0f} cents, {got.ms:+.0f} ms"
        figures = [f"{x:.1f}" for x in (got.corrected, got.corrected_offsets, got.cpu)]
        out.add_row(method, f"{got.plain:.1f}", f"{got.offsets:.1f}", bias, *figures)
    return out


def main(arguments: Sequence[str]) -> int:
    """Print a table per set; return 2 if a folder cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transcription", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="NAME.wav with NAME.csv or NAME.txt")
    parser.add_argument("--clips", type=int, default=12, help="synthetic recordings per set (12)")
    parser.add_argument("--no-synthetic", action="store_true", help="measure on the folders alone")
    parser.add_argument("--only", action="append", choices=list(METHODS), help="a method; may be given several times")
    chosen = parser.parse_args(arguments)
    console = Console(width=120)
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            for name, clips in sets(chosen.folders, chosen.clips, synthetic=not chosen.no_synthetic):
                console.print(table(name, clips, chosen.only or list(METHODS), progress))
    except LabelError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - a command line prints
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

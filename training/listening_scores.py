"""Scores listening on hums and tunes that nothing was fitted to: key, spelling, tempo, meter, bar lines and beats.

Hums are recordings of `tests.support.hums`, transcribed; tunes are those of `training.tunes`, heard with errors but
without sound. Every figure is a mean in percent:

    key       the key is right; of modes, the parent's or that on the same tonic
    relative  its seven notes are right
    written   notes that were sung and found are written as they were meant
    moved     the same where all may be transposed: a mean tuning near half a semitone leaves open by what
    tempo     within 4 %
    multiple  within 4 % of the tempo, a half, a third, or two or three times it
    metre     the time signature is right; 2/4 and 4/4 are one (see `tests.support.metre`)
    bars      the meter and the bar lines are right
    beats     F-measure of the beats, within 70 ms (mir_eval.beat without trimming)

    python -m training.listening_scores [--takes 200]
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import msgspec
import numpy as np

from adapters.audio.analysis.transcription import transcribe
from domain.errors import BadAudio
from domain.music.hum import Analysis, HummedNote
from domain.music.listening.analysis import analyze_notes
from domain.music.theory.scale import Scale
from tests.support.hums import Hum, hum, random_melody, write_wav
from tests.support.metre import bars_of, same_bars, same_metre, share_met
from training.tunes.hearing import Errors, hear
from training.tunes.manner import Manner, random_manner
from training.tunes.performance import perform

FIRST_HUM: Final = 50_000
FIRST_TUNE: Final = 200_000
FIGURES: Final = ("key", "relative", "written", "moved", "tempo", "multiple", "metre", "bars", "beats")
_PARENTS: Final = {"dorian": 10, "mixolydian": 5, "phrygian": 8, "lydian": 7}
"""Semitones from the tonic of a mode up to that of its parent major scale."""


class Case(NamedTuple):
    """The notes of a take, and what is true of it; `written` is None for notes that were not sung."""

    notes: tuple[HummedNote, ...]
    written: Sequence[int | None]
    key: str
    mode: str
    tempo_bpm: float
    time_signature: str
    beats: Sequence[float]
    bar_lines: Sequence[float]


def hums(count: int, snr_db: float, wander_cents: float = 0.0) -> Iterator[Case]:
    """Yield transcribed recordings; their pitches are made to wander by a slow sine."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hum.wav"
        for seed in range(FIRST_HUM, FIRST_HUM + count):
            truth = hum(random_melody(seed), seed=seed, snr_db=snr_db)
            write_wav(path, truth.samples)
            try:
                notes = transcribe(path).notes
            except BadAudio:
                continue
            rng = np.random.default_rng(seed)
            period, phase = rng.uniform(8, 20), rng.uniform(0, 2 * np.pi)
            cents = [wander_cents * np.sin(2 * np.pi * note.onset / period + phase) for note in notes]
            moved = [
                msgspec.structs.replace(note, pitch=note.pitch + float(off) / 100)
                for note, off in zip(notes, cents, strict=True)
            ]
            yield _of_hum(truth, notes, tuple(moved))


def _of_hum(truth: Hum, found: Sequence[HummedNote], moved: tuple[HummedNote, ...]) -> Case:
    beats = truth.first_beat + np.arange(-8, 90) * 60 / truth.tempo_bpm
    return Case(
        moved,
        [_meant(truth, note) for note in found],
        truth.key,
        "",
        truth.tempo_bpm,
        f"{truth.beats_per_bar}/4",
        [float(time) for time in beats],
        [float(time) for time in beats[8 % truth.beats_per_bar :: truth.beats_per_bar]],
    )


def _meant(truth: Hum, note: HummedNote) -> int | None:
    nearest = min(truth.notes, key=lambda sung: abs(sung.onset - note.onset))
    near = abs(nearest.onset - note.onset) < 0.08 and abs(nearest.pitch - note.pitch) < 1.2
    return round(nearest.pitch - truth.tuning_cents / 100) if near else None


def tunes(count: int, manner: Callable[[Manner], Manner] = lambda drawn: drawn) -> Iterator[Case]:
    """Yield tunes heard with errors; `manner` changes how they are performed."""
    for seed in range(FIRST_TUNE, FIRST_TUNE + count):
        rng = np.random.default_rng(seed)
        take = perform(rng, seconds=float(rng.uniform(9, 28)), manner=manner(random_manner(rng)))
        heard = hear(rng, take, Errors())
        bars = [take.beats[index] for index in take.downbeats]
        yield Case(
            heard.notes, heard.written, take.key, take.mode, take.tempo_bpm, take.time_signature, take.beats, bars
        )


def steady(drawn: Manner) -> Manner:
    """Return a manner with accents and without rubato."""
    accent, agogic = max(drawn.accent, 0.2), max(drawn.agogic, 0.02)
    return msgspec.structs.replace(drawn, accent=accent, agogic=agogic, rubato=min(drawn.rubato, 0.2), pause=0.0)


def results(case: Case) -> dict[str, float]:
    """Return each figure of a take, 0..1."""
    found = analyze_notes(case.notes, case.notes[-1].onset + 5.0, {})
    ratio = found.tempo_bpm / case.tempo_bpm
    metre = same_metre(found.time_signature, case.time_signature)
    lines = bars_of(found.beats, found.time_signature)
    return {
        **_pitch_results(found, case),
        "tempo": abs(ratio - 1) < 0.04,
        "multiple": min(abs(ratio / factor - 1) for factor in (1 / 3, 1 / 2, 1, 2, 3)) < 0.04,
        "metre": metre,
        "bars": metre and same_bars(lines, case.bar_lines, case.notes),
        "beats": _f_measure(found.beats, case),
    }


def _pitch_results(found: Analysis, case: Case) -> dict[str, float]:
    key, truth = Scale.of(found.key), Scale.of(case.key)
    parent = (truth.tonic + _PARENTS[case.mode]) % 12 if case.mode in _PARENTS else truth.relative_major
    off = [pitch - meant for pitch, meant in zip(found.written, case.written, strict=True) if meant is not None]
    usual = max(set(off), key=off.count) if off else 0
    in_parent = case.mode in _PARENTS and key.relative_major == parent
    return {
        "key": key == truth or (in_parent and not key.minor),
        "relative": key.relative_major in {parent, truth.relative_major},
        "written": off.count(0) / max(1, len(off)),
        "moved": off.count(usual) / max(1, len(off)),
    }


def _f_measure(beats: Sequence[float], case: Case) -> float:
    first, last = case.notes[0].onset - 0.1, case.notes[-1].onset + 0.1
    found, true = ([beat for beat in some if first <= beat <= last] for some in (beats, case.beats))
    precision, recall = share_met(found, true, 0.07), share_met(true, found, 0.07)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Score listening.")
    parser.add_argument("--takes", type=int, default=200, help="takes of each kind")
    count = parser.parse_args().takes
    kinds = {f"hums at {snr_db:.0f} dB": hums(count, snr_db) for snr_db in (30.0, 15.0, 5.0)}
    kinds |= {"15 dB, wander": hums(count, 15.0, 40.0), "tunes": tunes(count), "tunes, steady": tunes(count, steady)}
    print(f"{'':<16}" + "".join(f"{figure:>9}" for figure in FIGURES))
    for kind, cases in kinds.items():
        rows = [results(case) for case in cases]
        means = (100 * float(np.mean([row[figure] for row in rows])) for figure in FIGURES)
        print(f"{kind:<16}" + "".join(f"{mean:9.1f}" for mean in means), flush=True)


if __name__ == "__main__":
    main()

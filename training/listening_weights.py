"""Evaluates the constants of `domain.music.listening` on synthetic hums, on a small grid around each constant.

The hums are random melodies performed by random singers (`tests.support.performances`): notes with human timing and
tuning, without sound, so that the quality of transcription does not matter. Each number, and each table of numbers as
a whole, is scaled by the factors of the grid while all others keep their values. The figures are shares of correct
results in percent, and `sum` is the change of their sum:

    key       the key is found
    written   notes are written as they were meant
    tempo     the tempo is within 4 %
    phase     of those, the beats lie within a fifth of a beat
    downbeat  of those, bars have the right length and begin on the right beat
    phrase    F1 of the first notes of phrases
    rhythm    given the true beat, notes get their written starts

A constant needs no new fit where no factor raises the sum by more than chance does. One of 60 melodies is 1.7 points:
raise `--seeds` before you believe a difference. Constants of hints and of confidence change no figure here. The weights
of readings are fitted by `training.metre_weights` instead.

    python -m training.listening_weights [--seeds 60] [--only tempo]
"""

import argparse
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Final

import domain.music.listening
from domain.music.listening.analysis import heard_in
from domain.music.listening.key import KeyEstimate, find_key
from domain.music.listening.phrases import phrase_starts
from domain.music.listening.pulse import Pulse, find_pulse
from domain.music.listening.rhythm import best_grid, quantise
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale
from tests.support.performances import Performance, performance

FACTORS: Final = (0.7, 0.85, 1.0, 1.15, 1.3)
FIRST_SEED: Final = 3000
FIGURES: Final = ("key", "written", "tempo", "phase", "downbeat", "phrase", "rhythm")

Constant = float | Mapping[float, float]


def constants() -> Iterator[tuple[ModuleType, str, Constant]]:
    """Yield the numbers and tables of numbers that the listening modules define: module, name, value."""
    for info in pkgutil.iter_modules(domain.music.listening.__path__):
        if info.name == "reading_weights":
            continue
        module = importlib.import_module(f"domain.music.listening.{info.name}")
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            is_table = isinstance(value, dict) and all(isinstance(entry, float) for entry in value.values())
            if (isinstance(value, float) or is_table) and f"\n{name}: Final" in source:
                yield module, name, value


def scaled(constant: Constant, factor: float) -> Constant:
    """Return a number or a table times a factor."""
    if isinstance(constant, Mapping):
        return {place: value * factor for place, value in constant.items()}
    return constant * factor


@contextmanager
def replaced(module: ModuleType, name: str, value: Constant) -> Iterator[None]:
    """Give a module's constant another value for the duration of the block."""
    before = getattr(module, name)
    _set(module, name, value)
    try:
        yield
    finally:
        _set(module, name, before)


def _set(module: ModuleType, name: str, value: Constant) -> None:
    setattr(module, name, value)
    for function in vars(module).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


def evaluate(seeds: int) -> dict[str, float]:
    """Return the figures over melodies of consecutive seeds, in percent."""
    results = [_results(performance(FIRST_SEED + index)) for index in range(seeds)]
    figures = {}
    for figure in FIGURES:
        values = [result[figure] for result in results if figure in result]
        figures[figure] = 100 * sum(values) / max(len(values), 1)
    return figures


def _results(heard: Performance) -> dict[str, float]:
    phrases = phrase_starts(heard.notes)
    true_phrases = set(heard.melody.phrases)
    key = find_key(heard.notes, phrases)
    return {
        "key": float(key.scale == Scale.of(heard.melody.key)),
        "written": _written(heard, key),
        "phrase": 2 * len(true_phrases & set(phrases)) / (len(true_phrases) + len(phrases)),
        "rhythm": _rhythm(heard),
        **_pulse(heard, find_pulse(heard.notes, heard_in(key, heard.notes, phrases))),
    }


def _written(heard: Performance, key: KeyEstimate) -> float:
    pairs = zip(key.pitches, heard.melody.notes, strict=True)
    return sum(pitch == note.pitch for pitch, note in pairs) / len(key.pitches)


def _pulse(heard: Performance, pulse: Pulse) -> dict[str, float]:
    if abs(pulse.tempo_bpm / heard.melody.tempo_bpm - 1) >= 0.04:
        return {"tempo": 0.0}
    beats = (pulse.beats[0] - heard.first_beat) * heard.melody.tempo_bpm / 60
    same_metre = pulse.time_signature == f"{heard.melody.beats_per_bar}/4"
    return {
        "tempo": 1.0,
        "phase": float(abs(beats - round(beats)) < 0.2),
        "downbeat": float(same_metre and round(beats) % heard.melody.beats_per_bar == 0),
    }


def _rhythm(heard: Performance) -> float:
    rate, meter = heard.melody.tempo_bpm / 60, Meter.of(f"{heard.melody.beats_per_bar}/4")
    onsets = [(note.onset - heard.first_beat) * rate for note in heard.notes]
    lengths = [note.duration * rate for note in heard.notes]
    grid = best_grid(onsets, 1 / rate, meter)
    starts = quantise(onsets, lengths, heard.melody.phrases, grid, rate=rate, meter=meter)
    written = [note.start for note in heard.melody.notes]
    return sum(abs(start - right) < 0.13 for start, right in zip(starts, written, strict=True)) / len(written)


def report(seeds: int, only: str) -> Iterator[str]:
    """Yield the lines of the table: the figures as they are, then those of each constant and factor."""
    present = evaluate(seeds)
    yield f"{'':<44}" + "".join(f"{figure:>9}" for figure in FIGURES) + f"{'sum':>8}"
    yield _line("as they are", present, present)
    for module, name, value in constants():
        label = f"{module.__name__.rpartition('.')[2]}.{name}"
        if only not in label:
            continue
        for factor in FACTORS:
            if factor != 1.0:
                with replaced(module, name, scaled(value, factor)):
                    yield _line(f"{label} × {factor}", evaluate(seeds), present)


def _line(label: str, figures: dict[str, float], present: dict[str, float]) -> str:
    change = sum(figures.values()) - sum(present.values())
    return f"{label:<44}" + "".join(f"{figures[figure]:9.1f}" for figure in FIGURES) + f"{change:+8.1f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Evaluate the constants of domain.music.listening.")
    parser.add_argument("--seeds", type=int, default=60, help="number of melodies")
    parser.add_argument("--only", default="", help="part of the names of the constants to vary")
    given = parser.parse_args()
    for line in report(given.seeds, given.only):
        print(line, flush=True)


if __name__ == "__main__":
    main()

"""Performed notes as a transcriber would report them, without sound: tuned by a singer, with the errors of both.

Listening is fitted and tested on these where recordings would take too long.
"""

from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from domain.music.hum import HummedNote
from training.tunes.performance import Performance, PerformedNote

_SOUR: Final = 0.05  # share of notes that are sung 40 cents off
_SHORTEST: Final = 0.02


class Errors(msgspec.Struct, frozen=True):
    """How a take is heard: shares of missed and of false notes, and the standard deviation of onsets in seconds."""

    missed: float = 0.05
    false: float = 0.05
    onset: float = 0.015


class HeardTake(msgspec.Struct, frozen=True):
    """Notes as transcribed, and what was written for each: None for a false note."""

    notes: tuple[HummedNote, ...]
    written: tuple[int | None, ...]


def hear(
    rng: np.random.Generator,
    take: Performance,
    errors: Errors,
    *,
    wander_cents: float | None = None,
    slide: float = 0.0,
) -> HeardTake:
    """Return the notes of a take as a transcriber reports them.

    Args:
        rng: Source of every choice.
        take: What was performed.
        errors: Of the transcriber.
        wander_cents: Amplitude of the slow wander of tuning; drawn up to 60 if it is left out.
        slide: Cents by which tuning moves from the first note to the last.
    """
    cents = _cents(rng, take, wander_cents, slide)
    found = list[tuple[HummedNote, int | None]]()
    for note, off in zip(take.notes, cents, strict=True):
        if rng.random() >= errors.missed:
            found.append((_heard(rng, note, off, errors), note.written))
        if rng.random() < errors.false:
            found.append((_false(rng, note, off), None))
    found.sort(key=lambda pair: pair[0].onset)
    loudest = max(note.loudness for note, _ in found) if found else 1.0
    return HeardTake(
        notes=tuple(
            msgspec.structs.replace(note, duration=room, loudness=note.loudness / loudest)
            for (note, _), room in zip(found, _rooms([note for note, _ in found]), strict=True)
        ),
        written=tuple(written for _, written in found),
    )


def _cents(rng: np.random.Generator, take: Performance, wander: float | None, slide: float) -> list[float]:
    """Return how far from A4 = 440 Hz each note is sung."""
    depth = float(rng.uniform(0, 60)) if wander is None else wander
    tuning, intonation = rng.uniform(-45, 45), rng.uniform(6, 22)
    period, phase = rng.uniform(8, 25), rng.uniform(0, 2 * np.pi)
    times = np.array([note.onset for note in take.notes])
    line = (times - times[0]) / max(times[-1] - times[0], 1e-6)
    sour = rng.choice([-40.0, 40.0], len(times)) * (rng.random(len(times)) < _SOUR)
    wanders = depth * np.sin(2 * np.pi * times / period + phase)
    return [float(c) for c in tuning + wanders + slide * line + sour + rng.normal(0, intonation, len(times))]


def _heard(rng: np.random.Generator, note: PerformedNote, cents: float, errors: Errors) -> HummedNote:
    return HummedNote(
        onset=max(0.0, note.onset + float(rng.normal(0, errors.onset))),
        duration=note.duration * float(rng.uniform(0.85, 1.05)),
        pitch=note.written + cents / 100,
        loudness=float(np.clip(note.loudness + rng.normal(0, 0.04), 0.05, 1.0)),
    )


def _false(rng: np.random.Generator, note: PerformedNote, cents: float) -> HummedNote:
    """Return a note that was not sung: a breath, or the second half of a note that was split."""
    return HummedNote(
        onset=note.onset + note.duration * float(rng.uniform(0.3, 0.8)),
        duration=float(rng.uniform(0.06, 0.2)),
        pitch=note.written + cents / 100 + float(rng.choice([-2, -1, 0, 0, 1, 2]) + rng.normal(0, 0.15)),
        loudness=float(rng.uniform(0.2, 0.7)),
    )


def _rooms(notes: list[HummedNote]) -> list[float]:
    """Return durations that end where the next note begins."""
    rooms = [max(_SHORTEST, min(note.duration, after.onset - note.onset)) for note, after in pairwise(notes)]
    return rooms + [note.duration for note in notes[-1:]]

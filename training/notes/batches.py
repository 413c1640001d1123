"""Targets of the network, and random excerpts of the takes, made harder: level, equalisation, pitch, confidence."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.audio.analysis.features import (
    BAND_COLUMNS,
    CONFIDENCE_COLUMN,
    LEVEL_COLUMNS,
    PITCH_COLUMNS,
    model_inputs,
)
from adapters.audio.analysis.pitch import STEP
from adapters.audio.arrays import Mono
from domain.music.hum import HummedNote
from training.notes.dataset import Example

EXCERPT: Final = 512
BATCH: Final = 16
ONSET_SPREAD: Final = 0.014
"""Standard deviation of an onset's target in seconds: about that of people who mark onsets."""

OFFSET_SPREAD: Final = 0.024


class Tracks(NamedTuple):
    """All takes one after the other: inputs, shape (frames, COLUMNS), targets, shape (frames, 3), and the borders."""

    inputs: NDArray[np.float16]
    targets: NDArray[np.float16]
    starts: NDArray[np.intp]


class Batch(NamedTuple):
    """Excerpts: inputs, shape (BATCH, EXCERPT, COLUMNS), and targets, shape (BATCH, EXCERPT, 3)."""

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]


def tracks(examples: Sequence[Example]) -> Tracks:
    """Return the inputs and targets of takes; those too short for an excerpt are left out."""
    long = [example for example in examples if len(example.features.pitch) > EXCERPT]
    inputs = [model_inputs(example.features).astype(np.float16) for example in long]
    targets = [targets_of(example.notes, len(example.features.pitch)).astype(np.float16) for example in long]
    starts = np.cumsum([0, *(len(values) for values in inputs)])
    return Tracks(np.concatenate(inputs), np.concatenate(targets), starts)


def targets_of(notes: Sequence[HummedNote], frames: int) -> NDArray[np.float32]:
    """Return what the network shall say of every frame: onset, active, offset; shape (frames, 3)."""
    times = np.arange(frames) * STEP
    targets = np.zeros((frames, 3), dtype=np.float32)
    for note in notes:
        end = note.onset + note.duration
        near = slice(max(0, int((note.onset - 0.1) / STEP)), int((end + 0.12) / STEP) + 1)
        spread = times[near]
        targets[near, 0] = np.maximum(targets[near, 0], np.exp(-(((spread - note.onset) / ONSET_SPREAD) ** 2) / 2))
        targets[near, 1] = np.maximum(targets[near, 1], (spread >= note.onset) & (spread < end))
        targets[near, 2] = np.maximum(targets[near, 2], np.exp(-(((spread - end) / OFFSET_SPREAD) ** 2) / 2))
    return targets


def batches(data: Tracks, rng: np.random.Generator, count: int) -> Iterator[Batch]:
    """Yield random excerpts; longer takes come more often."""
    room = np.maximum(np.diff(data.starts) - EXCERPT, 1)
    for _ in range(count):
        picked = rng.choice(len(room), BATCH, p=room / room.sum())
        first = data.starts[picked] + rng.integers(0, room[picked])
        rows = first[:, None] + np.arange(EXCERPT)
        inputs = data.inputs[rows].astype(np.float32)
        for excerpt in inputs:
            disturb(excerpt, rng)
        yield Batch(inputs, data.targets[rows].astype(np.float32))


def disturb(excerpt: Mono, rng: np.random.Generator) -> None:
    """Change the features of an excerpt in place, shape (EXCERPT, COLUMNS), as other takes would have them."""
    bands = excerpt[:, BAND_COLUMNS]
    knots = np.interp(np.arange(bands.shape[1]), [0, 8, 16, 24, 31], rng.normal(0, 0.15, 5))
    bands += knots + rng.normal(0, 0.1)
    bands += rng.normal(0, rng.uniform(0, 0.08), bands.shape)
    excerpt[:, LEVEL_COLUMNS] += rng.normal(0, 0.12)
    excerpt[:, PITCH_COLUMNS] += rng.normal(0, rng.choice([0.0, 0.01, 0.03]), (len(excerpt), 4))
    excerpt[:, BAND_COLUMNS.start - 2] += rng.normal(0, 0.3)
    if rng.random() < 0.5:
        width = int(rng.integers(1, 9))
        low = int(rng.integers(0, bands.shape[1] - width))
        bands[:, low : low + width] = rng.uniform(-2.5, -0.5)
    for _ in range(rng.poisson(1.0)):
        start = int(rng.integers(0, len(excerpt) - 16))
        excerpt[start : start + int(rng.integers(2, 14)), CONFIDENCE_COLUMN] *= rng.uniform(0, 1)

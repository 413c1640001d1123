"""Fits the weights of the readings of a hum: `domain/music/listening/reading_weights.py`.

Tunes are performed (`training.tunes`) and heard with errors; every way to count them is described by its features. The
weights of a log-linear model (conditional logit, McFadden 1974) are those under which the right readings are likeliest,
drawn to zero a little. Melodies of `tests.support` are added, as notes and as recordings that are transcribed, so that
plain tunes are not forgotten, nor how loud a transcriber finds notes.

    python -m training.metre_weights [--tunes 2000] [--write]

Without `--write` the scores are printed only: of the fit, and of the weights in use, on tunes that the fit did not see.
"""

import argparse
from collections.abc import Sequence
from itertools import product
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from adapters.audio.analysis.transcription import transcribe
from domain.music.hum import HummedNote
from domain.music.listening import reading_weights
from domain.music.listening.analysis import heard_in
from domain.music.listening.counting import Counted, count_all
from domain.music.listening.key import find_key
from domain.music.listening.phrases import phrase_starts
from domain.music.listening.readings import FEATURES
from tests.support.hums import hum, random_melody, write_wav
from tests.support.performances import performance
from training.tunes.hearing import Errors, hear
from training.tunes.performance import perform

FIRST_SEED: Final = 300_000
FIRST_TEST_SEED: Final = 100_000
FIRST_PLAIN_SEED: Final = 40_000
RIDGE: Final = 10.0
_SAME: Final = 0.045  # log ratio within which two tempi are the same
_OFF: Final = 0.17  # beats within which a note is on its place

Floats = NDArray[np.float64]


class Truth(NamedTuple):
    """What is right: tempo, time signature, and beats with the first downbeat among them."""

    tempo_bpm: float
    time_signature: str
    beats: Floats
    downbeat: int


class Example(NamedTuple):
    """The features of every reading of a take, and its rank: 3 is right, 2 has other bar lines, 1 the tempo only."""

    features: Floats
    rank: NDArray[np.int64]


def example(notes: tuple[HummedNote, ...], truth: Truth) -> Example:
    """Return a take as an example."""
    phrases = phrase_starts(notes)
    counted = list(count_all(notes, heard_in(find_key(notes, phrases), notes, phrases)))
    true = np.interp([note.onset for note in notes], truth.beats, np.arange(len(truth.beats)))
    ranks = np.array([_rank(one, truth, true) for one in counted])
    return Example(np.array([one.reading.features for one in counted]), ranks)


def _rank(counted: Counted, truth: Truth, true_places: Floats) -> int:
    compound = counted.reading.time_signature == "6/8"
    off = np.array(counted.track.places) - true_places
    same_tempo = abs(log(counted.tempo / truth.tempo_bpm)) < _SAME and compound == (truth.time_signature == "6/8")
    if not same_tempo or np.median(np.abs(off - np.round(off))) > _OFF:
        return 0
    if counted.reading.time_signature != truth.time_signature:
        return 1
    shift = (off - counted.reading.first + truth.downbeat) % counted.reading.bar
    return 3 if np.mean(np.minimum(shift, counted.reading.bar - shift) < 0.2) > 0.5 else 2


def tune_examples(first_seed: int, count: int) -> list[Example]:
    """Return takes of the generator, heard with errors that differ from take to take."""
    examples = []
    for seed in range(first_seed, first_seed + count):
        rng = np.random.default_rng(seed)
        take = perform(rng, seconds=float(rng.uniform(9, 28)))
        missed, false = rng.uniform(0, 0.08, 2)
        notes = hear(rng, take, Errors(missed, false, rng.uniform(0.005, 0.02))).notes
        beats = np.array(take.beats)
        if len(notes) >= 5:
            examples.append(example(notes, Truth(take.tempo_bpm, take.time_signature, beats, take.downbeats[0])))
    return examples


def plain_examples(first_seed: int, count: int) -> list[Example]:
    """Return the melodies of the tests' generator, heard without errors."""
    examples = []
    for seed in range(first_seed, first_seed + count):
        heard = performance(seed)
        melody = heard.melody
        examples.append(hum_example(heard.notes, melody.tempo_bpm, melody.beats_per_bar, heard.first_beat))
    return examples


def hum_examples(first_seed: int, count: int) -> list[Example]:
    """Return the same melodies as recordings in some noise and in much, transcribed."""
    examples = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hum.wav"
        for snr_db, seed in product((15.0, 5.0), range(first_seed, first_seed + count)):
            sung = hum(random_melody(seed), seed=seed, snr_db=snr_db)
            write_wav(path, sung.samples)
            examples.append(hum_example(transcribe(path).notes, sung.tempo_bpm, sung.beats_per_bar, sung.first_beat))
    return examples


def hum_example(notes: tuple[HummedNote, ...], tempo_bpm: float, bar: int, first_beat: float) -> Example:
    """Return a hum in one tempo as an example."""
    beats = first_beat + np.arange(-4, 80) * 60 / tempo_bpm
    return example(notes, Truth(tempo_bpm, f"{bar}/4", beats, 4))


def fit(examples: Sequence[Example]) -> Floats:
    """Return the weights under which the best readings of each take are likeliest."""
    known = [one for one in examples if one.rank.max() > 0]
    features = np.concatenate([one.features for one in known])
    scale = features.std(axis=0) + 1e-6
    scaled = features / scale
    right = np.concatenate([one.rank == one.rank.max() for one in known]).astype(float)
    sizes = np.array([len(one.rank) for one in known])
    take, starts = np.repeat(np.arange(len(known)), sizes), np.concatenate([[0], np.cumsum(sizes)[:-1]])
    certainty = np.array([1.0 if one.rank.max() == 3 else 0.5 for one in known])

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = scaled @ weights
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[take])
        every, good = np.add.reduceat(odds, starts), np.add.reduceat(odds * right, starts) + 1e-12
        gradient = scaled.T @ (certainty[take] * (odds / every[take] - odds * right / good[take]))
        return float(certainty @ np.log(every / good) + 0.5 * RIDGE * weights @ weights), gradient + RIDGE * weights

    found = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", options={"maxiter": 400})
    return np.asarray(found.x / scale)


def scores(examples: Sequence[Example], weights: Floats) -> dict[str, float]:
    """Return the shares in percent of takes whose likeliest reading has the right tempo, metre, and bars."""
    best = np.array([one.rank[np.argmax(one.features @ weights)] for one in examples])
    return {name: 100 * float(np.mean(best >= rank)) for name, rank in (("tempo", 1), ("metre", 2), ("bars", 3))}


def source(weights: Floats) -> str:
    """Return the module with the weights."""
    lines = [f'    "{name}": {weight:.3f},' for name, weight in zip(FEATURES, weights, strict=True)]
    docstring = (
        '"""The weights of the features of readings, in nats. Made by training/metre_weights.py: do not edit."""'
    )
    return "\n".join([docstring, "", "from typing import Final", "", "WEIGHTS: Final = {", *lines, "}", ""])


def main() -> None:
    """Fit, print the scores, and write the weights if asked to."""
    parser = argparse.ArgumentParser(description="Fit the weights of the readings of a hum.")
    parser.add_argument(
        "--tunes", type=int, default=2000, help="number of tunes; plain melodies, a fifth as many, and hums are added"
    )
    parser.add_argument("--write", action="store_true", help="replace the weights in use")
    given = parser.parse_args()
    tunes, plain = tune_examples(FIRST_SEED, given.tunes), plain_examples(FIRST_PLAIN_SEED, given.tunes // 5)
    hums = hum_examples(FIRST_PLAIN_SEED, given.tunes * 3 // 40)
    weights = fit([*tunes, *plain, *hums])
    unseen = tune_examples(FIRST_TEST_SEED, given.tunes // 5)
    in_use = np.array([reading_weights.WEIGHTS.get(name, 0.0) for name in FEATURES])
    for name, examples in (("fitted on", tunes), ("plain", plain), ("hums", hums), ("unseen", unseen)):
        print(f"{name:<10} fit {scores(examples, weights)}  in use {scores(examples, in_use)}")
    if given.write:
        Path(reading_weights.__file__).write_text(source(weights))


if __name__ == "__main__":
    main()

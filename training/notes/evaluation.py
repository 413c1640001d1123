"""The figures of the model card: hums of the old generator and takes of the excluded split, neither ever trained on."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec
import numpy as np
import soxr

from adapters.audio.analysis.features import extract_features
from adapters.audio.analysis.spectrum import RATE
from adapters.audio.analysis.transcription import listen
from adapters.audio.arrays import Mono
from domain.music.hum import HummedNote
from tests.support.hums import hum, random_melody, random_singer
from training.notes.scoring import Figures, Notes, Pair, score
from training.voices.take import Split, take

HUM_SEEDS: Final = range(9000, 9060)
TAKE_SEEDS: Final = range(40)
VIBRATO_SEEDS: Final = range(9500, 9520)
CHECK_SEEDS: Final = range(9600, 9605)
LEVELS_DB: Final = (30.0, 15.0, 5.0)


class Row(NamedTuple):
    """The figures of one set of recordings."""

    name: str
    figures: Figures


def rows(*, share: float = 1.0) -> Iterator[Row]:
    """Yield the figures of each set; `share` below 1 uses its first recordings only."""
    for snr_db in LEVELS_DB:
        yield Row(f"hums, {snr_db:.0f} dB", score(list(_hums(_part(HUM_SEEDS, share), snr_db))))
    for snr_db in LEVELS_DB:
        yield Row(f"excluded split, {snr_db:.0f} dB", score(list(_takes(_part(TAKE_SEEDS, share), snr_db))))


def vibrato_splits(*, share: float = 1.0) -> float:
    """Return the share of hummed notes with a vibrato of ± 0.7 semitone that are heard as more than one."""
    broken = notes = 0
    for seed in _part(VIBRATO_SEEDS, share):
        singer = random_singer(np.random.default_rng(seed), high=seed % 2 == 0)
        trembling = msgspec.structs.replace(singer, vibrato_cents=70.0)
        truth = hum(random_melody(seed), seed=seed, singer=trembling)
        onsets = np.array([note.onset for note in heard(truth.samples, truth.sample_rate)])
        broken += sum(_parts(note, onsets) > 1 for note in truth.notes)
        notes += len(truth.notes)
    return broken / notes


def check() -> float:
    """Return the F1 of a few hard hums: quick, and different for every model."""
    return score(list(_hums(CHECK_SEEDS, 0.0))).f1


def heard(samples: Mono, rate: int) -> tuple[HummedNote, ...]:
    """Return the notes of samples at any rate, by the code that runs in production."""
    resampled = soxr.resample(samples, rate, RATE).astype(np.float32)
    return listen(extract_features(resampled - np.mean(resampled)))


def _parts(note: HummedNote, onsets: np.ndarray) -> int:
    """Return how many notes are heard from a note's onset to shortly before its end."""
    return int(np.sum((onsets > note.onset - 0.07) & (onsets < note.onset + note.duration - 0.07)))


def _part(seeds: range, share: float) -> range:
    return seeds[: max(1, round(share * len(seeds)))]


def _hums(seeds: Iterable[int], snr_db: float) -> Iterator[Pair]:
    for seed in seeds:
        truth = hum(random_melody(seed), seed=seed, snr_db=snr_db)
        yield truth.notes, heard(truth.samples, truth.sample_rate)


def _takes(seeds: Iterable[int], snr_db: float) -> Iterator[tuple[Notes, Notes]]:
    for seed in seeds:
        truth = take(seed, split=Split.EXCLUDED, snr_db=snr_db)
        yield truth.notes, heard(truth.samples, truth.sample_rate)

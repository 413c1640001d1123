"""The takes that the network learns from, made by two processes and kept below build/ under a digest of their code."""

import hashlib
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from adapters.audio.analysis.features import HumFeatures, extract_features
from adapters.audio.analysis.spectrum import RATE
from domain.music.hum import HummedNote
from training.voices.take import Split, take

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "build" / "notes"
SOURCES: Final = ("training/tunes", "training/voices", "src/adapters/audio/analysis/spectrum.py")
SOURCES_OF_FEATURES: Final = ("src/adapters/audio/analysis/pitch.py", "src/adapters/audio/analysis/features.py")
SHARD: Final = 25
PROCESSES: Final = 2


class Example(NamedTuple):
    """A take as the ears get it: its features and its labels."""

    features: HumFeatures
    notes: tuple[HummedNote, ...]


class Request(NamedTuple):
    """Which takes: consecutive seeds of a split; `snr_db` None draws it at random."""

    first_seed: int
    takes: int
    split: Split
    snr_db: float | None = None


def examples(request: Request) -> list[Example]:
    """Return the takes of a request; those that are missing are made, and progress is printed."""
    folder = FOLDER / digest()
    folder.mkdir(parents=True, exist_ok=True)
    shards = [_shard(request, first) for first in range(0, request.takes, SHARD)]
    missing = [(shard, folder / _name(shard)) for shard in shards if not (folder / _name(shard)).exists()]
    begun = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(min(PROCESSES, len(missing)) or 1) as pool:
        for done, _ in enumerate(pool.imap_unordered(_make, missing), 1):
            print(f"  {done * SHARD} of {len(missing) * SHARD} takes, {time.monotonic() - begun:.0f} s", flush=True)
    return [example for shard in shards for example in _load(folder / _name(shard))]


def digest() -> str:
    """Return a short digest of the code that takes and features come from."""
    files = [file for source in SOURCES for file in sorted((ROOT / source).rglob("*.py"))]
    files += [ROOT / source for source in (*SOURCES[2:], *SOURCES_OF_FEATURES)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def make(seed: int, split: Split, snr_db: float | None = None) -> Example:
    """Return one take with its features."""
    made = take(seed, split=split, snr_db=snr_db)
    samples = soxr.resample(made.samples, made.sample_rate, RATE).astype(np.float32)
    return Example(extract_features(samples - np.mean(samples)), made.notes)


def _shard(request: Request, first: int) -> Request:
    return request._replace(first_seed=request.first_seed + first, takes=min(SHARD, request.takes - first))


def _name(shard: Request) -> str:
    return f"{shard.split.name.lower()}_{shard.first_seed}_{shard.takes}_{shard.snr_db}.npz"


def _make(job: tuple[Request, Path]) -> None:
    shard, path = job
    seeds = range(shard.first_seed, shard.first_seed + shard.takes)
    _save(path, [make(seed, shard.split, shard.snr_db) for seed in seeds])


def _save(path: Path, made: Sequence[Example]) -> None:
    arrays: dict[str, NDArray[np.float32]] = {}
    for index, example in enumerate(made):
        for name, value in example.features._asdict().items():
            arrays[f"{index}_{name}"] = np.asarray(value, dtype=np.float32)
        arrays[f"{index}_notes"] = np.array(
            [(note.onset, note.duration, note.pitch, note.loudness) for note in example.notes], dtype=np.float32
        ).reshape(-1, 4)
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, allow_pickle=False, **arrays)
    unfinished.replace(path)


def _load(path: Path) -> Iterator[Example]:
    with np.load(path) as arrays:
        for index in range(len(arrays.files) // (len(HumFeatures._fields) + 1)):
            features = HumFeatures(*(arrays[f"{index}_{name}"] for name in HumFeatures._fields))
            yield Example(features, tuple(HummedNote(*map(float, row)) for row in arrays[f"{index}_notes"]))

"""Compressor, soft clipper and true-peak limiter. Levels are measured per block, gains are interpolated linearly.

Source: Giannoulis, Massberg & Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012.
"""

from typing import Final, NamedTuple

import numpy as np
from scipy import ndimage, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Mono, Stereo
from adapters.audio.mix.loudness import BLOCK, block_peaks
from adapters.audio.side_by_side import side_by_side

_CHUNK: Final = 1 << 16  # samples: what fits in the cache
_LOOK_AHEAD_BLOCKS: Final = 5
_MAX_OVERSHOOT: Final = 1.41
_KNEE_DB: Final = 6.0
_HEARD: Final = 1e-3  # of the loudest block's energy
_SQUASHED_BELOW_DB: Final = 12.0  # the threshold of parallel compression, below the bus's level
_SQUASHED_GAIN: Final = 1.6


class Compressor(NamedTuple):
    """A compressor with a soft knee of 6 dB, its channels linked; times are in milliseconds."""

    threshold_db: float
    ratio: float
    block_ms: float
    attack_ms: float
    release_ms: float

    @property
    def block(self) -> int:
        """Samples of a block."""
        return int(SAMPLE_RATE * self.block_ms / 1000)

    def gains(self, mix: Stereo) -> Floats:
        """Return the gain at the start of each block."""
        level = 10 * np.log10(np.maximum(_block_energies(mix, self.block), 1e-12))
        over = level - self.threshold_db
        knee = np.clip(over + _KNEE_DB / 2, 0, _KNEE_DB)
        wanted = (1 - 1 / self.ratio) * (knee**2 / (2 * _KNEE_DB) + np.maximum(over - _KNEE_DB / 2, 0))
        reduction = _with_release(wanted, self.block_ms / self.release_ms)
        keep = float(np.exp(-self.block_ms / self.attack_ms))
        return np.asarray(10 ** (-signal.lfilter([1 - keep], [1, -keep], reduction) / 20))


def compress(mix: Stereo, compressor: Compressor) -> None:
    """Reduce the level above the threshold in place."""
    apply_block_gains(mix, compressor.gains(mix), compressor.block)


def compress_in_parallel(bus: Stereo) -> None:
    """Add a squashed copy to a bus in place, at equal power: what is soft comes up, and peaks stay sharp.

    Source: Izhaki, "Mixing Audio", 2017, on parallel compression of drums.
    """
    energies = _block_energies(bus, SAMPLE_RATE // 100)
    power = float(energies[energies > _HEARD * energies.max(initial=0.0)].mean()) if energies.any() else 0.0
    if not power:
        return
    threshold = 10 * np.log10(power) - _SQUASHED_BELOW_DB
    squash = Compressor(threshold_db=threshold, ratio=10, block_ms=1, attack_ms=3, release_ms=120)
    apply_block_gains(bus, 1 + _SQUASHED_GAIN * squash.gains(bus), squash.block)
    after = _block_energies(bus, SAMPLE_RATE // 100)
    bus *= np.float32(np.sqrt(energies.sum() / after.sum()))


def soft_clip(mix: Stereo, ceiling: float) -> None:
    """Clip softly (tanh) from 70 % of the ceiling on, in place."""
    knee = np.float32(0.7 * ceiling)
    span = np.float32(ceiling) - knee

    def clip(channel: Mono) -> None:
        for first in range(0, len(channel), _CHUNK):
            part = channel[first : first + _CHUNK]
            loud = np.flatnonzero(np.abs(part) > knee)
            values = part[loud]
            part[loud] = np.sign(values) * (knee + span * np.tanh((np.abs(values) - knee) / span))

    side_by_side(clip, list(mix), mix.shape[1])


def limit(mix: Stereo, ceiling: float, *, release_ms: float = 60.0) -> None:
    """Keep the true peak at or under the ceiling, in place, with 3.6 ms of look-ahead."""
    peaks = np.maximum(
        *side_by_side(lambda channel: block_peaks(channel, ceiling / _MAX_OVERSHOOT), list(mix), mix.shape[1])
    )
    wanted = 1 - np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    if not wanted.any():
        return
    reach = 2 * _LOOK_AHEAD_BLOCKS + 1
    # Two blocks wider than the average below: the ramp between blocks then stays under every block's own limit.
    held = ndimage.maximum_filter1d(wanted, reach + 2, mode="nearest")
    reduction = _with_release(held, 1000 * BLOCK / SAMPLE_RATE / release_ms)
    apply_block_gains(mix, 1 - ndimage.uniform_filter1d(reduction, reach, mode="nearest"), BLOCK)


def apply_block_gains(mix: Stereo, gains: Floats, block: int) -> None:
    """Multiply in place by gains given at the start of each block, ramping between them."""
    count = mix.shape[1] // block
    steps = np.append(gains, gains[-1]).astype(np.float32)
    ramp, blocks = np.arange(block, dtype=np.float32) / block, max(1, _CHUNK // block)

    def apply(part: tuple[int, int]) -> None:
        for first in range(*part, blocks):
            last = min(first + blocks, part[1])
            start, end = steps[first:last, None], steps[first + 1 : last + 1, None]
            mix[:, first * block : last * block] *= (start + (end - start) * ramp).reshape(-1)

    side_by_side(apply, [(0, count // 2), (count // 2, count)], mix.shape[1])
    mix[:, count * block :] *= steps[-1]


def _with_release(reduction: Floats, decay: float) -> Floats:
    """Return the reduction with an instant attack and a release of `decay` nepers per block.

    r[t] = max(w[t], r[t−1]·e^−decay) is a running maximum once the decay is divided out, so no loop is needed.
    """
    slope = np.arange(len(reduction)) * decay
    return np.asarray(np.exp(np.maximum.accumulate(np.log(np.maximum(reduction, 1e-9)) + slope) - slope))


def _block_energies(mix: Stereo, block: int) -> Floats:
    count = max(mix.shape[1] // block, 1)
    energies, step = np.empty(count), max(1, _CHUNK // block)
    for first in range(0, count, step):
        left, right = mix[:, first * block : min(first + step, count) * block]
        squares = left * left + right * right  # both channels: coherent and one-sided sounds weigh alike
        energies[first : first + step] = squares.reshape(-1, min(block, len(squares))).mean(axis=1)
    return energies

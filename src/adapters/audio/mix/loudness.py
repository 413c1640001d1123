"""Measures integrated loudness and true peak of stereo sound as broadcasters do.

Loudness is K-weighted, gated and in LUFS; true peak is in dBTP, from four-fold oversampling.

Source: ITU-R BS.1770-4; the K-weighting at other rates than 48 kHz after De Man, "Evaluation of implementations of
the EBU R128 loudness measurement", AES 145, 2018.
"""

import math
from typing import Final

import numpy as np
from scipy import ndimage, signal

from adapters.audio.arrays import Floats, Mono, Stereo, sample_peak
from adapters.audio.side_by_side import side_by_side

_OFFSET: Final = -0.691
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0
_HOPS_PER_BLOCK: Final = 4
_HOPS_PER_CHUNK: Final = 100

_PHASES: Final = np.array(
    [
        [0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
         0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500],
        [-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
         0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375],
    ],
    dtype=np.float32,
)  # fmt: skip
_INTERPOLATORS: Final = np.concatenate([_PHASES, _PHASES[::-1, ::-1]])
_TAPS: Final = _INTERPOLATORS.shape[1]
_MAX_OVERSHOOT: Final = float(np.abs(_INTERPOLATORS).sum(axis=1).max())

BLOCK: Final = 32
"""Samples per block of `block_peaks`."""


def integrated(sound: Stereo, rate: int) -> float:
    """Return the gated loudness in LUFS, −inf where nothing passes the gates (or for less than 400 ms)."""
    return gated_loudness(hop_energies(sound, rate))


def hop_energies(sound: Stereo, rate: int) -> Floats:
    """Return the K-weighted mean square of every whole 100 ms, summed over the channels (left and right weigh 1)."""
    hop = rate // 10
    count = sound.shape[1] // hop
    sos = _k_weighting(rate)

    def energies_of(channel: Mono) -> Floats:
        energies, state = np.empty(count), np.zeros((2, 2))
        for first in range(0, count, _HOPS_PER_CHUNK):  # in chunks: a song in float64 would take 127 MB
            last = min(first + _HOPS_PER_CHUNK, count)
            weighted, state = signal.sosfilt(sos, channel[first * hop : last * hop].astype(np.float64), zi=state)
            energies[first:last] = np.square(weighted).reshape(last - first, hop).mean(axis=1)
        return energies

    return np.asarray(np.sum(side_by_side(energies_of, list(sound), sound.shape[1]), axis=0))


def gated_loudness(energies: Floats) -> float:
    """Return the integrated loudness of consecutive `hop_energies`: 400 ms blocks, 75 % overlap, both gates."""
    if len(energies) < _HOPS_PER_BLOCK:
        return -math.inf
    blocks = np.convolve(energies, np.full(_HOPS_PER_BLOCK, 1 / _HOPS_PER_BLOCK), "valid")
    for gate in (_ABSOLUTE_GATE, None):
        threshold = _energy(gate) if gate is not None else blocks.mean() * 10 ** (_RELATIVE_GATE / 10)
        blocks = blocks[blocks > threshold]
        if not len(blocks):
            return -math.inf
    return _OFFSET + 10 * math.log10(blocks.mean())


def momentary(energies: Floats) -> float:
    """Return the greatest momentary loudness of consecutive `hop_energies` in LUFS: 400 ms, every 100 ms."""
    blocks = np.convolve(energies, np.full(_HOPS_PER_BLOCK, 1 / _HOPS_PER_BLOCK), "valid")
    return _OFFSET + 10 * math.log10(max(float(blocks.max()), 1e-12))


def true_peak(sound: Stereo) -> float:
    """Return the peak of the four times oversampled signal in dBTP (annex 2), −inf for silence."""
    highest = sample_peak(sound)
    if highest == 0.0:
        return -math.inf
    # Samples this far below the highest one cannot hold the true peak: no interpolator has that much gain.
    threshold = highest / _MAX_OVERSHOOT
    peaks = side_by_side(lambda channel: float(block_peaks(channel, threshold).max()), list(sound), sound.shape[1])
    return 20 * math.log10(max(peaks))


def block_peaks(channel: Mono, threshold: float) -> Mono:
    """Return the peak of every 32 samples of a channel, four times oversampled where samples reach the threshold."""
    count = -(-len(channel) // BLOCK)
    padded = np.pad(channel, (_TAPS // 2, count * BLOCK - len(channel) + _TAPS))
    blocks = padded[_TAPS // 2 : _TAPS // 2 + count * BLOCK].reshape(count, BLOCK)
    peaks = np.maximum(blocks.max(axis=1), -blocks.min(axis=1))
    loud = np.flatnonzero(ndimage.maximum_filter1d(peaks, 3) >= threshold)
    windows = np.lib.stride_tricks.sliding_window_view(padded, BLOCK + _TAPS - 1)[::BLOCK]
    for first in range(0, len(loud), _BLOCKS_PER_CHUNK):
        part = loud[first : first + _BLOCKS_PER_CHUNK]
        between = windows[part] @ _OVERSAMPLER
        peaks[part] = np.maximum(peaks[part], np.maximum(between.max(axis=1), -between.min(axis=1)))
    return np.asarray(peaks)


def _oversampler() -> Mono:
    """Return the interpolators as one matrix, from a block to the points between its samples: one product per block."""
    matrix = np.zeros((BLOCK + _TAPS - 1, BLOCK * len(_INTERPOLATORS)), dtype=np.float32)
    for phase, taps in enumerate(_INTERPOLATORS):
        for at in range(BLOCK):
            matrix[at : at + _TAPS, phase * BLOCK + at] = taps[::-1]
    return matrix


_OVERSAMPLER: Final = _oversampler()
_BLOCKS_PER_CHUNK: Final = 2048


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _k_weighting(rate: int) -> Floats:
    return np.array([_high_shelf(rate), _high_pass(rate)])


def _high_shelf(rate: int) -> list[float]:
    gain, quality, corner = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = math.tan(math.pi * corner / rate)
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / quality + k * k
    return [
        (high + band * k / quality + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / quality + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / quality + k * k) / a0,
    ]


def _high_pass(rate: int) -> list[float]:
    quality, corner = 0.5003270373238773, 38.13547087602444
    k = math.tan(math.pi * corner / rate)
    a0 = 1 + k / quality + k * k
    return [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0]

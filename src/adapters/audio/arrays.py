"""The one layout of sound in memory, and the types that all audio code shares.

Sound is float32 at full scale ±1. Mono has shape (n,). Stereo has shape (2, n), left first, each channel contiguous:
filters, resamplers and peak meters work on one channel at a time. Files have frames
first, shape (n, 2): only the lines that read or write a file transpose.
"""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soxr

SAMPLE_RATE: Final = 44_100
"""Samples per second of everything that is rendered."""

Mono = npt.NDArray[np.float32]
"""Sound of one channel, shape (n,)."""

Stereo = npt.NDArray[np.float32]
"""Sound of two channels, shape (2, n), left first."""

Floats = npt.NDArray[np.float64]
"""Numbers that are not sound: times, frequencies, levels, curves."""

Spectrogram = npt.NDArray[np.float32]
"""Values per frame and frequency bin, shape (frames, bins)."""

Spectrum = npt.NDArray[np.complex128]
"""Complex numbers: amplitudes with their phases, and what they are powers of."""

Indices = npt.NDArray[np.intp]
"""Positions in another array."""

Flags = npt.NDArray[np.bool_]
"""A truth value per frame."""


def resample(sound: Stereo, rate: int, new_rate: int) -> Stereo:
    """Return stereo sound at another sample rate (soxr, high quality), shape (2, about n · new_rate / rate)."""
    return np.stack([soxr.resample(channel, rate, new_rate) for channel in sound])


def sample_peak(sound: Stereo) -> float:
    """Return the largest absolute value, 0 for none; without a copy of the sound."""
    return max(float(sound.max(initial=0.0)), -float(sound.min(initial=0.0)))


def joined(blocks: Iterable[npt.NDArray[Any]], expected: int) -> Stereo:
    """Return stereo blocks one after the other; where they are about as long as expected, each is copied once."""
    sound, count = np.empty((2, expected), np.float32), 0
    for block in blocks:
        end = count + block.shape[1]
        if end > sound.shape[1]:
            sound = np.concatenate([sound[:, :count], np.empty((2, end), np.float32)], axis=1)
        sound[:, count:end] = block
        count = end
    return sound[:, :count]

"""What the voice does, one value per control frame: pitch, level, formants, noise."""

from typing import Final

import msgspec
import numpy as np
from scipy import signal

from adapters.audio.arrays import Floats

RATE: Final = 16_000
"""Samples per second: that of the pitch model and of wide-band telephony."""

HOP: Final = 64
CONTROL: Final = RATE / HOP
"""Control frames per second (4 ms each)."""


class Controls(msgspec.Struct, kw_only=True):
    """Curves of a voice; arrays of shape (frames,) unless stated.

    Attributes:
        pitch: MIDI number with fraction.
        level: Amplitude of the voice, 0..1.
        formants: Hz, shape (frames, 3).
        nasal: 0..1.
        hiss: Amplitude of noise from the mouth, and its band in Hz, shape (frames, 2).
        creak: 0..1, irregularity of the glottal cycles.
    """

    pitch: Floats
    level: Floats
    formants: Floats
    nasal: Floats
    hiss: Floats
    hiss_hz: Floats
    creak: Floats


def frames(seconds: float) -> int:
    """Return the control frame at a time."""
    return round(seconds * CONTROL)


def smooth(values: Floats, size: int) -> Floats:
    """Return values smoothed along the first axis by a Hann window of an odd number of frames."""
    kernel = signal.windows.hann(size + 2)[1:-1]
    kernel = kernel / kernel.sum()
    padded = np.pad(values, [(size // 2, size // 2)] + [(0, 0)] * (values.ndim - 1), "edge")
    if values.ndim == 1:
        return np.convolve(padded, kernel, "valid")
    return np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)


def slow_noise(size: int, hertz: float, rng: np.random.Generator) -> Floats:
    """Return noise below a frequency, with a standard deviation of 1."""
    step = max(1, int(CONTROL / hertz / 4))
    knots = rng.normal(0, 1, size // step + 4)
    return np.interp(np.arange(size) / step, np.arange(len(knots)), knots) * 1.2


def ramp(start: int, end: int) -> Floats:
    """Return a raised cosine from 0 to 1."""
    return (1 - np.cos(np.pi * (np.arange(start, end) - start + 0.5) / max(end - start, 1))) / 2


def amplitude(decibels: float) -> float:
    return float(10 ** (decibels / 20))

"""Makes harmonies wide: high-passed, and rotated in phase by ±60°; in mono they are 6 dB lower.

In the centre they would fuse with the lead: pitch trackers and ears take a lead and two harmonies in the ratio
3 : 4 : 5 for one voice two octaves lower.
"""

from typing import Final

import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.filters import filter_in_place
from adapters.audio.mix.effects import convolve

_LOW_CUT_HZ: Final = 500.0
_PHASE_SPREAD: Final = np.pi / 3
_REACH: Final = 511  # samples: the transformer is exact from about 130 Hz up


def widen(choir: Stereo) -> Stereo:
    """Widen harmonies in place; return them."""
    filter_in_place(choir, signal.butter(2, _LOW_CUT_HZ, "highpass", fs=SAMPLE_RATE, output="sos"))
    middle = (choir[0] + choir[1]) / 2
    rotated = convolve(middle[None], _TRANSFORMER, _REACH)[0]
    choir *= np.float32(np.cos(_PHASE_SPREAD))
    choir[0] += rotated
    choir[1] -= rotated
    return choir


def _transformer() -> Mono:
    """Return the taps of a rotation by 90°, at the level that the spread wants, shape (1, taps).

    Source: Oppenheim & Schafer, "Discrete-Time Signal Processing", on FIR Hilbert transformers.
    """
    place = np.arange(-_REACH, _REACH + 1)
    odd = place % 2 == 1
    taps = np.where(odd, 2 / (np.pi * np.where(odd, place, 1)), 0.0) * np.hamming(len(place))
    return np.asarray(taps[None] * np.sin(_PHASE_SPREAD), np.float32)


_TRANSFORMER: Final = _transformer()

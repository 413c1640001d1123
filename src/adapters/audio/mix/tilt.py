"""The balance of bass, middle and treble: a gentle equaliser that brings a mix towards its style's spectrum.

Commercial masters fall by about 5 dB per octave (power density; Pestana et al., "Spectral characteristics of popular
commercial recordings 1950–2010", AES 135, 2013). Only part of the difference is corrected, and a few decibels at most:
what remains is the arrangement's own.
"""

from typing import Final

import numpy as np
from scipy import fft, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Mono, Stereo
from adapters.audio.mix.effects import convolve
from adapters.audio.side_by_side import side_by_side

_LOWEST_HZ: Final = 50.0
_HIGHEST_HZ: Final = 14_000.0
_PER_OCTAVE: Final = 3  # bands
_CORRECTED: Final = 0.7  # share of the difference
_MOST_DB: Final = 5.0
_TAPS: Final = 2047
_NO_FILTER: Final = np.ones(1, np.float32)
_WINDOW: Final = 8192
_AT_ONCE: Final = 16  # windows: what fits in the cache
_EVERY: Final = 3  # windows of which one is measured: a spectrum of averages needs no more


def tilt(mix: Stereo, slope_db: float, highest_hz: float = _HIGHEST_HZ, filtered: Mono = _NO_FILTER) -> Stereo:
    """Return the mix nearer to a spectrum that falls by `slope_db` per octave.

    Args:
        mix: At `SAMPLE_RATE`.
        slope_db: dB per octave of power density, negative.
        highest_hz: Above it nothing is corrected by itself: a style may leave it dark.
        filtered: The response of a filter to apply in the same pass, before.
    """
    centres = _LOWEST_HZ * 2 ** (np.arange(0, np.log2(min(highest_hz, _HIGHEST_HZ) / _LOWEST_HZ), 1 / _PER_OCTAVE))
    levels = _levels(mix, centres, filtered)
    if not np.isfinite(levels).all():
        return convolve(mix, np.stack([filtered] * 2))
    wanted = slope_db * np.log2(centres / centres[0])
    wanted += np.mean(levels - wanted)
    gains = np.clip(_CORRECTED * (wanted - levels), -_MOST_DB, _MOST_DB)
    return convolve(mix, np.stack([np.convolve(_taps(centres, gains), filtered)] * 2), _TAPS // 2)


def _levels(mix: Stereo, centres: Floats, filtered: Mono) -> Floats:
    """Return the power density of the bands once the mix is filtered, dB."""
    power = np.mean(side_by_side(_power, list(mix), mix.shape[1]), axis=0)
    power *= np.abs(fft.rfft(filtered, _WINDOW)) ** 2
    frequencies, half = fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE), 2 ** (0.5 / _PER_OCTAVE)
    edges = np.searchsorted(frequencies, [(centre / half, centre * half) for centre in centres])
    means = [float(power[first : max(last, first + 1)].mean()) for first, last in edges]
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(means))


def _power(channel: Mono) -> Floats:
    """Return the mean power of each frequency."""
    windows = channel[: len(channel) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)[::_EVERY]
    if not len(windows):
        return np.zeros(_WINDOW // 2 + 1)
    window, power = np.hanning(_WINDOW).astype(np.float32), np.zeros(_WINDOW // 2 + 1)
    for first in range(0, len(windows), _AT_ONCE):
        power += np.sum(np.abs(fft.rfft(windows[first : first + _AT_ONCE] * window)) ** 2, axis=0)
    return power / len(windows)


def _taps(centres: Floats, gains: Floats) -> Mono:
    """Return a linear-phase filter with these gains."""
    smooth = np.convolve(np.pad(gains, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    nyquist = SAMPLE_RATE / 2
    frequencies = np.concatenate([[0.0], centres, [nyquist]])
    values = 10 ** (np.concatenate([smooth[:1], smooth, smooth[-1:]]) / 20)
    return np.asarray(signal.firwin2(_TAPS, frequencies, values, fs=SAMPLE_RATE), np.float32)

"""Short-time spectra of a hum and what is read from them: mel bands, harmonics, flux and level dips.

Windows of 32 ms, one per 8 ms; frame i is centred on `i * HOP` samples.
"""

from typing import Final

import numpy as np
from scipy import fft
from scipy.ndimage import maximum_filter1d

from adapters.audio.arrays import Floats, Mono, Spectrogram

RATE: Final = 16_000
"""Samples per second that SwiftF0 was trained on, and that everything here is measured at."""

HOP: Final = 128
WINDOW: Final = 512
BIN_HZ: Final = RATE / WINDOW
MEL_BANDS: Final = 32
MEL_RANGE_HZ: Final = (80.0, 7600.0)
FLUX_BANDS: Final = 40
DIP_EDGES: Final = (3, 10, 19, 32, 48, 64, 96, 128, 192)
"""First FFT bins of the bands in which dips are measured: 94, 312, 594, 1000, 1500, 2000, 3000, 4000 and 6000 Hz."""

DIP_REACH: Final = 14
"""Frames on either side among which a dip looks for its peaks."""

CLEAN_DB: Final = 35.0
"""Range below the loud bands outside which nothing counts: glottal pulses and filter ripple are no dips."""


def magnitudes(samples: Mono, count: int) -> Spectrogram:
    """Return magnitudes, shape (count, WINDOW // 2 + 1), whose squares add up to the frame's power."""
    padded = np.pad(samples.astype(np.float32, copy=False), (WINDOW // 2, WINDOW + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:count]
    window = np.hanning(WINDOW).astype(np.float32)
    scale = np.float32(np.sqrt(2 / WINDOW / np.sum(window**2)))
    return np.asarray(np.abs(fft.rfft(frames * window, axis=1)) * scale, dtype=np.float32)


def mel_levels(spectra: Spectrogram) -> Spectrogram:
    """Return the levels of `MEL_BANDS` mel bands in dB, shape (frames, bands)."""
    return np.asarray(10 * np.log10(spectra**2 @ _MEL + 1e-10), dtype=np.float32)


def harmonic_levels(spectra: Spectrogram, pitch: Floats) -> Floats:
    """Return the levels of the first, the second, and the third to fifth harmonic in dB, shape (frames, 3)."""
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    rows, last = np.arange(len(spectra)), spectra.shape[1] - 2
    powers = []
    for number in range(1, 6):
        centre = np.clip(np.round(number * hertz / BIN_HZ).astype(int), 1, last)
        powers.append(sum(spectra[rows, centre + move].astype(np.float64) ** 2 for move in (-1, 0, 1)))
    return np.asarray(10 * np.log10(np.stack([powers[0], powers[1], sum(powers[2:])], axis=1) + 1e-10))


def flux(spectra: Spectrogram) -> Floats:
    """Return the spectral flux over 24 ms in log bands, robust to vibrato (SuperFlux, Böck & Widmer, DAFx 2013).

    It is ≥ 0; 1 is the 95th percentile of this hum.
    """
    edges = np.unique(np.geomspace(3, spectra.shape[1] * 0.7, FLUX_BANDS + 1).astype(int))
    bands = np.add.reduceat(spectra, edges, axis=1) / np.diff(np.append(edges, spectra.shape[1]))
    bands = np.log1p(bands / (max(3 * np.median(spectra), 0.03 * np.percentile(spectra, 99)) + 1e-9))
    before = maximum_filter1d(bands, 3, axis=1)
    rises = np.zeros(len(bands))
    rises[2:-1] = np.maximum(bands[3:] - before[:-3], 0).sum(axis=1)
    return rises / max(float(np.percentile(rises, 95)), 1e-9)


def dips(spectra: Spectrogram) -> Floats:
    """Return how far each frame lies below the peaks within 112 ms on both sides, dB, weighted to strong bands."""
    bands = 10 * np.log10(np.add.reduceat(spectra**2, DIP_EDGES, axis=1) + 1e-12)
    floor = np.maximum(np.percentile(bands, 10, axis=0) + 3, np.percentile(bands, 95) - CLEAN_DB)
    audible = np.maximum(bands, floor)
    depth = np.minimum(_peak_before(audible), _peak_before(audible[::-1])[::-1]) - audible
    weights = np.maximum(np.percentile(bands, 75, axis=0) - floor, 0)
    return np.asarray(depth @ weights / max(float(weights.sum()), 1e-9))


def _peak_before(bands: Floats) -> Floats:
    """Return the maximum of each frame and the `DIP_REACH` frames before it."""
    size = DIP_REACH + 1
    return np.asarray(maximum_filter1d(bands, size, axis=0, origin=size // 2 - (size + 1) % 2, mode="nearest"))


def _mel_filters() -> Spectrogram:
    """Return triangles of the mel scale of O'Shaughnessy (1987), each of sum 1; shape (bins, bands)."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in MEL_RANGE_HZ)
    edges = 700 * (10 ** (np.linspace(low, high, MEL_BANDS + 2) / 2595) - 1)
    bins = np.arange(WINDOW // 2 + 1) * BIN_HZ
    rise = (bins[:, None] - edges[:-2]) / np.maximum(np.diff(edges)[:-1], BIN_HZ)
    fall = (edges[2:] - bins[:, None]) / np.maximum(np.diff(edges)[1:], BIN_HZ)
    triangles = np.maximum(np.minimum(rise, fall), 0)
    return np.asarray(triangles / triangles.sum(axis=0), dtype=np.float32)


_MEL: Final = _mel_filters()

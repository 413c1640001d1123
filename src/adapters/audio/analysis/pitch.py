"""Features of a hum, one frame per 8 ms: pitch, confidence, level, spectral flux and level dips.

Pitch and confidence come from SwiftF0 (Nieradzik, "SwiftF0: fast and accurate monophonic pitch detection", 2025), a
small convolutional network. Frame i is centred on `i * STEP` seconds, as in librosa and mir_eval.
"""

import os
from functools import cache
from typing import Final, NamedTuple

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # since 1.29 it reports models and machine to Microsoft unless told not to

import numpy as np
import swift_f0
from scipy.ndimage import maximum_filter1d

from adapters.audio.arrays import Floats, Mono

RATE: Final = 16_000
"""Samples per second that the pitch model was trained on."""

HOP: Final = 128
STEP: Final = HOP / RATE
LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 2000.0
"""From the lowest hum of a bass to the top of a whistle."""

WINDOW: Final = 512
FLUX_BANDS: Final = 40
DIP_EDGES: Final = (3, 10, 19, 32, 48, 64, 96, 128, 192)
"""First FFT bins of the bands in which dips are measured: 94, 312, 594, 1000, 1500, 2000, 3000, 4000 and 6000 Hz."""

DIP_REACH: Final = 14
"""Frames on either side among which a dip looks for its peaks."""

CLEAN_DB: Final = 35.0
"""Range below the loud bands outside which nothing counts: glottal pulses and filter ripple are no dips."""


class HumFeatures(NamedTuple):
    """The features of a hum over time; every array has shape (frames,), frame i is centred on `i * STEP` seconds.

    Attributes:
        pitch: MIDI number with fraction.
        confidence: 0..1; voiced from 0.5.
        level: dBFS of the 32 ms around the frame.
        flux: Spectral change, ≥ 0; 1 is the 95th percentile of this hum.
        dip: How far the frame lies below the peaks within 112 ms on both sides, dB, weighted towards strong bands.
    """

    pitch: Floats
    confidence: Floats
    level: Floats
    flux: Floats
    dip: Floats


@cache
def detector() -> swift_f0.SwiftF0:
    """Return the model of this process; single-threaded, because several processes share the cores."""
    return swift_f0.SwiftF0(threads=1, spin=False)


def warm_up() -> None:
    """Load the model and run it once; about 0.2 s, once per process."""
    extract_features(np.sin(np.arange(RATE // 2) * 0.17).astype(np.float32))


def extract_features(samples: Mono) -> HumFeatures:
    """Return the features of mono samples at `RATE`.

    The model returns a frame every 16 ms; the frames between are interpolated (running it again half a frame later
    took twice the time and found no better notes). Samples are scaled to a common peak first, because the model takes
    quiet recordings for silence.
    """
    peak = max(float(np.max(np.abs(samples))), 1e-9)
    scaled = samples * np.float32(0.5 / peak)
    frames = detector().detect(scaled, RATE, LOWEST_HZ, HIGHEST_HZ)
    count = 2 * len(frames.pitch_hz)
    between, known = np.arange(count) / 2, np.arange(count // 2)
    spectra = _spectra(scaled, count)
    level = 10 * np.log10(np.sum(spectra**2, axis=1) + 1e-12) + 20 * np.log10(peak / 0.5)
    return HumFeatures(
        pitch=np.interp(between, known, 69 + 12 * np.log2(frames.pitch_hz / 440)),
        confidence=np.clip(np.interp(between, known, frames.confidence), 0, 1),
        level=level,
        flux=_flux(spectra),
        dip=_dips(spectra),
    )


def _spectra(samples: Mono, count: int) -> Floats:
    """Return magnitudes, shape (count, WINDOW // 2 + 1), whose squares add up to the frame's power."""
    padded = np.pad(samples, (WINDOW // 2, WINDOW + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:count]
    window = np.hanning(WINDOW).astype(np.float32)
    scale = np.sqrt(2 / WINDOW / np.sum(window**2))
    return np.asarray(np.abs(np.fft.rfft(frames * window, axis=1)) * scale, dtype=np.float64)


def _flux(spectra: Floats) -> Floats:
    """Return the spectral flux over 24 ms in log bands, robust to vibrato (SuperFlux, Böck & Widmer, DAFx 2013)."""
    edges = np.unique(np.geomspace(3, spectra.shape[1] * 0.7, FLUX_BANDS + 1).astype(int))
    bands = np.add.reduceat(spectra, edges, axis=1) / np.diff(np.append(edges, spectra.shape[1]))
    bands = np.log1p(bands / (max(3 * np.median(spectra), 0.03 * np.percentile(spectra, 99)) + 1e-9))
    before = maximum_filter1d(bands, 3, axis=1)
    flux = np.zeros(len(bands))
    flux[2:-1] = np.maximum(bands[3:] - before[:-3], 0).sum(axis=1)
    return flux / max(float(np.percentile(flux, 95)), 1e-9)


def _dips(spectra: Floats) -> Floats:
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

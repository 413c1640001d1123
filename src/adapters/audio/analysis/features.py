"""Features of a hum, one frame per 8 ms, and the matrix in which the note model reads them."""

from typing import Final, NamedTuple

import numpy as np
from scipy.ndimage import median_filter

from adapters.audio.analysis import spectrum
from adapters.audio.analysis.pitch import Frames, frames_of, track_pitch
from adapters.audio.analysis.spectrum import HOP, MEL_BANDS
from adapters.audio.arrays import Floats, Mono, Spectrogram

MEDIAN_FRAMES: Final = 151
"""Frames of the running median that pitch is compared with: 1.2 s."""

PITCH_COLUMNS: Final = slice(0, 4)
CONFIDENCE_COLUMN: Final = 4
LEVEL_COLUMNS: Final = slice(5, 9)
"""Level, and those of harmonics: 20 dB are 1."""

BAND_COLUMNS: Final = slice(13, 13 + MEL_BANDS)
COLUMNS: Final = BAND_COLUMNS.stop
"""Features of a frame that the note model reads."""

FEATURES_VERSION: Final = 1
"""Raised with every change to the meaning of a column; the note model carries the version that it was trained on."""


class HumFeatures(NamedTuple):
    """The features of a hum over time; arrays of shape (frames,) but for the last two.

    Frame i is centred on `i * STEP` seconds.

    Attributes:
        pitch: MIDI number with fraction.
        confidence: 0..1; voiced from 0.5.
        level: dBFS of the 32 ms around the frame.
        flux: Spectral change, ≥ 0; 1 is the 95th percentile of this hum.
        dip: How far the frame lies below the peaks within 112 ms on both sides, dB, weighted towards strong bands.
        harmonics: Levels of the first, the second and the third to fifth harmonic, dB, shape (frames, 3).
        bands: Levels of mel bands, dB, shape (frames, MEL_BANDS).
    """

    pitch: Floats
    confidence: Floats
    level: Floats
    flux: Floats
    dip: Floats
    harmonics: Floats
    bands: Spectrogram


def extract_features(samples: Mono, frames: Frames | None = None) -> HumFeatures:
    """Return the features of mono samples at `RATE`, scaled to a common peak; `frames` are those of `frames_of`."""
    peak = max(float(np.max(np.abs(samples))), 1e-9)
    scaled = samples * np.float32(0.5 / peak)
    spectra = spectrum.magnitudes(scaled, 2 * max(1, len(samples) // (2 * HOP)))
    track = track_pitch(frames or frames_of(samples), spectra)
    gain = 20 * np.log10(peak / 0.5)
    return HumFeatures(
        pitch=track.pitch,
        confidence=track.confidence,
        level=10 * np.log10(np.sum(spectra**2, axis=1, dtype=np.float64) + 1e-12) + gain,
        flux=spectrum.flux(spectra),
        dip=spectrum.dips(spectra),
        harmonics=spectrum.harmonic_levels(spectra, track.pitch) + gain,
        bands=spectrum.mel_levels(spectra) + np.float32(gain),
    )


def model_inputs(features: HumFeatures) -> Spectrogram:
    """Return what the note model reads, shape (frames, COLUMNS); nothing in it depends on gain or equalisation.

    Columns: pitch minus its running median, pitch differences over 16, 40 and 80 ms, confidence, level, levels of
    harmonics, flux, dip, register, distance of the noise floor, mel bands.
    """
    voiced = features.confidence >= 0.5
    pitch = _fill_gaps(features.pitch, voiced)
    loud, floor = np.percentile(features.level, [95, 5])
    columns = [
        np.clip(pitch - median_filter(pitch, MEDIAN_FRAMES, mode="nearest"), -8, 8) / 3,
        *(np.clip(_difference(pitch, before, after), -3, 3) for before, after in ((1, 1), (2, 3), (5, 5))),
        features.confidence,
        np.maximum(features.level - loud, -60) / 20,
        *(np.clip(features.harmonics - loud, -60, None) / 20).T,
        np.minimum(features.flux, 4),
        features.dip / 10,
        np.full(len(pitch), (np.median(pitch) - 57) / 12),
        np.full(len(pitch), np.clip(loud - floor, 0, 60) / 20),
    ]
    bands = np.maximum(features.bands - np.percentile(features.bands, 90, axis=0), -50) / 20
    return np.concatenate([np.stack(columns, axis=1), bands], axis=1).astype(np.float32)


def _fill_gaps(pitch: Floats, voiced: np.ndarray) -> Floats:
    """Return the pitch with straight lines where nothing is voiced."""
    frames = np.flatnonzero(voiced)
    return np.interp(np.arange(len(pitch)), frames, pitch[frames]) if len(frames) else np.full(len(pitch), 57.0)


def _difference(pitch: Floats, before: int, after: int) -> Floats:
    padded = np.pad(pitch, (before, after), mode="edge")
    return np.asarray(padded[before + after :] - padded[: len(pitch)])

"""Balances the voice against the band: the band is ducked while the voice sings, the voice brought just above it.

Levels are compared between 200 and 4000 Hz, where a voice has its formants and where music masks it.
"""

from typing import Final

import numpy as np
import soxr
from scipy import ndimage, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.mix import dynamics
from adapters.audio.side_by_side import side_by_side

VOICE_OVER_BAND_DB: Final = 2.0
"""Level of the voice over the ducked band, 200–4000 Hz, while it sings."""

_DUCK_DB: Final = 2.0
_MAX_LIFT_DB: Final = 24.0
_ANALYSIS_RATE: Final = 11025
_HOPS_PER_SECOND: Final = 20
_ACTIVITY_DB: Final = -26.0
_SILENCE: Final = 1e-9


def mix_stems(vocals: Stereo, band: Stereo) -> Stereo:
    """Return the sum of the stems, as long as the longer one. Both arrays may be modified."""
    size = max(vocals.shape[1], band.shape[1])
    vocals, band = _padded(vocals, size), _padded(band, size)
    voice_energy, band_energy = side_by_side(vocal_band_energy, [vocals, band], size)
    singing = voice_energy > max(voice_energy.max(initial=0.0) * 10 ** (_ACTIVITY_DB / 10), _SILENCE)
    if not singing.any():
        return band
    activity = ndimage.gaussian_filter1d(ndimage.maximum_filter1d(singing.astype(float), 5), 2)
    dynamics.apply_block_gains(band, 10 ** (-_DUCK_DB * activity / 20), SAMPLE_RATE // _HOPS_PER_SECOND)
    ducked = band_energy[singing].mean() * 10 ** (-_DUCK_DB / 10)
    if ducked > _SILENCE:
        lift = VOICE_OVER_BAND_DB - 10 * np.log10(voice_energy[singing].mean() / ducked)
        vocals *= np.float32(10 ** (np.clip(lift, -_MAX_LIFT_DB, _MAX_LIFT_DB) / 20))
    band += vocals
    return band


def _padded(stem: Stereo, size: int) -> Stereo:
    missing = size - stem.shape[1]
    return np.pad(stem, ((0, 0), (0, missing))) if missing else stem


def vocal_band_energy(stem: Stereo) -> Floats:
    """Return the mean square between 200 and 4000 Hz of every 50 ms."""
    middle = (stem[0] + stem[1]) / 2  # np.mean over an axis of length two takes twenty times as long
    slow = soxr.resample(middle, SAMPLE_RATE, _ANALYSIS_RATE, quality="LQ")
    band = signal.butter(2, [200, 4000], "band", fs=_ANALYSIS_RATE, output="sos")
    filtered = signal.sosfilt(band, slow)
    hops = stem.shape[1] // (SAMPLE_RATE // _HOPS_PER_SECOND)
    edges = np.linspace(0, len(filtered), hops + 1)[:-1].astype(int)
    return np.asarray(np.add.reduceat(np.square(filtered), edges) / (_ANALYSIS_RATE / _HOPS_PER_SECOND))

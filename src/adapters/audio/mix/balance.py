"""Voice and band: the voice a little above, the band a little lower while it sings."""

from typing import Final

import numpy as np
import soxr
from scipy import ndimage, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.mix import dynamics

ABOVE_DB: Final = 2.0
"""The voice over the band, 200–4000 Hz, while it sings."""

_DUCK_DB: Final = 2.0
_MOST_LIFT_DB: Final = 24.0
_INNER_RATE: Final = 11025
_HOPS_PER_SECOND: Final = 20
_REST_DB: Final = -26.0
_SILENCE: Final = 1e-9


def mixed(vocals: Stereo, band: Stereo) -> Stereo:
    """Return the sum of the stems, as long as the longer one. Both may be changed."""
    size = max(vocals.shape[1], band.shape[1])
    vocals, band = _lengthened(vocals, size), _lengthened(band, size)
    sung, played = presence(vocals), presence(band)
    singing = sung > max(sung.max(initial=0.0) * 10 ** (_REST_DB / 10), _SILENCE)
    if not singing.any():
        return band
    activity = ndimage.gaussian_filter1d(ndimage.maximum_filter1d(singing.astype(float), 5), 2)
    dynamics.apply(band, 10 ** (-_DUCK_DB * activity / 20), SAMPLE_RATE // _HOPS_PER_SECOND)
    behind = played[singing].mean() * 10 ** (-_DUCK_DB / 10)
    if behind > _SILENCE:
        lift = ABOVE_DB - 10 * np.log10(sung[singing].mean() / behind)
        vocals *= np.float32(10 ** (np.clip(lift, -_MOST_LIFT_DB, _MOST_LIFT_DB) / 20))
    band += vocals
    return band


def _lengthened(stem: Stereo, size: int) -> Stereo:
    missing = size - stem.shape[1]
    return np.pad(stem, ((0, 0), (0, missing))) if missing else stem


def presence(stem: Stereo) -> Floats:
    """Return the energy between 200 and 4000 Hz of every 50 ms."""
    middle = (stem[0] + stem[1]) / 2  # a reduction along an axis of two takes numpy twenty times as long
    slow = soxr.resample(middle, SAMPLE_RATE, _INNER_RATE, quality="LQ")
    band = signal.butter(2, [200, 4000], "band", fs=_INNER_RATE, output="sos")
    heard = signal.sosfilt(band, slow)
    hops = stem.shape[1] // (SAMPLE_RATE // _HOPS_PER_SECOND)
    edges = np.linspace(0, len(heard), hops + 1)[:-1].astype(int)
    return np.asarray(np.add.reduceat(np.square(heard), edges) / (_INNER_RATE / _HOPS_PER_SECOND))

"""Cleans a phone recording of a voice: high-pass, noise reduction, de-esser, equaliser and compressor.

Noise is reduced by a Wiener gain per short-time spectral bin, with an a-priori signal-to-noise ratio smoothed over
time and frequency (Ephraim & Malah, IEEE Trans. ASSP 32(6), 1984) and a floor of −18 dB: total silence between phrases
sounds unnatural.
"""

from typing import Final

import numpy as np
from scipy import fft, ndimage, signal

from adapters.audio.arrays import Mono, Spectrogram

_WINDOW: Final = 2048
_HOP: Final = 512
_FLOOR_DB: Final = -18.0
_OVERSUBTRACTION: Final = 3.0
_LEVEL_DB: Final = -20.0


def clean(recording: Mono, rate: int) -> Mono:
    """Return the recording without noise, gently equalised and compressed, its louder parts at −20 dBFS RMS."""
    high_pass = signal.butter(3, 75, "highpass", fs=rate, output="sos")
    voice = signal.sosfilt(high_pass, recording).astype(np.float32)
    return _compress(_denoise(voice, rate), rate)


def _denoise(voice: Mono, rate: int) -> Mono:
    """Apply Wiener filter, de-esser and equaliser in one short-time Fourier pass."""
    window = np.sqrt(signal.windows.hann(_WINDOW, sym=False)).astype(np.float32)
    padded = np.pad(voice, (_WINDOW, _WINDOW + _HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    spectra = fft.rfft(frames * window)
    power = np.square(spectra.real) + np.square(spectra.imag)
    spectra *= _wiener_gains(power)
    spectra *= _equalizer_gains(power, rate)
    out = np.zeros(len(padded), dtype=np.float32)
    _overlap_add(out, fft.irfft(spectra) * window)
    return out[_WINDOW : _WINDOW + len(voice)] * np.float32(2 * _HOP / _WINDOW)


def _overlap_add(out: Mono, frames: Mono) -> None:
    step = _WINDOW // _HOP
    for shift in range(step):
        rows = frames[shift::step]
        out[shift * _HOP : shift * _HOP + rows.size] += rows.ravel()


def _wiener_gains(power: Spectrogram) -> Spectrogram:
    smooth = ndimage.uniform_filter(power, (5, 3), mode="nearest")
    noise = _noise_profile(power, smooth)
    wanted = np.maximum(1 - _OVERSUBTRACTION * noise / np.maximum(smooth, 1e-20), 0)
    gains = np.maximum(wanted, 10 ** (_FLOOR_DB / 20))
    # Isolated bins that open and close are active as musical noise.
    return np.asarray(ndimage.uniform_filter(gains, (3, 3), mode="nearest"), dtype=np.float32)


def _noise_profile(power: Spectrogram, smooth: Spectrogram) -> Spectrogram:
    """Return the noise power per bin: the mean of the quietest 10 % of frames, limited by each bin's lower quartile."""
    loudness = smooth.sum(axis=1)
    source_times = np.flatnonzero(loudness > loudness.max() * 1e-9)  # digital silence does not represent the room
    if not len(source_times):
        return np.zeros(power.shape[1], dtype=np.float32)
    quietest = source_times[np.argsort(loudness[source_times])[: max(4, len(source_times) // 10)]]
    by_frame = power[quietest].mean(axis=0)
    by_bin = 1.6 * np.quantile(smooth[source_times[:: max(1, len(source_times) // 400)]], 0.25, axis=0)
    return np.asarray(np.minimum(by_frame, by_bin), dtype=np.float32)


def _equalizer_gains(power: Spectrogram, rate: int) -> Spectrogram:
    """Return gains: −1.5 dB at 300 Hz, +3 dB at 3.5 kHz, +2 dB at 11 kHz; up to −6 dB at 5–9 kHz in sibilant frames."""
    hertz = fft.rfftfreq(_WINDOW, 1 / rate)
    octaves = np.log2(np.maximum(hertz, 20) / np.array([[300.0], [3500.0], [11000.0]]))
    bells = np.exp(-((octaves / np.array([[0.7], [0.8], [0.9]])) ** 2))
    curve = 10 ** ((np.array([-1.5, 3.0, 2.0]) @ bells) / 20)
    hiss = (hertz > 5000) & (hertz < 9000)
    share = power[:, hiss].sum(axis=1) / np.maximum(power[:, hertz > 100].sum(axis=1), 1e-20)
    sibilance = np.interp(ndimage.uniform_filter1d(share, 3), [0.2, 0.6], [1.0, 0.5])
    return np.asarray(np.where(hiss, sibilance[:, None], 1.0) * curve, dtype=np.float32)


def _compress(voice: Mono, rate: int) -> Mono:
    """Compress 2.5 : 1 from 10 dB below the level of the louder parts, by a 40 ms envelope."""
    block = rate // 200
    count = -(-len(voice) // block)
    energy = np.square(np.pad(voice, (0, count * block - len(voice)))).reshape(count, block).mean(axis=1)
    level = 10 * np.log10(np.maximum(ndimage.gaussian_filter1d(energy, 4), 1e-12))
    loud = level[level > level.max() - 25]
    usual = float(10 * np.log10(np.mean(10 ** (loud / 10))))
    over = np.maximum(level - (usual - 10), 0)
    gain = _LEVEL_DB - usual - over * (1 - 1 / 2.5) + 10 * (1 - 1 / 2.5)
    at = (np.arange(len(voice)) + 0.5) / block - 0.5
    return np.asarray(voice * 10 ** (np.interp(at, np.arange(count), gain) / 20), dtype=np.float32)

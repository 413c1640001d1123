"""From a phone's recording to a studio voice: noise, boom and hiss go, breath and air stay."""

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
    """Short-time Wiener filter (Ephraim & Malah's a-priori idea in its smoothed form), de-esser and EQ in one pass."""
    window = np.sqrt(signal.windows.hann(_WINDOW, sym=False)).astype(np.float32)
    padded = np.pad(voice, (_WINDOW, _WINDOW + _HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    spectra = fft.rfft(frames * window)
    power = np.square(spectra.real) + np.square(spectra.imag)
    spectra *= _wiener_gains(power)
    spectra *= _tone(power, rate)
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
    # Single bins that open and close are heard as musical noise.
    return np.asarray(ndimage.uniform_filter(gains, (3, 3), mode="nearest"), dtype=np.float32)


def _noise_profile(power: Spectrogram, smooth: Spectrogram) -> Spectrogram:
    """Return the noise per bin: the quietest tenth of the frames, never more than each bin's own quiet quarter."""
    loudness = smooth.sum(axis=1)
    heard = np.flatnonzero(loudness > loudness.max() * 1e-9)  # digital silence says nothing about the room
    if not len(heard):
        return np.zeros(power.shape[1], dtype=np.float32)
    quietest = heard[np.argsort(loudness[heard])[: max(4, len(heard) // 10)]]
    by_frame = power[quietest].mean(axis=0)
    by_bin = 1.6 * np.quantile(smooth[heard[:: max(1, len(heard) // 400)]], 0.25, axis=0)
    return np.asarray(np.minimum(by_frame, by_bin), dtype=np.float32)


def _tone(power: Spectrogram, rate: int) -> Spectrogram:
    """Less mud at 300 Hz, more presence at 3.5 kHz, some air; up to 6 dB less of 5–9 kHz where it rules a frame."""
    hertz = fft.rfftfreq(_WINDOW, 1 / rate)
    octaves = np.log2(np.maximum(hertz, 20) / np.array([[300.0], [3500.0], [11000.0]]))
    bells = np.exp(-((octaves / np.array([[0.7], [0.8], [0.9]])) ** 2))
    curve = 10 ** ((np.array([-1.5, 3.0, 2.0]) @ bells) / 20)
    hiss = (hertz > 5000) & (hertz < 9000)
    share = power[:, hiss].sum(axis=1) / np.maximum(power[:, hertz > 100].sum(axis=1), 1e-20)
    ess = np.interp(ndimage.uniform_filter1d(share, 3), [0.2, 0.6], [1.0, 0.5])
    return np.asarray(np.where(hiss, ess[:, None], 1.0) * curve, dtype=np.float32)


def _compress(voice: Mono, rate: int) -> Mono:
    """Even the level out, 2.5 : 1 above −10 dB re the louder parts' level, by a 40 ms envelope."""
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

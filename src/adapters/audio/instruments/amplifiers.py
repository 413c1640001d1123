"""Guitar amplifiers: what a whole part goes through, so that the notes of a chord distort each other.

The valve is tanh, slightly asymmetric. What it makes above 22 kHz would come back as tones between the harmonics, so it
is computed with antiderivative anti-aliasing: the mean of tanh between two samples is exact (Parker, Zavalishin & Le
Bivic, "Reducing the aliasing of nonlinear waveshaping using continuous-time convolution", DAFx 2016). The loudspeaker
cabinet passes about 90 Hz to 5 kHz (Pakarinen & Yeh, Computer Music Journal 33, 2009), and so hides the rest.
"""

import functools

import msgspec
import numpy as np
from scipy import fft, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Mono, Stereo
from adapters.audio.instruments.signals import butterworth_sos

_ASYMMETRY = 0.18
_CHUNK = 1 << 15
_TAPS = 1 << 10
_LEAST_STEP = 1e-3
"""Between samples that are closer, the difference quotient would be inexact."""

_SILENCE = 256
"""Samples of digital silence in which the noise gate closes, over the last `_CLOSING` samples before them."""

_CLOSING = 200


class Amplifier(msgspec.Struct, frozen=True, kw_only=True):
    """An amplifier and its cabinet.

    Attributes:
        gain: Into the valve, for a part at its calibrated level.
        tight_hz: High-pass before the valve: chords of low notes stay clear.
        cabinet_hz: Low-pass of the loudspeaker.
        bite: Height of its resonance at 2.5 kHz.
    """

    gain: float
    tight_hz: float = 120.0
    cabinet_hz: float = 4800.0
    bite: float = 1.0

    def __call__(self, sound: Stereo) -> Stereo:
        """Return the part through the amplifier, alike in both channels; it is silent where the part is."""
        dry = (sound[0] + sound[1]) * np.float32(0.5 * self.gain)
        played = np.zeros_like(dry)
        for first, last in _sounding(dry):
            tight = signal.sosfilt(butterworth_sos(2, self.tight_hz, "highpass"), dry[first:last])
            played[first:last] = _through_cabinet(_valve(tight), _cabinet(self.cabinet_hz, self.bite))
            tail = played[max(first, last - _CLOSING) : last]
            tail *= np.linspace(1, 0, len(tail), dtype=np.float32)
        return np.stack([played, played])


def _sounding(dry: Mono) -> list[tuple[int, int]]:
    """Return the stretches without digital silence of more than `_SILENCE` samples: first, and one past the last."""
    heard = np.flatnonzero(dry)
    gaps = np.flatnonzero(np.diff(heard) > _SILENCE)
    firsts, lasts = np.concatenate([heard[:1], heard[gaps + 1]]), np.concatenate([heard[gaps], heard[-1:]])
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]


def _valve(wave: Mono) -> Mono:
    """Return the mean of tanh between each sample and the one before."""
    out = np.empty_like(wave)
    before, under = _ASYMMETRY, _log_cosh(np.array([_ASYMMETRY]))
    for start in range(0, len(wave), _CHUNK):
        now = wave[start : start + _CHUNK].astype(np.float64) + _ASYMMETRY
        area = np.concatenate([under, _log_cosh(now)])
        step = np.diff(now, prepend=before)
        small = np.abs(step) < _LEAST_STEP
        mean = np.diff(area) / np.where(small, 1.0, step)
        mean[small] = np.tanh(now[small] - step[small] / 2)
        out[start : start + _CHUNK] = mean - np.tanh(_ASYMMETRY)
        before, under = now[-1], area[-1:]
    return out


def _log_cosh(values: Floats) -> Floats:
    """Return the antiderivative of tanh."""
    size = np.abs(values)
    return np.asarray(size + np.log1p(np.exp(-2 * size)))


@functools.lru_cache(maxsize=8)
def _cabinet(cabinet_hz: float, bite: float) -> Mono:
    """Return the impulse response of a loudspeaker in its cabinet."""
    impulse = np.zeros(_TAPS)
    impulse[0] = 1.0
    sections = [signal.tf2sos(*_peak(2500.0, 1.0 + bite)), butterworth_sos(2, 85, "highpass")]
    response = signal.sosfilt(np.concatenate([*sections, butterworth_sos(4, cabinet_hz, "lowpass")]), impulse)
    return np.asarray(response * np.hanning(2 * _TAPS)[_TAPS:], np.float32)


def _peak(hertz: float, gain: float) -> tuple[Floats, Floats]:
    """Return a peaking filter an octave wide (Bristow-Johnson, "Audio EQ Cookbook")."""
    turn, root = 2 * np.pi * hertz / SAMPLE_RATE, np.sqrt(gain)
    width = np.sin(turn) / (2 * np.sqrt(2))
    ahead = np.array([1 + width * root, -2 * np.cos(turn), 1 - width * root])
    back = np.array([1 + width / root, -2 * np.cos(turn), 1 - width / root])
    return ahead, back


def _through_cabinet(wave: Mono, response: Mono) -> Mono:
    """Return the wave convolved with a response, as long as the wave; by overlap-add."""
    size = _CHUNK + _TAPS
    kernel, out = fft.rfft(response, size), np.zeros(len(wave) + size, np.float32)
    for start in range(0, len(wave), _CHUNK):
        out[start : start + size] += fft.irfft(fft.rfft(wave[start : start + _CHUNK], size) * kernel, size)
    return out[: len(wave)]

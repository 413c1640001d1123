"""Guitar amplifiers: what a whole part goes through, so that the notes of a chord distort each other.

The valve is tanh, slightly asymmetric. What it makes above 22 kHz would come back as tones between the harmonics, so it
is computed with antiderivative anti-aliasing: the mean of tanh between two samples is exact (Parker, Zavalishin & Le
Bivic, "Reducing the aliasing of nonlinear waveshaping using continuous-time convolution", DAFx 2016). The loudspeaker
cabinet passes about 90 Hz to 5 kHz (Pakarinen & Yeh, Computer Music Journal 33, 2009), and so hides the rest.
"""

import functools

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import fft, signal

from adapters.audio.arrays import SAMPLE_RATE, Flags, Floats, Mono
from adapters.audio.instruments.signals import butterworth_sos

Kernel = npt.NDArray[np.complex64]

_ASYMMETRY = 0.18
_CHUNK = 1 << 15
_TAPS = 1 << 10
_LEAST_STEP = 1e-3
"""Between samples that are closer, the difference quotient would be inexact."""

_SILENCE = 256
"""Samples of a block; the noise gate closes before one of digital silence, over its last `_CLOSING` samples."""

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

    def __call__(self, sound: Mono) -> Mono:
        """Send a part through the amplifier in place; return it. It stays silent where it is."""
        for first, last in _sounding(sound):
            self._play(sound[first:last])
            tail = sound[max(first, last - _CLOSING) : last]
            tail *= np.linspace(1, 0, len(tail), dtype=np.float32)
        return sound

    def _play(self, wave: Mono) -> None:
        """Amplify a stretch in place, a chunk at a time; the cabinet's echo of a chunk is added to the next one."""
        chunk = min(_CHUNK, 1 << len(wave).bit_length())
        size, tight = chunk + _TAPS, butterworth_sos(2, self.tight_hz, "highpass")
        kernel, filtered = _cabinet_spectrum(self.cabinet_hz, self.bite, size), np.zeros((1, 2), np.float32)
        before, echo = _ASYMMETRY, np.zeros(_TAPS, np.float32)
        for start in range(0, len(wave), chunk):
            part = wave[start : start + chunk]
            string, filtered = signal.sosfilt(tight, part * np.float32(self.gain), zi=filtered)
            driven, before = _valve(string, before)
            played = fft.irfft(fft.rfft(driven, size) * kernel, size)
            played[:_TAPS] += echo
            part[:], echo = played[: len(part)], played[chunk:]


def _sounding(sound: Mono) -> list[tuple[int, int]]:
    """Return the stretches between blocks of digital silence: first, and one past the last sample that is heard."""
    heard = sound != 0
    ends = len(sound) // _SILENCE * _SILENCE
    blocks = np.append(heard[:ends].reshape(-1, _SILENCE).any(axis=1), heard[ends:].any())
    edges = np.flatnonzero(np.diff(blocks, prepend=False, append=False)).reshape(-1, 2) * _SILENCE
    return [(int(first + heard[first:].argmax()), _end(heard[first:last], int(first))) for first, last in edges]


def _end(heard: Flags, first: int) -> int:
    """Return one past the last sample that is heard in a stretch that begins at `first`."""
    return first + len(heard) - int(heard[::-1].argmax())


def _valve(wave: Mono, before: float) -> tuple[Mono, float]:
    """Return the mean of tanh between each sample and the one before, and the last input; `before` is the first."""
    now = wave.astype(np.float64) + _ASYMMETRY
    step = np.diff(now, prepend=before)
    small = np.abs(step) < _LEAST_STEP
    mean = np.diff(_log_cosh(np.append(before, now))) / np.where(small, 1.0, step)
    mean[small] = np.tanh(now[small] - step[small] / 2)
    return np.asarray(mean - np.tanh(_ASYMMETRY), np.float32), float(now[-1])


def _log_cosh(values: Floats) -> Floats:
    """Return the antiderivative of tanh."""
    size = np.abs(values)
    return np.asarray(size + np.log1p(np.exp(-2 * size)))


@functools.lru_cache(maxsize=16)
def _cabinet_spectrum(cabinet_hz: float, bite: float, size: int) -> Kernel:
    """Return the spectrum of a loudspeaker in its cabinet, of a transform of `size` samples."""
    return np.asarray(fft.rfft(_cabinet(cabinet_hz, bite), size), np.complex64)


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

"""Synthesis primitives: band-limited wavetables, sums of decaying sines, noise, and control-rate curves.

No partial above `CEILING_HZ`, the end of hearing, is ever generated, so nothing aliases.
"""

import functools
from typing import Final

import numpy as np
from scipy import fft, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Indices, Mono, Stereo

CEILING_HZ: Final = 20_000.0
CONTROL_BLOCK: Final = 64
"""Samples per control period: slow curves (vibrato, brightness) are computed once per block."""

_TABLE_BITS: Final = 14
_LOOP_BITS: Final = 16
_LN_1000: Final = float(np.log(1000.0))


def to_samples(seconds: float) -> int:
    """Return the number of samples of a duration."""
    return round(seconds * SAMPLE_RATE)


def db_to_gain(decibels: float) -> float:
    """Return a gain in decibels as a factor on amplitudes."""
    return float(10.0 ** (decibels / 20.0))


def pan_gains(pan: float) -> tuple[float, float]:
    """Return the left and right gains of the constant-power pan law, 1 and 1 in the centre."""
    angle = (np.clip(pan, -1.0, 1.0) + 1.0) * np.pi / 4
    return float(np.sqrt(2) * np.cos(angle)), float(np.sqrt(2) * np.sin(angle))


def harmonic_frequencies(fundamental: float) -> Floats:
    """Return the frequencies of all harmonics below the ceiling in Hz; at least the fundamental."""
    return np.asarray(fundamental * np.arange(1, max(1, int(CEILING_HZ / fundamental)) + 1), np.float64)


def wavetable(amplitudes: Floats, *, schroeder_phases: bool) -> Mono:
    """Return one cycle of a wave with these harmonic amplitudes, RMS 1.

    `schroeder_phases` spreads the phases for a low crest factor (Schroeder 1970); without it they are those of a
    sawtooth.
    """
    size = 1 << _TABLE_BITS
    order = np.arange(len(amplitudes))
    phases = np.pi * order**2 / len(amplitudes) if schroeder_phases else np.zeros(len(amplitudes))
    spectrum = np.zeros(size // 2 + 1, np.complex64)
    spectrum[1 : len(amplitudes) + 1] = amplitudes * np.exp(1j * (phases - np.pi / 2))
    cycle = fft.irfft(spectrum, size)
    return np.asarray(cycle / np.sqrt(np.mean(cycle**2)), np.float32)


def control_times(length: int) -> Floats:
    """Return the start time of each control block in seconds, plus one past the end."""
    return np.asarray(np.arange(-(-length // CONTROL_BLOCK) + 1) * (CONTROL_BLOCK / SAMPLE_RATE), np.float64)


def interpolate_blocks(curve: Floats, length: int) -> Mono:
    """Return a curve given per control block as a curve per sample, interpolated linearly."""
    low, step = curve[:-1, None].astype(np.float32), np.diff(curve)[:, None].astype(np.float32)
    fraction = np.arange(CONTROL_BLOCK, dtype=np.float32) / CONTROL_BLOCK
    return np.asarray((low + step * fraction).reshape(-1)[:length], np.float32)


def oscillator_indices(frequency: Floats, length: int, start: float) -> Indices:
    """Return an oscillator's position in its wavetable at each sample (a phase accumulator).

    The phase is an unsigned integer that overflows once per cycle, so it never loses precision.

    Args:
        frequency: Hz, per block.
        start: In cycles, 0..1.
    """
    step = (frequency[:-1] * (2.0**32 / SAMPLE_RATE)).astype(np.uint32)
    phase = np.repeat(step, CONTROL_BLOCK)[:length]
    phase[0] = np.uint32(start * (2**32 - 1))
    return (np.cumsum(phase, dtype=np.uint32) >> np.uint32(32 - _TABLE_BITS)).astype(np.intp)


def look_up(table: Mono, places: Indices) -> Mono:
    """Return the nearest entries of a wavetable, without interpolation; the error is 62 dB below a sawtooth."""
    return np.asarray(table.take(places, mode="clip"), np.float32)  # the fastest mode; indices are never out of range


def sum_of_decaying_sines(
    frequencies: Floats, decays: Floats, amplitudes: Floats, phases: Floats, length: int
) -> Stereo:
    """Return a sum of exponentially decaying sines (modal synthesis).

    A decaying sine is a complex power, and the power at block + offset is a product of two, so the whole sum is one
    matrix product.

    Args:
        frequencies: Hz, shape (k,); those above the ceiling are left out.
        decays: Seconds to −60 dB, shape (k,).
        amplitudes: Shape (2, k), left and right; (1, k) for one channel.
        phases: Radians at the onset, shape (k,); 0 starts a partial at a zero crossing.
    """
    audible = frequencies < CEILING_HZ
    frequencies, decays, phases = frequencies[audible], decays[audible], phases[audible]
    block = 1 << max(6, int(np.log2(max(length, 2)) / 2))
    power = (-_LN_1000 / decays + 2j * np.pi * frequencies) / SAMPLE_RATE
    coarse = np.exp(np.outer(np.arange(-(-length // block)) * block, power))
    coarse[np.abs(coarse) < 1e-15] = 0.0  # denormal numbers are slow
    fine = np.exp(np.outer(power, np.arange(block)) + 1j * (phases - np.pi / 2)[:, None])
    left = np.concatenate([coarse.real, -coarse.imag], axis=1).astype(np.float32)
    out = np.empty((len(amplitudes), length), np.float32)
    for channel, level in enumerate(amplitudes[:, audible]):
        shaped = fine * level[:, None]
        right = np.concatenate([shaped.real, shaped.imag]).astype(np.float32)
        out[channel] = (left @ right).reshape(-1)[:length]
    return out


def band_noise(length: int, low: float, high: float, rng: np.random.Generator) -> Mono:
    """Return band-passed noise, RMS 1; its edges in Hz roll off within about a third of an octave."""
    size = fft.next_fast_len(max(length, 64), real=True)
    frequencies = fft.rfftfreq(size, 1 / SAMPLE_RATE)
    with np.errstate(over="ignore"):
        shape = 1 / np.sqrt((1 + (low / np.maximum(frequencies, 1.0)) ** 8) * (1 + (frequencies / high) ** 8))
    spectrum = rng.standard_normal(2 * len(frequencies), dtype=np.float32).view(np.complex64)
    spectrum *= shape.astype(np.float32)
    spectrum[0] = 0.0
    wave = fft.irfft(spectrum, size)
    return np.asarray(wave[:length] / np.sqrt(np.mean(wave**2)), np.float32)


@functools.lru_cache(maxsize=32)
def _noise_loop(low: float, high: float) -> Mono:
    return band_noise(1 << _LOOP_BITS, low, high, np.random.default_rng([round(low), round(high)]))


def looped_noise(length: int, low: float, high: float, rng: np.random.Generator) -> Mono:
    """Return noise like `band_noise`, from a random place in a seamless loop of 1.5 s: for quiet, long sounds."""
    loop = np.roll(_noise_loop(low, high), int(rng.integers(1 << _LOOP_BITS)))
    return np.resize(loop, length)


def exponential_decay(length: int, seconds: float) -> Mono:
    """Return an exponential decay from 1, −60 dB after `seconds`."""
    slope = np.float32(-_LN_1000 / (seconds * SAMPLE_RATE))
    return np.asarray(np.exp(np.arange(length, dtype=np.float32) * slope), np.float32)


@functools.lru_cache(maxsize=64)
def butterworth_sos(order: int, hertz: float, kind: str) -> Mono:
    """Return the second-order sections of a `lowpass` or `highpass`, for `scipy.signal.sosfilt`."""
    return np.asarray(signal.butter(order, hertz, kind, fs=SAMPLE_RATE, output="sos"), np.float32)


@functools.lru_cache(maxsize=256)
def raised_cosine_ramp(length: int) -> Mono:
    """Return half a raised cosine from 0 up to, not including, 1; read-only."""
    ramp = np.asarray(0.5 - 0.5 * np.cos(np.pi * np.arange(length) / max(length, 1)), np.float32)
    ramp.flags.writeable = False
    return ramp

"""Synthesis primitives: band-limited wavetables, sums of decaying sines, noise, and control-rate curves.

No partial above `CEILING_HZ`, the end of hearing, is ever generated, so nothing aliases.
"""

import functools
from typing import Final

import numpy as np
from scipy import fft, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Indices, Mono, Spectrum, Stereo

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
    frequencies: Floats,
    decays: Floats,
    amplitudes: Floats,
    phases: Floats,
    length: int,
    *,
    high_pass: float = 0.0,
) -> Stereo:
    """Return a sum of exponentially decaying sines (modal synthesis).

    A decaying sine is a complex power, and the power at block + offset is a product of two, so the whole sum is one
    matrix product. A high-pass costs nothing: it changes the amplitudes, and adds a partial of its own.

    Args:
        frequencies: Hz, shape (k,); those above the ceiling are left out.
        decays: Seconds to −60 dB, shape (k,).
        amplitudes: Shape (2, k), left and right; (1, k) for one channel.
        phases: Radians at the onset, shape (k,); 0 starts a partial at a zero crossing.
        length: Samples.
        high_pass: Cutoff in Hz of a Butterworth filter of second order through which the sum goes; 0 for none.
    """
    audible = frequencies < CEILING_HZ
    power = np.asarray((2j * np.pi * frequencies[audible] - _LN_1000 / decays[audible]) / SAMPLE_RATE, np.complex128)
    weights = amplitudes[:, audible] * np.exp(1j * (phases[audible] - np.pi / 2))
    if high_pass:
        power, weights = _high_passed(power, weights, high_pass)
    block = 1 << max(6, int(np.log2(max(length, 2)) / 2))
    coarse = _powers(power * block, -(-length // block)).astype(np.complex64)
    coarse[np.abs(coarse) < 1e-15] = 0.0  # denormal numbers are slow
    fine = _powers(power, block)
    left = np.concatenate([coarse.real, -coarse.imag], axis=1)
    out = np.empty((len(weights), length), np.float32)
    for channel, weight in zip(out, weights, strict=True):
        shaped = (fine * weight).astype(np.complex64)
        channel[:] = (left @ np.concatenate([shaped.real, shaped.imag], axis=1).T).reshape(-1)[:length]
    return out


def _powers(exponents: Spectrum, count: int) -> Spectrum:
    """Return e^(n · exponent) for n from 0 to count, shape (count, k), as products of a few: an exponential is slow."""
    few = 1 << (count.bit_length() + 1) // 2
    small = np.exp(np.multiply.outer(np.arange(few), exponents))
    large = np.exp(np.multiply.outer(np.arange(0, count, few), exponents))
    return np.asarray((large[:, None] * small).reshape(-1, len(exponents))[:count])


def _high_passed(power: Spectrum, weights: Spectrum, hertz: float) -> tuple[Spectrum, Spectrum]:
    """Return the powers and weights of a sum behind a filter: its partial fractions, the filter's pole among them."""
    _, (pole, other), gain = signal.butter(2, hertz, "highpass", fs=SAMPLE_RATE, output="zpk")
    turn = np.exp(power)
    response = gain * (1 - 1 / turn) ** 2 / ((1 - pole / turn) * (1 - other / turn))
    residue = gain * (1 - 1 / pole) ** 2 / (1 - other / pole)
    ringing = weights @ (residue / (1 - turn / pole)) + np.conj(weights @ (np.conj(residue) / (1 - turn / other)))
    return np.append(power, np.log(pole)), np.concatenate([weights * response, ringing[:, None]], axis=1)


def band_noise(length: int, low: float, high: float, rng: np.random.Generator) -> Mono:
    """Return band-passed noise, RMS 1; its edges in Hz roll off within about a third of an octave.

    The parts of its spectrum are uniform: the sum of so many is normal anyway, and they are drawn four times as fast.
    """
    size = fft.next_fast_len(max(length, 64), real=True)
    spectrum = rng.random(2 * (size // 2 + 1), np.float32)
    spectrum -= np.float32(0.5)
    shaped = spectrum.view(np.complex64)
    shaped *= _band(size, low, high)
    shaped[0] = 0.0
    wave = fft.irfft(shaped, size)
    return np.asarray(wave[:length] / np.sqrt(np.dot(wave, wave) / size), np.float32)


def _band(size: int, low: float, high: float) -> Mono:
    """Return the gains of a band of noise for the bins of a spectrum; products, because powers are slow."""
    frequencies = np.arange(size // 2 + 1, dtype=np.float32) * np.float32(SAMPLE_RATE / size)
    below, above = np.float32(low) / np.maximum(frequencies, np.float32(low / 1000)), frequencies / np.float32(high)
    for _ in range(3):
        below *= below
        above *= above
    return np.asarray(1 / np.sqrt((1 + below) * (1 + above)), np.float32)


@functools.lru_cache(maxsize=32)
def _noise_loop(low: float, high: float) -> Mono:
    return band_noise(1 << _LOOP_BITS, low, high, np.random.default_rng([round(low), round(high)]))


def looped_noise(length: int, low: float, high: float, rng: np.random.Generator) -> Mono:
    """Return noise like `band_noise`, from a random place in a seamless loop of 1.5 s: for quiet, long sounds."""
    loop, first = _noise_loop(low, high), int(rng.integers(1 << _LOOP_BITS))
    out, done = np.empty(length, np.float32), 0
    while done < length:
        part = loop[first : first + length - done]
        out[done : done + len(part)] = part
        done, first = done + len(part), 0
    return out


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

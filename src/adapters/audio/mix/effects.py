"""Audio effects for the band: reverb, chorus, side-chain ducking, tape, saturation, filters and vinyl noise.

Sound is stereo at 44.1 kHz (`adapters.audio.arrays`). Functions that say so work in place, because a song of five
minutes takes 100 MB.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import fft, signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Indices, Mono, Stereo
from adapters.audio.filters import filter_in_place
from adapters.audio.instruments.signals import (
    CONTROL_BLOCK,
    band_noise,
    butterworth_sos,
    control_times,
    db_to_gain,
    exponential_decay,
    interpolate_blocks,
    raised_cosine_ramp,
    to_samples,
)
from adapters.audio.side_by_side import side_by_side

_CHUNK = 1 << 16
_RUMBLE_HZ = 25.0


def room_impulse_response(seconds: float, *, predelay_ms: float, damping_hz: float, rng: np.random.Generator) -> Stereo:
    """Return the impulse response of a room, unit energy per channel, channels uncorrelated.

    Octave bands of noise, each with its own decay: `seconds` to −60 dB up to about 1 kHz, faster and quieter towards
    and above `damping_hz`. Source: Moorer, "About this reverberation business", 1979.
    """
    length = to_samples(1.1 * seconds)
    edges = [90.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 14000.0]
    out = np.zeros((2, length), np.float32)
    for low, high in pairwise(edges):
        centre = np.sqrt(low * high)
        decay = seconds / (1 + (centre / damping_hz) ** 1.5 / 2)
        level = np.sqrt(high - low) / (1 + (centre / damping_hz) ** 2)
        band = np.stack([band_noise(length, low, high, rng) for _ in range(2)])
        out += band * exponential_decay(length, decay) * np.float32(level)
    diffuse = raised_cosine_ramp(to_samples(0.015))
    out[:, : len(diffuse)] *= diffuse
    _add_early_reflections(out, rng)
    out[:, -to_samples(0.05) :] *= raised_cosine_ramp(to_samples(0.05))[::-1]
    out /= np.sqrt(np.sum(out**2, axis=1, keepdims=True))
    return np.concatenate([np.zeros((2, to_samples(predelay_ms / 1000)), np.float32), out], axis=1)


def _add_early_reflections(response: Stereo, rng: np.random.Generator) -> None:
    """Add eight early reflections per channel within 60 ms, each a short windowed pulse."""
    click = signal.windows.hann(24).astype(np.float32)
    peak = 2.0 * float(np.abs(response).max())
    for side in response:
        for at in rng.integers(to_samples(0.003), to_samples(0.06), 8):
            strength = peak * rng.choice((-1, 1)) * np.exp(-at / to_samples(0.03))
            side[at : at + len(click)] += click[: len(side) - at] * np.float32(strength)


def convolve(sound: Stereo, response: Stereo, delay: int = 0) -> Stereo:
    """Return the sound convolved with a response, as long as the sound; see `add_convolved`."""
    out = np.zeros_like(sound)
    add_convolved(out, sound, response, delay)
    return out


def add_convolved(out: Stereo, sound: Stereo, response: Stereo, delay: int = 0) -> None:
    """Add the sound convolved with a response to another one as long; by overlap-add, a block at a time.

    Args:
        out: Added to in place.
        sound: Shape (channels, n).
        response: Shape (channels, taps).
        delay: Samples of the response's own delay, which are taken out.
    """
    taps = response.shape[1]
    size = fft.next_fast_len(max(4 * taps, 1 << 15), real=True)
    step = size - taps + 1

    def add_channel(channel: tuple[Mono, Mono, npt.NDArray[np.complex64]]) -> None:
        dry, wet, kernel = channel
        for start in range(0, len(dry), step):
            block = dry[start : start + step]
            if block.any():
                first = start - delay
                place = wet[max(first, 0) : first + size]
                place += fft.irfft(fft.rfft(block, size) * kernel, size)[max(-first, 0) :][: len(place)]

    side_by_side(add_channel, list(zip(sound, out, fft.rfft(response, size), strict=True)), sound.shape[1])


def vary_delay(wave: Mono, displacement: Floats) -> Mono:
    """Return a wave read `displacement` samples away from each position, by cubic (Catmull–Rom) interpolation.

    `displacement` is given per control block.
    """
    length, padded = len(wave), np.pad(wave, 2)
    out = np.empty_like(wave)
    for start in range(0, length, _CHUNK):
        first, stop = start // CONTROL_BLOCK, min(start + _CHUNK, length)
        moved = interpolate_blocks(displacement[first : first + _CHUNK // CONTROL_BLOCK + 1], stop - start)
        whole = np.floor(moved)
        place = np.clip(np.arange(start, stop) + whole.astype(np.int64), -1, length - 1) + 1
        out[start:stop] = _cubic(padded, place, moved - whole)
    return out


def _cubic(wave: Mono, place: Indices, fraction: Mono) -> Mono:
    a, b, c, d = (wave.take(place + tap, mode="clip") for tap in range(4))
    half = np.float32(0.5)
    slope = half * (c - a)
    curve = a - np.float32(2.5) * b + np.float32(2) * c - half * d
    bend = half * (d - a) + np.float32(1.5) * (b - c)
    return np.asarray(((bend * fraction + curve) * fraction + slope) * fraction + b, np.float32)


def chorus(sound: Stereo, depth: float) -> Stereo:
    """Add a copy delayed by 9 to 15 ms, modulated in opposite directions on the two channels, in place; return it."""
    swing = np.sin(2 * np.pi * 0.45 * control_times(sound.shape[1]))
    for channel, side in enumerate((-1, 1)):
        copy = vary_delay(sound[channel], -SAMPLE_RATE * (0.012 + side * 0.003 * swing))
        copy *= np.float32(0.8 * depth)
        sound[channel] += copy
    sound *= np.float32(1 / np.sqrt(1 + (0.8 * depth) ** 2))
    return sound


def sidechain_gains(length: int, kicks: Iterable[float], depth_db: float, recovery: float) -> Floats:
    """Return the gains of side-chain ducking by kicks, per control block: down in 6 ms, back in `recovery` seconds."""
    times = control_times(length)
    down = np.zeros(len(times))
    for kick in kicks:
        first, last = np.searchsorted(times, [kick - 0.006, kick + recovery])
        since = times[first:last] - kick
        shape = np.where(since < 0, 1 + since / 0.006, np.cos(np.pi / 2 * np.clip(since / recovery, 0, 1)) ** 2)
        np.maximum(down[first:last], shape, out=down[first:last])
    return np.asarray(10 ** (-depth_db * down / 20))


def wow_and_flutter(sound: Stereo, *, wow_cents: float, flutter_cents: float, rng: np.random.Generator) -> Stereo:
    """Waver as tape does, ± `wow_cents` at 0.6 Hz and ± `flutter_cents` at about 6 Hz, in place; return the sound.

    Speed errors are sines and displacement is their bounded integral, so mean pitch and tempo stay. The result is
    delayed by about 2 ms, so that it never reads ahead.
    """
    length = sound.shape[1]
    shift: Floats = np.zeros_like(control_times(length))
    times = control_times(length)
    for cents, rate in ((0.75 * wow_cents, 0.6), (0.25 * wow_cents, 0.37), (flutter_cents, 6.3)):
        speed = 2 ** (cents / 1200) - 1
        reach = speed / (2 * np.pi * rate)
        shift += reach * (np.sin(2 * np.pi * (rate * times + rng.random())) - 1)
    for channel in sound:  # in turn: each takes as much memory again as it has
        channel[:] = vary_delay(channel, shift * SAMPLE_RATE)
    return sound


def low_pass(sound: Stereo, hertz: float) -> Stereo:
    """Low-pass the sound with 36 dB per octave, in place; return it."""
    return filter_in_place(sound, butterworth_sos(6, hertz, "lowpass"))


def remove_rumble(sound: Stereo) -> Stereo:
    """Remove DC and subsonic rumble in place; return the sound.

    In double precision: so near to 0 Hz, single precision makes noise 75 dB below the sound.
    """
    return filter_in_place(sound, butterworth_sos(2, _RUMBLE_HZ, "highpass").astype(np.float64))


def soft_saturate(sound: Stereo, drive: float) -> Stereo:
    """Saturate a sound of peak 1 in place, keeping its peak: x → tanh(drive·x) / tanh(drive); return it."""
    sound *= np.float32(drive)
    np.tanh(sound, out=sound)
    sound /= np.float32(np.tanh(drive))
    return sound


def add_vinyl_noise(sound: Stereo, level_db: float, rng: np.random.Generator) -> None:
    """Add hiss of this RMS (dBFS) and crackle in place, faded in and out with the piece."""
    length = sound.shape[1]
    loop = _hiss_loop(rng) * np.float32(db_to_gain(level_db))
    for start in range(0, length, loop.shape[1]):
        part = sound[:, start : start + loop.shape[1]]
        edge = _fades(start, part.shape[1], length)
        part += loop[:, : part.shape[1]] * edge
    click = signal.windows.hann(30).astype(np.float32) * np.sin(np.arange(30) * 0.9).astype(np.float32)
    for at in rng.integers(
        to_samples(0.5), max(length - to_samples(1.5), to_samples(0.5) + 1), int(7 * length / SAMPLE_RATE)
    ):
        strength = db_to_gain(level_db) * 2.2 * rng.lognormal(0.4, 0.7)
        place = sound[:, at : at + len(click)]
        place += (
            click[: place.shape[1]]
            * np.float32(min(strength, db_to_gain(level_db + 24)))
            * rng.uniform(0.3, 1.0, (2, 1)).astype(np.float32)
        )


def _hiss_loop(rng: np.random.Generator) -> Stereo:
    """Return six seconds of hiss, RMS 1, that loop seamlessly because an inverse DFT is periodic."""
    length = fft.next_fast_len(6 * SAMPLE_RATE, real=True)
    wide = np.stack([band_noise(length, 300, 7000, rng) for _ in range(2)])
    rumble = band_noise(length, 60, 400, rng)
    return np.asarray((wide + np.float32(0.7) * rumble) / np.sqrt(np.float32(1.49)), np.float32)


def _fades(start: int, length: int, total: int) -> Mono:
    """Return the part [start, start + length) of a curve that rises for 0.4 s and falls for the last 1.2 s."""
    index = np.arange(start, start + length, dtype=np.float32)
    rising = np.clip(index / to_samples(0.4), 0, 1)
    falling = np.clip((total - to_samples(0.06) - index) / to_samples(1.2), 0, 1)
    return np.asarray(rising * falling**2, np.float32)

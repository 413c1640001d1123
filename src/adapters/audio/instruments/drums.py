"""Drum synthesis: membranes with a falling pitch, noise bursts, and cymbals of inharmonic partials.

Each drum is a function (velocity, random generator) to stereo sound from the stroke to silence, peak about 1. The modes
of membranes and cymbals are after Fletcher & Rossing, "The Physics of Musical Instruments", ch. 18 and 20.
"""

from collections.abc import Callable

import msgspec
import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.instruments.signals import (
    CEILING_HZ,
    band_noise,
    butterworth_sos,
    exponential_decay,
    pan_gains,
    raised_cosine_ramp,
    sum_of_decaying_sines,
    to_samples,
)

Drum = Callable[[float, np.random.Generator], Stereo]


class Membrane(msgspec.Struct, frozen=True, kw_only=True):
    """A drum with a skin: a sine that falls from `start_hertz` to `hertz`, and the noise of the stick.

    The fall is exponential with the time constant `bend_seconds`.

    Attributes:
        seconds: To −60 dB.
        slap: Level of the stick's noise, between `slap_low` and `slap_high` Hz.
        drive: Amount of tanh saturation; 0 for none.
        overtone: Level of the membrane's (1, 1) mode, at 1.59 times the fundamental.
    """

    hertz: float
    start_hertz: float
    bend_seconds: float
    seconds: float
    slap: float = 0.1
    slap_low: float = 800.0
    slap_high: float = 5000.0
    slap_seconds: float = 0.03
    drive: float = 0.0
    overtone: float = 0.0
    level: float = 1.0
    pan: float = 0.0

    def __call__(self, velocity: float, rng: np.random.Generator) -> Stereo:
        length = to_samples(self.seconds)
        times = np.arange(length) / SAMPLE_RATE
        tuned = 2 ** (rng.uniform(-12, 12) / 1200)
        bend = (
            (self.start_hertz - self.hertz)
            * (0.5 + 0.5 * velocity)
            * self.bend_seconds
            * (1 - np.exp(-times / self.bend_seconds))
        )
        phase = 2 * np.pi * tuned * (self.hertz * times + bend)
        wave = np.sin(phase).astype(np.float32) * exponential_decay(length, self.seconds)
        if self.overtone:
            wave += (
                np.float32(self.overtone)
                * np.sin(1.59 * phase).astype(np.float32)
                * exponential_decay(length, self.seconds / 3)
            )
        if self.drive:
            wave = np.tanh(wave * np.float32(1 + self.drive)) / np.float32(np.tanh(1 + self.drive))
        hit = to_samples(self.slap_seconds)
        slap = band_noise(hit, self.slap_low, self.slap_high, rng) * exponential_decay(hit, self.slap_seconds)
        wave[:hit] += slap * np.float32(self.slap * (0.3 + 0.7 * velocity))
        return np.asarray(wave * np.float32(self.level) * pan_column(self.pan), np.float32)


class NoiseBurst(msgspec.Struct, frozen=True, kw_only=True):
    """A noise burst: snare wires, claps, shakers. `strokes` are the onsets in seconds; `swell` is its fade-in."""

    low: float
    high: float
    seconds: float
    strokes: tuple[float, ...] = (0.0,)
    swell: float = 0.0
    level: float = 0.3
    pan: float = 0.0
    width: float = 0.5

    def __call__(self, velocity: float, rng: np.random.Generator) -> Stereo:
        length = to_samples(self.swell + self.seconds + max(self.strokes))
        high = self.high * (0.6 + 0.4 * velocity)
        middle = band_noise(length, self.low, high, rng)
        out = np.stack([middle + np.float32(self.width) * band_noise(length, self.low, high, rng) for _ in range(2)])
        return np.asarray(out * self._envelope(length) * np.float32(self.level) * pan_column(self.pan), np.float32)

    def _envelope(self, length: int) -> Mono:
        envelope = np.zeros(length, np.float32)
        for stroke, start in enumerate(self.strokes):
            last = stroke == len(self.strokes) - 1
            begin = to_samples(start)
            seconds = self.seconds if last else 0.03
            np.maximum(envelope[begin:], exponential_decay(length - begin, seconds), out=envelope[begin:])
        if self.swell:
            swell = raised_cosine_ramp(to_samples(self.swell)) ** 2
            envelope = np.concatenate([swell, envelope[: length - len(swell)]])
        return envelope


class Cymbal(msgspec.Struct, frozen=True, kw_only=True):
    """A cymbal: many inharmonic partials between `low` Hz and the ceiling, and hiss."""

    low: float
    seconds: float
    partials: int = 40
    hiss: float = 0.5
    swell: float = 0.0
    level: float = 0.25
    pan: float = 0.0

    def __call__(self, velocity: float, rng: np.random.Generator) -> Stereo:
        length = to_samples(self.swell + self.seconds)
        frequencies = self.low * (CEILING_HZ / self.low) ** rng.random(self.partials)
        sides = rng.uniform(0.4, 1.0, (2, self.partials)) / np.sqrt(self.partials / 2)
        decays = self.seconds * (self.low / frequencies) ** 0.35
        out = sum_of_decaying_sines(frequencies, decays, sides, rng.uniform(0, 2 * np.pi, self.partials), length)
        high = CEILING_HZ * (0.5 + 0.5 * velocity)
        hiss = np.stack([band_noise(length, 1.3 * self.low, high, rng) for _ in range(2)])
        out += hiss * exponential_decay(length, 0.8 * self.seconds) * np.float32(self.hiss)
        swell = raised_cosine_ramp(to_samples(self.swell)) ** 2
        if len(swell):
            out = np.concatenate([out[:, : len(swell)][:, ::-1] * swell, out[:, : length - len(swell)]], axis=1)
        return np.asarray(out * np.float32(self.level) * pan_column(self.pan), np.float32)


def pan_column(pan: float) -> Stereo:
    """Return the pan gains as a column, shape (2, 1)."""
    return np.array(pan_gains(pan), np.float32)[:, None]


def layered(*drums: Drum) -> Drum:
    """Return a drum that plays several drums at once."""

    def strike(velocity: float, rng: np.random.Generator) -> Stereo:
        sounds = [drum(velocity, rng) for drum in drums]
        out = np.zeros((2, max(sound.shape[1] for sound in sounds)), np.float32)
        for sound in sounds:
            out[:, : sound.shape[1]] += sound
        return out

    return strike


def gated_reverb(drum: Drum, seconds: float, level: float) -> Drum:
    """Return a drum with gated reverb: a large room, cut off after `seconds`."""

    def strike(velocity: float, rng: np.random.Generator) -> Stereo:
        dry = drum(velocity, rng)
        length = to_samples(seconds)
        room = np.stack([band_noise(length, 250, 7000, rng) for _ in range(2)]) * exponential_decay(length, 4 * seconds)
        edge = to_samples(0.025)
        room[:, -edge:] *= raised_cosine_ramp(edge)[::-1]
        wet = np.stack([signal.fftconvolve(*pair)[:length] for pair in zip(dry, room, strict=True)])
        wet *= level / max(float(np.abs(wet).max()), 1e-9)
        wet[:, -edge:] *= raised_cosine_ramp(edge)[::-1]
        out = np.zeros((2, max(length, dry.shape[1])), np.float32)
        out[:, : dry.shape[1]] += dry
        out[:, :length] += wet
        return out

    return strike


def sampled_lofi(drum: Drum, high: float) -> Drum:
    """Return a drum as an early sampler plays it: half the sample rate, 8 bits, low-passed at `high` Hz."""

    def strike(velocity: float, rng: np.random.Generator) -> Stereo:
        held = np.repeat(drum(velocity, rng)[:, ::2], 2, axis=1)
        coarse = np.round(held * 255) / np.float32(255)
        return np.asarray(signal.sosfilt(butterworth_sos(3, high, "lowpass"), coarse), np.float32)

    return strike

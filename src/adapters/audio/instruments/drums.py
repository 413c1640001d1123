"""What drum kits are made of: skins whose pitch falls, bursts of noise, and metal that rings on every frequency.

Each piece is a function (velocity, randomness) to stereo sound from the stroke to silence, peak about 1.
"""

from collections.abc import Callable

import msgspec
import numpy as np
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.instruments.signals import CEILING, balance, butterworth, fall, noise, ring, rise, samples

Drum = Callable[[float, np.random.Generator], Stereo]


class Skin(msgspec.Struct, frozen=True, kw_only=True):
    """A drum with a skin: a sine that falls from `top` to `hertz` within `bend` seconds, and the stick's slap.

    Attributes:
        seconds: To −60 dB.
        slap: Level of the slap, between `slap_low` and `slap_high` Hz.
        drive: How hard the sine is pressed into a rounder, louder wave; 0 leaves it.
        overtone: Level of the skin's second mode, 1.59 times the first.
    """

    hertz: float
    top: float
    bend: float
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
        length = samples(self.seconds)
        times = np.arange(length) / SAMPLE_RATE
        tuned = 2 ** (rng.uniform(-12, 12) / 1200)
        bend = (self.top - self.hertz) * (0.5 + 0.5 * velocity) * self.bend * (1 - np.exp(-times / self.bend))
        turns = 2 * np.pi * tuned * (self.hertz * times + bend)
        wave = np.sin(turns).astype(np.float32) * fall(length, self.seconds)
        if self.overtone:
            wave += np.float32(self.overtone) * np.sin(1.59 * turns).astype(np.float32) * fall(length, self.seconds / 3)
        if self.drive:
            wave = np.tanh(wave * np.float32(1 + self.drive)) / np.float32(np.tanh(1 + self.drive))
        hit = samples(self.slap_seconds)
        slap = noise(hit, self.slap_low, self.slap_high, rng) * fall(hit, self.slap_seconds)
        wave[:hit] += slap * np.float32(self.slap * (0.3 + 0.7 * velocity))
        return np.asarray(wave * np.float32(self.level) * placement(self.pan), np.float32)


class Burst(msgspec.Struct, frozen=True, kw_only=True):
    """Noise: snares' wires, claps, shakers. `strokes` are the seconds at which hands arrive; `swell` fades it in."""

    low: float
    high: float
    seconds: float
    strokes: tuple[float, ...] = (0.0,)
    swell: float = 0.0
    level: float = 0.3
    pan: float = 0.0
    width: float = 0.5

    def __call__(self, velocity: float, rng: np.random.Generator) -> Stereo:
        length = samples(self.swell + self.seconds + max(self.strokes))
        high = self.high * (0.6 + 0.4 * velocity)
        middle = noise(length, self.low, high, rng)
        out = np.stack([middle + np.float32(self.width) * noise(length, self.low, high, rng) for _ in range(2)])
        return np.asarray(out * self._contour(length) * np.float32(self.level) * placement(self.pan), np.float32)

    def _contour(self, length: int) -> Mono:
        contour = np.zeros(length, np.float32)
        for stroke, start in enumerate(self.strokes):
            last = stroke == len(self.strokes) - 1
            begin = samples(start)
            seconds = self.seconds if last else 0.03
            np.maximum(contour[begin:], fall(length - begin, seconds), out=contour[begin:])
        if self.swell:
            swell = rise(samples(self.swell)) ** 2
            contour = np.concatenate([swell, contour[: length - len(swell)]])
        return contour


class Metal(msgspec.Struct, frozen=True, kw_only=True):
    """A cymbal: many partials with no common measure between `low` Hz and the ceiling, under a hiss."""

    low: float
    seconds: float
    partials: int = 40
    hiss: float = 0.5
    swell: float = 0.0
    level: float = 0.25
    pan: float = 0.0

    def __call__(self, velocity: float, rng: np.random.Generator) -> Stereo:
        length = samples(self.swell + self.seconds)
        frequencies = self.low * (CEILING / self.low) ** rng.random(self.partials)
        sides = rng.uniform(0.4, 1.0, (2, self.partials)) / np.sqrt(self.partials / 2)
        decays = self.seconds * (self.low / frequencies) ** 0.35
        out = ring(frequencies, decays, sides, rng.uniform(0, 2 * np.pi, self.partials), length)
        high = CEILING * (0.5 + 0.5 * velocity)
        hiss = np.stack([noise(length, 1.3 * self.low, high, rng) for _ in range(2)])
        out += hiss * fall(length, 0.8 * self.seconds) * np.float32(self.hiss)
        swell = rise(samples(self.swell)) ** 2
        if len(swell):
            out = np.concatenate([out[:, : len(swell)][:, ::-1] * swell, out[:, : length - len(swell)]], axis=1)
        return np.asarray(out * np.float32(self.level) * placement(self.pan), np.float32)


def placement(pan: float) -> Stereo:
    """Return the factors of both sides, shape (2, 1)."""
    return np.array(balance(pan), np.float32)[:, None]


def together(*drums: Drum) -> Drum:
    """Return several drums struck at once."""

    def strike(velocity: float, rng: np.random.Generator) -> Stereo:
        sounds = [drum(velocity, rng) for drum in drums]
        out = np.zeros((2, max(sound.shape[1] for sound in sounds)), np.float32)
        for sound in sounds:
            out[:, : sound.shape[1]] += sound
        return out

    return strike


def gated(drum: Drum, seconds: float, level: float) -> Drum:
    """Return a drum in a big room whose sound is cut off: the snare of 1984."""

    def strike(velocity: float, rng: np.random.Generator) -> Stereo:
        dry = drum(velocity, rng)
        length = samples(seconds)
        room = np.stack([noise(length, 250, 7000, rng) for _ in range(2)]) * fall(length, 4 * seconds)
        edge = samples(0.025)
        room[:, -edge:] *= rise(edge)[::-1]
        wet = np.stack([signal.fftconvolve(*pair)[:length] for pair in zip(dry, room, strict=True)])
        wet *= level / max(float(np.abs(wet).max()), 1e-9)
        wet[:, -edge:] *= rise(edge)[::-1]
        out = np.zeros((2, max(length, dry.shape[1])), np.float32)
        out[:, : dry.shape[1]] += dry
        out[:, :length] += wet
        return out

    return strike


def dusty(drum: Drum, high: float) -> Drum:
    """Return a drum as an old sampler gives it back: half the sample rate, few bits, dull."""

    def strike(velocity: float, rng: np.random.Generator) -> Stereo:
        held = np.repeat(drum(velocity, rng)[:, ::2], 2, axis=1)
        coarse = np.round(held * 255) / np.float32(255)
        return np.asarray(signal.sosfilt(butterworth(3, high, "lowpass"), coarse), np.float32)

    return strike

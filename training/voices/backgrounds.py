"""What is heard behind a voice: noise of every colour, streets, fans, the mains, a television, other people."""

from typing import Final

import numpy as np
from scipy import signal

from adapters.audio.arrays import Floats
from training.voices.controls import RATE
from training.voices.singers import Split
from training.voices.talkers import BANK, cut, music, other_singer, talker

TONAL_DB: Final = 10.0
"""Background speech and music is at least so much softer than the notes: no listener could say else whose they are."""


def background(size: int, snr_db: float, split: Split, rng: np.random.Generator) -> Floats:
    """Return a background for notes of power 1 with a signal-to-noise ratio."""
    noise = _noise(size, rng)
    if rng.random() < 0.35:
        noise = noise + _street(size, rng) * float(rng.uniform(0.3, 2))
    if rng.random() < 0.3:
        noise = noise + _hum(size, rng) * float(rng.uniform(0.1, 0.8))
    noise = noise / noise.std() * 10 ** (-snr_db / 20)
    if rng.random() < 0.3:
        tonal_db = max(snr_db, TONAL_DB + float(rng.uniform(0, 12)))
        noise = noise * 0.7 + _people(size, split, rng) * 10 ** (-tonal_db / 20) * 0.7
    return np.asarray(noise)


def _noise(size: int, rng: np.random.Generator) -> Floats:
    """Noise between white and brown, unit power, with a slow swell."""
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    order = np.arange(1, len(spectrum) + 1) / len(spectrum) * 400
    spectrum *= np.maximum(order, 1.0) ** -float(rng.uniform(0, 1.0))
    noise = np.fft.irfft(spectrum, size)
    time = np.arange(size) / RATE
    noise *= 1 + 0.35 * np.sin(2 * np.pi * rng.uniform(0.05, 0.6) * time + rng.uniform(0, 6))
    return np.asarray(noise / noise.std())


def _street(size: int, rng: np.random.Generator) -> Floats:
    """Rumble, and cars that come and go."""
    rumble = signal.lfilter(*signal.butter(2, [30, 180], "band", fs=RATE), rng.normal(0, 1, size))
    car = signal.lfilter(*signal.butter(1, [150, 1400], "band", fs=RATE), rng.normal(0, 1, size))
    time, out = np.arange(size) / RATE, rumble / rumble.std()
    for _ in range(int(rng.integers(1, 4))):
        swell = np.exp(-(((time - rng.uniform(0, size / RATE)) / rng.uniform(0.6, 2.5)) ** 2))
        out = out + car / car.std() * swell * float(rng.uniform(0.3, 1.5))
    return np.asarray(out / out.std())


def _hum(size: int, rng: np.random.Generator) -> Floats:
    """Mains hum or a fan: a few steady tones."""
    base = float(rng.choice([50, 60, 100, 120, rng.uniform(80, 400)]))
    time = np.arange(size) / RATE
    tones = sum(np.sin(2 * np.pi * base * k * time + rng.uniform(0, 6)) * rng.uniform(0, 1) / k for k in range(1, 6))
    return np.asarray(tones / (np.std(tones) + 1e-9))


def _people(size: int, split: Split, rng: np.random.Generator) -> Floats:
    """A talker, several of them, a television or another singer, as through a wall or across a room; unit power."""
    kinds = ((talker,), (talker, talker, talker), (talker, music), (music,), (other_singer,))
    chosen = kinds[int(rng.integers(len(kinds)))]
    out = np.zeros(size)
    for kind in chosen:
        out += cut(kind(split, int(rng.integers(BANK))), size, rng)
    corners = [rng.uniform(80, 300), rng.uniform(1500, 6000)]
    out = signal.lfilter(*signal.butter(1, corners, "band", fs=RATE), out)
    return np.asarray(out / out.std())

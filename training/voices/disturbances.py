"""What a recording holds besides notes: breaths, coughs, smacks, knocks, a count-in, speech before and after."""

from collections.abc import Sequence

import numpy as np
from scipy import signal

from adapters.audio.arrays import Floats
from training.voices.controls import RATE
from training.voices.syllables import Syllable


def disturb(dry: Floats, sung: Sequence[Syllable], ticks: Sequence[float], rng: np.random.Generator) -> Floats:
    """Return a dry voice with breaths and other noises in its rests, and clicks at the given times."""
    out = dry.copy()
    level = float(np.sqrt(np.mean(dry[np.abs(dry) > 0.01] ** 2))) if np.any(np.abs(dry) > 0.01) else 0.05
    breathing = float(rng.uniform(-42, -14)) if rng.random() < 0.8 else -80.0
    for start, end in _rests(sung, len(dry) / RATE):
        if end - start > 0.18 and rng.random() < 0.85:
            _add(
                out,
                _breath(min(0.85 * (end - start), float(rng.uniform(0.15, 0.55))), rng),
                end - 0.03,
                level,
                breathing,
            )
        if rng.random() < 0.06:
            kind = (_cough, _smack, _knock)[int(rng.integers(3))]
            _add(out, kind(rng), float(rng.uniform(start, end)), level, float(rng.uniform(-18, 2)))
    if rng.random() < 0.05:
        _add(out, _knock(rng), float(rng.uniform(0, len(dry) / RATE)), level, float(rng.uniform(-12, 3)))
    click = _click(rng)
    for tick in ticks:
        _add(out, click, tick + len(click) / RATE, level, 0.0)
    return out


def _rests(sung: Sequence[Syllable], duration: float) -> list[tuple[float, float]]:
    """Return the stretches without voice or consonant."""
    starts = [s.before[0].start if s.before else s.onset for s in sung]
    edges = zip([0.0, *(s.end for s in sung)], [*starts, duration], strict=True)
    return [(start, end) for start, end in edges if end - start > 0.05]


def _add(out: Floats, sound: Floats, end: float, level: float, decibels: float) -> None:
    """Add a sound of unit peak so that it ends at a time."""
    last = min(int(end * RATE), len(out))
    first = max(last - len(sound), 0)
    if last > first:
        out[first:last] += sound[len(sound) - (last - first) :] * level * 2 * 10 ** (decibels / 20)


def _breath(seconds: float, rng: np.random.Generator) -> Floats:
    size = int(seconds * RATE)
    air = signal.lfilter(
        *signal.butter(1, [rng.uniform(400, 1200), rng.uniform(2500, 6500)], "band", fs=RATE), rng.normal(0, 1, size)
    )
    shape = np.sin(np.pi * np.linspace(0, 1, size) ** float(rng.uniform(0.6, 2.0)))
    return np.asarray(air / (3 * air.std() + 1e-9) * shape)


def _cough(rng: np.random.Generator) -> Floats:
    time = np.arange(int(0.28 * RATE)) / RATE
    shape = sum(
        np.exp(-(((time - at) / 0.035) ** 2) * (1 + 3 * (time < at))) for at in (0.04, float(rng.uniform(0.12, 0.2)))
    )
    voice = signal.sawtooth(2 * np.pi * np.cumsum(np.linspace(260, 150, len(time))) / RATE) * rng.uniform(0, 0.5)
    noise = rng.normal(0, 0.3, len(time)) + voice
    return np.asarray(signal.lfilter(*signal.butter(1, [400, 3500], "band", fs=RATE), noise) * shape)


def _smack(rng: np.random.Generator) -> Floats:
    time = np.arange(int(0.02 * RATE)) / RATE
    return np.asarray(np.exp(-time * 300) * np.sin(2 * np.pi * rng.uniform(900, 3500) * time) * 0.6)


def _knock(rng: np.random.Generator) -> Floats:
    time = np.arange(int(0.12 * RATE)) / RATE
    thump = np.exp(-time * 45) * np.sin(2 * np.pi * rng.uniform(60, 180) * time)
    return np.asarray(thump + 0.3 * np.exp(-time * 300) * rng.normal(0, 1, len(time)))


def _click(rng: np.random.Generator) -> Floats:
    """A metronome's tick: a short tone, or wood."""
    time = np.arange(int(0.05 * RATE)) / RATE
    return np.asarray(np.exp(-time * rng.uniform(60, 250)) * np.sin(2 * np.pi * rng.uniform(700, 3000) * time))

"""Parallel compression: what is soft comes up, at equal power."""

import numpy as np
import pytest

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.mix.dynamics import compress_in_parallel

STROKE = SAMPLE_RATE // 4


def strokes(*levels_db: float) -> Stereo:
    """Return short noises, a quarter of a second apart."""
    rng = np.random.default_rng(5)
    decay = np.exp(-np.arange(STROKE) / 2000)
    sounds = [rng.normal(0, 10 ** (level / 20), (2, STROKE)) * decay for level in levels_db]
    return np.concatenate(sounds, axis=1).astype(np.float32)


def levels_of(bus: Stereo) -> Floats:
    """Return the level of each stroke, dB."""
    power = np.square(bus, dtype=np.float64).mean(axis=0).reshape(-1, STROKE).mean(axis=1)
    return np.asarray(10 * np.log10(power))


def test_soft_strokes_come_up() -> None:
    bus = strokes(-12, -36, -12, -36)
    before = levels_of(bus)
    compress_in_parallel(bus)
    moved = levels_of(bus) - before
    assert moved[1] > 2
    assert moved[3] > 1
    assert abs(moved[0]) < 1


@pytest.mark.parametrize("gain", [0.01, 1.0, 50.0])
def test_the_level_of_the_bus_does_not_matter(gain: float) -> None:
    plain, scaled = strokes(-12, -30, -20), np.float32(gain) * strokes(-12, -30, -20)
    compress_in_parallel(plain)
    compress_in_parallel(scaled)
    assert levels_of(scaled) - levels_of(plain) == pytest.approx([20 * np.log10(gain)] * 3, abs=0.2)


def test_the_power_stays() -> None:
    bus = strokes(-12, -36, -20)
    before = np.square(bus).sum()
    compress_in_parallel(bus)
    assert np.square(bus).sum() == pytest.approx(before, rel=0.01)


def test_silence_stays_silent() -> None:
    bus = np.zeros((2, SAMPLE_RATE), np.float32)
    compress_in_parallel(bus)
    assert not bus.any()

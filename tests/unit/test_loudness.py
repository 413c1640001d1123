"""The meter against the signals whose loudness ITU-R BS.1770 and EBU Tech 3341 state."""

import math

import numpy as np
import pytest

from adapters.audio.arrays import Floats, Stereo
from adapters.audio.mix.loudness import integrated, true_peak


def sine(hertz: float, dbfs: float, seconds: float, rate: int = 44100, phase: float = 0.0) -> Floats:
    time = np.arange(round(seconds * rate)) / rate
    return np.asarray(10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * time + phase))


def stereo(channel: Floats) -> Stereo:
    return np.stack([channel, channel]).astype(np.float32)


@pytest.mark.parametrize("rate", [44100, 48000])
def test_997_hz_at_0_dbfs_in_one_channel_is_minus_3_01(rate: int) -> None:
    one_sided = stereo(sine(997, 0, 5, rate)) * np.array([[1], [0]], dtype=np.float32)
    assert integrated(one_sided, rate) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("dbfs", [-20.0, -23.0, -33.0])
def test_stereo_sine_at_1_khz_reads_its_own_level(dbfs: float) -> None:
    assert integrated(stereo(sine(1000, dbfs, 20)), 44100) == pytest.approx(dbfs, abs=0.1)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([(-36, 10), (-23, 60), (-36, 10)], -23.0),  # EBU Tech 3341 case 3: the relative gate
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),  # case 4: both gates
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),  # case 5
    ],
)
def test_gates(levels: list[tuple[float, float]], expected: float) -> None:
    program = np.concatenate([sine(1000, dbfs, seconds) for dbfs, seconds in levels])
    assert integrated(stereo(program), 44100) == pytest.approx(expected, abs=0.1)


def test_weighting_attenuates_rumble_and_boosts_treble() -> None:
    rumble, middle, treble = (integrated(stereo(sine(hertz, -20, 3)), 44100) for hertz in (30, 1000, 8000))
    assert rumble < middle - 8
    assert treble == pytest.approx(middle + 3.3, abs=0.3)


def test_silence_and_less_than_a_block_have_no_loudness() -> None:
    assert integrated(np.zeros((2, 44100), dtype=np.float32), 44100) == -math.inf
    assert integrated(stereo(sine(1000, -20, 0.3)), 44100) == -math.inf
    assert true_peak(np.zeros((2, 100), dtype=np.float32)) == -math.inf


@pytest.mark.parametrize(
    ("hertz", "phase"), [(11025, 45), (11025, 67.5), (7350, 60), (44100 / 8, 22.5)]
)  # EBU Tech 3341 cases 15–18: samples that miss the crest
def test_true_peak_between_samples(hertz: float, phase: float) -> None:
    tone = sine(hertz, 20 * math.log10(0.5), 1, phase=math.radians(phase))
    fade = np.minimum(1, np.minimum(np.arange(len(tone)), np.arange(len(tone))[::-1]) / 500)
    assert true_peak(stereo(tone * fade)) == pytest.approx(-6.02, abs=0.35)


def test_true_peak_finds_one_high_place_in_a_quiet_channel() -> None:
    quiet = stereo(sine(440, -40, 2))
    quiet[1, 50000:50004] = [0.3, 0.8, 0.8, 0.3]
    assert true_peak(quiet) > 20 * math.log10(0.8)

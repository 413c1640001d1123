"""Beat maps: between times and beats, and smooth through notes."""

from itertools import pairwise

import numpy as np
import pytest

from domain.music.listening.beat_smoothing import Point, smooth_beats
from domain.music.theory.beat_map import BeatMap


def points(times: list[float], loose: float, seed: int = 1) -> list[Point]:
    rng = np.random.default_rng(seed)
    places = np.sort(rng.choice(np.arange(0, len(times) - 1, 0.5), len(times), replace=False))
    onsets = np.interp(places, np.arange(len(times)), times) + rng.normal(0, loose, len(places))
    return [Point(float(place), float(onset)) for place, onset in zip(places, onsets, strict=True)]


def test_a_steady_hum_has_beats_of_one_length() -> None:
    true = [0.3 + 0.5 * beat for beat in range(40)]
    found = smooth_beats(points(true, 0.02), (), 40)
    assert found == pytest.approx(true, abs=0.02)
    assert np.std(np.diff(found)) < 0.001


def test_a_free_hum_is_followed() -> None:
    true = [float(time) for time in np.cumsum(0.5 * np.exp(0.2 * np.sin(np.arange(40) / 5)))]
    found = smooth_beats(points(true, 0.01), (), 40)
    assert found == pytest.approx(true, abs=0.05)


def test_a_pause_between_phrases_stays_between_them() -> None:
    true = [0.5 * beat + (0.4 if beat >= 16 else 0.0) for beat in range(32)]
    found = smooth_beats([Point(float(beat), time) for beat, time in enumerate(true)], [16.0], 32)
    assert found == pytest.approx(true, abs=0.08)


def test_beats_never_run_backwards() -> None:
    wild = [Point(float(beat), time) for beat, time in enumerate([0.0, 2.0, 0.5, 2.5, 1.0, 3.0])]
    assert all(before < after for before, after in pairwise(smooth_beats(wild, range(6), 6)))


@pytest.mark.parametrize("seconds", [-3.0, 0.0, 1.2, 2.0, 7.7, 50.0])
def test_times_become_beats_and_beats_times(seconds: float) -> None:
    beats = BeatMap((0.5, 1.0, 2.0, 2.6))
    assert beats.time(beats.beat(seconds)) == pytest.approx(seconds)


def test_beats_outside_are_as_long_as_those_at_the_ends() -> None:
    beats = BeatMap((1.0, 1.5, 2.5))
    assert (beats.time(-2), beats.time(4)) == (0.0, 4.5)

"""The mix follows the form: quiet verses, loud choruses, and a spectrum that falls as the style wants it to."""

import numpy as np
import pytest
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.mix import loudness
from adapters.audio.mix.section_levels import level_sections
from adapters.audio.mix.tilt import tilt
from application.ports.mastering import SectionLevel
from application.studio.mix_plan import mix_plan
from tests.unit.test_arrangement import SONG, score

SECONDS = 6


def noise(seconds: float = 3 * SECONDS, *, seed: int = 3) -> Stereo:
    """Return white noise at −20 dBFS."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.1, (2, round(seconds * SAMPLE_RATE))).astype(np.float32)


def levels_of(mix: Stereo) -> list[float]:
    """Return the loudness of each six seconds, their borders left out."""
    energies = loudness.hop_energies(mix, SAMPLE_RATE)
    return [10 * np.log10(energies[10 * at + 3 : 10 * (at + SECONDS) - 3].mean()) for at in (0, SECONDS, 2 * SECONDS)]


def test_sections_get_their_levels() -> None:
    mix = noise()
    mix[:, : SECONDS * SAMPLE_RATE] *= 1.2
    plan = [
        SectionLevel(start=at, end=at + SECONDS, relative_db=level)
        for at, level in ((0, -5.0), (SECONDS, -3.0), (2 * SECONDS, 0.0))
    ]
    before = levels_of(mix)[2]
    level_sections(mix, plan)
    first, second, third = levels_of(mix)
    assert third == pytest.approx(before, abs=0.1)
    assert [first - third, second - third] == pytest.approx([-5.0, -3.0], abs=0.2)
    assert np.abs(np.diff(mix[0])).max() < 2.0


def test_no_section_is_lifted_out_of_silence() -> None:
    mix = noise()
    mix[:, : SECONDS * SAMPLE_RATE] *= 1e-3
    level_sections(mix, [SectionLevel(start=0, end=6, relative_db=0), SectionLevel(start=6, end=18, relative_db=0)])
    first, second, _ = levels_of(mix)
    assert first - second == pytest.approx(-53, abs=1)


@pytest.mark.parametrize("slope", [-5.0, -7.0])
def test_the_spectrum_comes_nearer_to_its_slope(slope: float) -> None:
    dark = signal.sosfilt(signal.butter(2, 500, fs=SAMPLE_RATE, output="sos"), noise(), axis=1).astype(np.float32)
    brighter = tilt(dark, slope)
    assert brighter.shape == dark.shape
    frequencies, before = signal.welch(dark[0], SAMPLE_RATE, nperseg=4096)
    _, after = signal.welch(brighter[0], SAMPLE_RATE, nperseg=4096)
    gain = 10 * np.log10(after[1:] / before[1:])
    assert np.abs(gain[(frequencies[1:] > 60) & (frequencies[1:] < 10_000)]).max() <= 6.5
    octaves = [125 * 2**index for index in range(7)]
    off = [
        [
            10 * np.log10(power[np.searchsorted(frequencies, hertz)]) - slope * index
            for index, hertz in enumerate(octaves)
        ]
        for power in (before, after)
    ]
    assert np.std(off[1]) < np.std(off[0]) - 1


def test_silence_stays_silent() -> None:
    assert not tilt(np.zeros((2, SAMPLE_RATE), np.float32), -5.0).any()


def test_the_plan_follows_the_energies_of_the_sections() -> None:
    piece = score(kind=SONG)
    plan = mix_plan(piece)
    by_name = {span.name: level.relative_db for span, level in zip(piece.sections, plan.sections, strict=True)}
    assert by_name["intro"] < by_name["verse"] < by_name["chorus"] == 0.0
    assert by_name["chorus"] - by_name["verse"] >= 2
    assert plan.seconds == piece.duration + piece.tail

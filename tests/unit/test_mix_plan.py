"""The mix follows the form: quiet verses, loud choruses, and a spectrum that falls as the style wants it to."""

import numpy as np
import pytest
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.mix import loudness
from adapters.audio.mix.section_colours import colour_sections
from adapters.audio.mix.section_levels import level_sections
from adapters.audio.mix.tilt import tilt
from application.ports.mastering import SectionMix
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
        SectionMix(start=at, end=at + SECONDS, relative_db=level)
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
    level_sections(mix, [SectionMix(start=0, end=6, relative_db=0), SectionMix(start=6, end=18, relative_db=0)])
    first, second, _ = levels_of(mix)
    assert first - second == pytest.approx(-51, abs=1)


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


def test_sections_get_their_treble_and_their_width() -> None:
    mix = noise()
    before = mix.copy()
    colour_sections(
        mix,
        [
            SectionMix(start=0, end=SECONDS, treble_db=-3.0),
            SectionMix(start=SECONDS, end=2 * SECONDS, side_db=-6.0),
            SectionMix(start=2 * SECONDS, end=3 * SECONDS),
        ],
    )
    assert [treble_gain(before, mix, part) for part in range(3)] == pytest.approx([-3.0, 0.0, 0.0], abs=0.3)
    assert [width_gain(before, mix, part) for part in range(3)] == pytest.approx([0.0, -6.0, 0.0], abs=0.3)


def test_the_bass_is_in_the_middle() -> None:
    mix = noise()
    mix[1] *= -1  # nothing but sides
    mix[0] = -mix[1]
    before = mix.copy()
    colour_sections(mix, [SectionMix(start=0, end=3 * SECONDS)])
    assert band_gain(before[0], mix[0], 20, 50) < -12
    assert band_gain(before[0], mix[0], 400, 1000) == pytest.approx(0.0, abs=0.3)


def treble_gain(before: Stereo, after: Stereo, part: int) -> float:
    """Return by how many decibels 8–15 kHz of the middle changed in a third of the mix."""
    here = slice(part * SECONDS * SAMPLE_RATE + 9000, (part + 1) * SECONDS * SAMPLE_RATE - 9000)
    return band_gain(before[:, here].sum(axis=0), after[:, here].sum(axis=0), 8000, 15000)


def width_gain(before: Stereo, after: Stereo, part: int) -> float:
    """Return by how many decibels 300–900 Hz of the sides changed in a third of the mix."""
    here = slice(part * SECONDS * SAMPLE_RATE + 9000, (part + 1) * SECONDS * SAMPLE_RATE - 9000)
    return band_gain(before[0, here] - before[1, here], after[0, here] - after[1, here], 300, 900)


def band_gain(before: Mono, after: Mono, low: float, high: float) -> float:
    frequencies, power = signal.welch(np.stack([before, after]), SAMPLE_RATE, nperseg=8192)
    band = (frequencies > low) & (frequencies < high)
    return float(10 * np.log10(power[1, band].mean() / power[0, band].mean()))

"""Guitar amplifiers: no tone between the harmonics, silence where the strings are silent, chords that distort."""

import numpy as np
import pytest

from adapters.audio.arrays import SAMPLE_RATE, Mono
from adapters.audio.instruments.amplifiers import Amplifier
from adapters.audio.instruments.guitars import LEAD_GUITAR, OVERDRIVEN_GUITAR
from tests.support.instrument_measures import spectrum

AMPLIFIERS = [OVERDRIVEN_GUITAR.amplifier, LEAD_GUITAR.amplifier]


def tone(*hertz: float, level: float = 1.0, seconds: float = 1.0) -> Mono:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = sum(level * np.sin(2 * np.pi * each * times) for each in hertz)
    return np.asarray(wave, np.float32)


@pytest.mark.parametrize("amplifier", AMPLIFIERS)
def test_a_sweep_of_tones_has_no_aliases(amplifier: Amplifier) -> None:
    for hertz in np.geomspace(82, 2500, 24):
        played = amplifier(tone(float(hertz), level=1.5))[SAMPLE_RATE // 4 :]
        frequencies, magnitudes = spectrum(played)
        strays = (np.abs(frequencies - np.round(frequencies / hertz) * hertz) > 12) & (frequencies > 60)
        assert 20 * np.log10(magnitudes[strays].max() / magnitudes.max()) < -60, hertz


def test_a_chord_distorts_as_one() -> None:
    """Root and fifth make the tone an octave below the root, which neither has."""
    amplifier = Amplifier(gain=2.5)

    def under(sound: Mono) -> float:
        frequencies, magnitudes = spectrum(sound[SAMPLE_RATE // 4 :])
        return float(magnitudes[np.abs(frequencies - 110) < 4].max() / magnitudes.max())

    assert under(amplifier(tone(220, 330))) > 0.03
    assert under(amplifier(tone(220)) + amplifier(tone(330))) < 0.001


def test_the_amplifier_is_silent_where_the_strings_are() -> None:
    sound = np.concatenate([tone(220, seconds=0.2), np.zeros(8000, np.float32), tone(220, seconds=0.2)])
    played = Amplifier(gain=2.5)(sound.copy())
    first = round(0.2 * SAMPLE_RATE)
    assert played.shape == sound.shape
    assert not played[first + 1 : first + 7990].any()
    assert np.abs(played[first - 20 : first]).max() < 0.1 * np.abs(played).max()
    assert not Amplifier(gain=2.5)(np.zeros(5000, np.float32)).any()


@pytest.mark.parametrize("seconds", [0.003, 1.3])
def test_a_stretch_sounds_the_same_wherever_it_is_and_however_long(seconds: float) -> None:
    """Chunks and their echoes join, and what is played elsewhere does not matter."""
    whole = Amplifier(gain=2.5)(tone(220, seconds=2.0))
    stretch = tone(220, seconds=seconds)
    alone = Amplifier(gain=2.5)(
        np.concatenate([np.zeros(700, np.float32), stretch, np.zeros(9000, np.float32), stretch])
    )
    last = max(len(stretch) - 220, 0)
    first = np.flatnonzero(alone)[0]
    assert first == 701  # a sine begins with 0
    assert np.abs(alone[700 : 700 + last] - whole[:last]).max(initial=0.0) < 1e-5
    assert np.allclose(alone[700 : 700 + len(stretch)], alone[-len(stretch) :], atol=1e-5)


def test_loud_parts_are_compressed() -> None:
    soft, loud = (float(np.std(Amplifier(gain=2.5)(tone(220, level=level)))) for level in (0.05, 1.0))
    assert 4 < loud / soft < 14

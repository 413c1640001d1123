"""Effects measured on sounds whose answer is known."""

import numpy as np
import pytest
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Mono, Stereo
from adapters.audio.instruments.signals import band_noise, control_times, db_to_gain, interpolate_blocks, to_samples
from adapters.audio.mix import effects
from tests.support.instrument_measures import channel_correlation, spectrum


def _rng() -> np.random.Generator:
    return np.random.default_rng(5)


def _sine(frequency: float, seconds: float) -> Stereo:
    wave = 0.5 * np.sin(2 * np.pi * frequency * np.arange(to_samples(seconds)) / SAMPLE_RATE)
    return np.stack([wave, wave]).astype(np.float32)


def _decay(response: Mono) -> float:
    """Return the reverberation time: −5 to −35 dB of the backward integral (ISO 3382), times two."""
    energy = np.cumsum(response[::-1].astype(np.float64) ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-12)
    return float(np.argmax(level < -35) - np.argmax(level < -5)) / SAMPLE_RATE * 2


def _band(wave: Mono, low: float, high: float) -> Mono:
    sections = signal.butter(4, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, wave), np.float32)


@pytest.mark.parametrize("seconds", [0.9, 2.8])
def test_a_room_decays_in_its_time_and_its_highs_sooner(seconds: float) -> None:
    response = effects.room_impulse_response(seconds, predelay_ms=20, damping_hz=6000, rng=_rng())
    assert _decay(_band(response[0], 300, 900)) == pytest.approx(seconds, rel=0.12)
    assert _decay(_band(response[0], 7000, 11000)) < 0.75 * seconds


def test_a_room_has_two_sides_a_predelay_and_unit_energy() -> None:
    response = effects.room_impulse_response(1.6, predelay_ms=20, damping_hz=6000, rng=_rng())
    assert abs(channel_correlation(response)) < 0.1
    assert not response[:, : to_samples(0.02)].any()
    assert np.sum(response**2, axis=1) == pytest.approx([1, 1], rel=1e-3)


def test_convolution_is_convolution_and_as_long_as_the_sound() -> None:
    rng = _rng()
    sound = rng.standard_normal((2, 70_000)).astype(np.float32)
    sound[:, 10_000:60_000] = 0  # a rest, whose blocks are passed over
    response = rng.standard_normal((2, 3_000)).astype(np.float32)
    expected = signal.oaconvolve(sound, response, axes=1)[:, :70_000]
    assert np.allclose(effects.convolve(sound, response), expected, atol=2e-3)
    assert np.allclose(effects.convolve(sound, response, 1_000)[:, :69_000], expected[:, 1_000:], atol=2e-3)


def test_zero_delay_changes_nothing_and_whole_samples_shift() -> None:
    wave = _rng().standard_normal(200_000).astype(np.float32)
    still = np.zeros_like(control_times(200_000))
    assert np.allclose(effects.vary_delay(wave, still), wave, atol=1e-6)
    assert np.allclose(effects.vary_delay(wave, still - 10)[20:], wave[10:-10], atol=1e-6)


def _speeds(sound: Stereo, frequency: float) -> Floats:
    """Return the pitch of a sine in cents from its frequency, smoothed over 20 ms."""
    phase: Floats = np.atleast_1d(np.unwrap(np.angle(signal.hilbert(sound[0]))))
    speed = np.diff(phase) * SAMPLE_RATE / (2 * np.pi * frequency)
    smooth = np.convolve(speed, np.ones(882) / 882, "valid")[2000:-2000]
    return np.asarray(1200 * np.log2(smooth))


def test_tape_drifts_as_far_as_the_style_says_and_no_further() -> None:
    taped = effects.wow_and_flutter(_sine(440, 10), wow_cents=8, flutter_cents=2, rng=_rng())
    cents = _speeds(taped, 440)
    assert abs(float(np.mean(cents))) < 0.5
    assert 5 < float(np.abs(cents).max()) < 10.5


def test_chorus_widens_and_keeps_the_level() -> None:
    source = band_noise(4 * SAMPLE_RATE, 100, 8000, _rng())
    sound = np.stack([source, source])
    wide = effects.chorus(sound.copy(), 0.6)
    assert channel_correlation(wide) < 0.95
    assert np.std(wide) == pytest.approx(np.std(sound), rel=0.1)


def test_ducking_makes_way_and_comes_back() -> None:
    curve = interpolate_blocks(effects.sidechain_gains(SAMPLE_RATE, [0.5], 6.0, 0.3), SAMPLE_RATE)
    assert curve[to_samples(0.4)] == pytest.approx(1)
    assert curve[to_samples(0.502)] == pytest.approx(db_to_gain(-6), abs=0.03)
    assert curve[to_samples(0.85)] == pytest.approx(1, abs=1e-3)
    assert np.abs(np.diff(curve)).max() < 0.005


def test_low_pass_halves_the_power_at_its_frequency() -> None:
    for frequency, level in ((2000, 0.0), (8000, -3.0), (16000, -30.0)):
        passed = effects.low_pass(_sine(frequency, 1), 8000)[:, 4000:]
        decibels = 20 * np.log10(np.std(passed) / np.std(_sine(frequency, 1)))
        assert decibels < level + 0.3 if level < -3 else decibels == pytest.approx(level, abs=0.3)


def test_rumble_and_dc_go() -> None:
    sound = effects.remove_rumble(_sine(100, 2) + np.float32(0.2))
    assert abs(float(sound[:, SAMPLE_RATE:].mean())) < 1e-3


def test_taking_rumble_out_puts_no_noise_in() -> None:
    given = _rng().standard_normal((2, 5 * SAMPLE_RATE)).astype(np.float32)
    sections = signal.butter(2, 25, "highpass", fs=SAMPLE_RATE, output="sos").astype(np.float32).astype(np.float64)
    exact = signal.sosfilt(sections, given.astype(np.float64))
    assert np.std(effects.remove_rumble(given) - exact) < 1e-6


def test_saturation_keeps_the_peak_and_lifts_the_rest() -> None:
    sound = np.linspace(-1, 1, 1001, dtype=np.float32)[None, :].repeat(2, axis=0)
    pressed = effects.soft_saturate(sound.copy(), 0.9)
    assert np.abs(pressed).max() == pytest.approx(1, abs=1e-5)
    assert (np.abs(pressed) >= np.abs(sound) - 1e-6).all()


def test_vinyl_hisses_at_its_level_and_fades() -> None:
    sound = np.zeros((2, to_samples(9)), np.float32)
    effects.add_vinyl_noise(sound, -48.0, _rng())
    middle = sound[:, to_samples(1) : to_samples(7)]
    assert 20 * np.log10(np.std(middle)) == pytest.approx(-48, abs=2)
    assert np.abs(middle).max() > 6 * np.std(middle)  # it crackles
    assert np.abs(sound[:, :20]).max() < 1e-5
    assert np.abs(sound[:, -20:]).max() < 1e-5
    frequencies, magnitudes = spectrum(middle[0])
    assert np.sum(magnitudes[frequencies > 9000] ** 2) < 0.05 * np.sum(magnitudes**2)

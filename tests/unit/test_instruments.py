"""Every instrument, measured: in tune, clean, equally loud, alive."""

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Mono, Stereo
from adapters.audio.instruments import PATCHES, plucked
from adapters.audio.instruments.player import Bus, Echo, play_part
from adapters.audio.instruments.signals import (
    CEILING_HZ,
    band_noise,
    interpolate_blocks,
    sum_of_decaying_sines,
    to_samples,
)
from adapters.audio.instruments.struck import StrikeNoise
from domain.music.instruments import Instrument
from domain.music.score import Part, ScoreNote
from domain.music.theory.pitch import to_hz
from tests.support.instrument_measures import (
    TYPICAL,
    centroid,
    channel_correlation,
    loudness,
    pitch_error,
    played,
    spectrum,
)

KITS = [instrument for instrument in Instrument if instrument.is_kit]
SYNTHS = (
    Instrument.SUPERSAW,
    Instrument.LEAD_SYNTH,
    Instrument.ARP_SYNTH,
    Instrument.SYNTH_BASS,
    Instrument.BRIGHT_LEAD,
    Instrument.PULSE_LEAD,
    Instrument.SQUARE_ARP,
    Instrument.TRIANGLE_BASS,
)
KEYS = (35, 36, 37, 38, 39, 40, 41, 42, 45, 46, 48, 49, 51, 54, 55)


def _between(sound: Stereo, start: float, end: float) -> Stereo:
    return sound[:, to_samples(start) : to_samples(end)]


def test_every_instrument_has_a_patch() -> None:
    assert set(PATCHES) == set(TYPICAL) | set(KITS) == set(Instrument)


@pytest.mark.parametrize("name", sorted(TYPICAL))
def test_is_in_tune_in_three_registers(name: Instrument) -> None:
    for pitch in (TYPICAL[name] - 12, TYPICAL[name], TYPICAL[name] + 12):
        sound = played(name, ScoreNote(0.0, 3.0, pitch, 0.8), seconds=3)
        assert abs(pitch_error(_between(sound, 0.3, 2.9), pitch)) < 10, pitch


@pytest.mark.parametrize("name", sorted(TYPICAL))
@pytest.mark.parametrize("duration", [0.06, 0.8])
def test_a_note_begins_and_ends_without_a_click(name: Instrument, duration: float) -> None:
    length = PATCHES[name].length(duration)
    sound = played(name, ScoreNote(0.1, duration, TYPICAL[name], 0.9), seconds=0.2 + length / SAMPLE_RATE)
    first = to_samples(0.1)
    steps = np.abs(np.diff(sound, axis=1)).max(axis=0)
    loudest = steps[first + to_samples(0.002) : first + to_samples(max(duration, 0.2))].max()
    assert not sound[:, :first].any()
    assert not sound[:, first + length :].any()
    assert steps[first - 1 : first + 20].max() < 0.7 * loudest
    assert steps[first + length - 30 :].max() < 0.002 * loudest
    assert steps[first + to_samples(duration) :].max() <= 1.3 * loudest


@pytest.mark.parametrize("name", sorted(TYPICAL))
def test_nothing_sounds_above_the_ceiling(name: Instrument) -> None:
    sound = played(name, ScoreNote(0.0, 1.0, 96, 1.0), seconds=1.5)
    frequencies, magnitudes = spectrum(_between(sound, 0.05, 0.9)[0])
    above = np.sum(magnitudes[frequencies > 1.06 * CEILING_HZ] ** 2) / np.sum(magnitudes**2)
    assert 10 * np.log10(above + 1e-20) < -58


@pytest.mark.parametrize("name", SYNTHS)
def test_a_high_note_has_no_aliases_between_its_harmonics(name: Instrument) -> None:
    pitch = 91
    sound = played(name, ScoreNote(0.0, 1.2, pitch, 1.0), seconds=1.5)
    frequencies, magnitudes = spectrum(_between(sound, 0.25, 1.1)[0])
    order = frequencies / to_hz(pitch)
    strays = np.abs(order - np.round(order)) > 0.16  # detuned voices spread by a ninth of a semitone
    assert 20 * np.log10(magnitudes[strays].max() / magnitudes.max()) < -60


@pytest.mark.parametrize("name", sorted(PATCHES))
def test_instruments_are_equally_loud(name: Instrument) -> None:
    assert loudness(name) == pytest.approx(-18, abs=0.7)


@pytest.mark.parametrize("name", sorted(TYPICAL))
def test_playing_harder_is_brighter_and_louder(name: Instrument) -> None:
    soft, hard = (played(name, ScoreNote(0.0, 0.5, TYPICAL[name], velocity), seconds=1) for velocity in (0.3, 1.0))
    assert _brightness(hard) > 1.04 * _brightness(soft)
    assert np.std(hard) > 2.5 * np.std(soft)


def _brightness(sound: Stereo) -> float:
    """Return the mean frequency weighted by amplitude, in Hz: quiet overtones count as the ear counts them."""
    frequencies, magnitudes = spectrum(sound.mean(axis=0))
    return float(np.sum(frequencies * magnitudes) / np.sum(magnitudes))


@pytest.mark.parametrize("kit", KITS)
@pytest.mark.parametrize("key", KEYS)
def test_a_drum_starts_at_zero_and_rings_into_silence(kit: Instrument, key: int) -> None:
    sound = played(kit, ScoreNote(0.0, 0.1, key, 0.9), seconds=PATCHES[kit].release + 0.1)
    peak = float(np.abs(sound).max())
    assert 0.05 < peak < 2.0
    assert np.abs(sound[:, :2]).max() < 0.02 * peak
    assert np.abs(np.diff(sound[:, -to_samples(0.2) :], axis=1)).max() < 0.01 * peak
    assert not sound[:, -to_samples(0.05) :].any()


def test_a_kick_is_lower_than_a_snare_and_a_snare_than_a_hat() -> None:
    for kit in KITS:
        kick, snare, hat = (centroid(played(kit, ScoreNote(0, 0.1, key, 0.8), seconds=1)) for key in (36, 38, 42))
        assert kick < 150 < snare < hat


def test_the_gated_snare_is_cut_off() -> None:
    snare = played(Instrument.GATED_KIT, ScoreNote(0.0, 0.1, 38, 0.9), seconds=0.6)
    assert np.std(_between(snare, 0.18, 0.23)) > 30 * np.std(_between(snare, 0.29, 0.34))


def test_a_kit_plays_keys_that_it_lacks() -> None:
    assert np.abs(played(Instrument.LOFI_KIT, ScoreNote(0.0, 0.1, 81, 0.8), seconds=1)).max() > 0.05


def test_repeated_strokes_do_not_sound_equal_but_the_same_in_every_piece() -> None:
    strokes = (ScoreNote(0.0, 0.1, 38, 0.8), ScoreNote(1.0, 0.1, 38, 0.8))
    first, other = (played(Instrument.LOFI_KIT, *strokes, seconds=2, seed=seed) for seed in (1, 2))
    assert np.array_equal(first, other)
    assert not np.allclose(first[:, :SAMPLE_RATE], first[:, SAMPLE_RATE:])


def test_equal_seeds_sound_equal_and_others_do_not() -> None:
    note = ScoreNote(0.0, 0.3, 60, 0.8)
    first, again, other = (played(Instrument.PIANO, note, seconds=1, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_wide_sections_are_wide_and_basses_are_not() -> None:
    def width(name: Instrument) -> float:
        return 1 - channel_correlation(played(name, ScoreNote(0.0, 1.0, TYPICAL[name], 0.8), seconds=1.5))

    assert all(
        width(name) > 0.08
        for name in (Instrument.LOW_STRINGS, Instrument.HIGH_STRINGS, Instrument.CHOIR, Instrument.SUPERSAW)
    )
    assert width(Instrument.SYNTH_BASS) < 0.01


def test_vibrato_grows() -> None:
    def depth(sound: Stereo) -> float:
        phase = np.unwrap(np.angle(_around(sound[0], to_hz(72))))
        drift = np.diff(phase)[2000:-2000] * SAMPLE_RATE / (2 * np.pi)
        return float(np.std(1200 * np.log2(drift / to_hz(72))))

    sound = played(Instrument.SOLO_STRINGS, ScoreNote(0.0, 2.0, 72, 0.8), seconds=2)
    assert depth(_between(sound, 1.0, 1.9)) > 2.5 * depth(_between(sound, 0.06, 0.26))


def _around(wave: Mono, centre: float) -> npt.NDArray[np.complex128]:
    """Return the analytic signal of what lies around one frequency."""
    transform = np.fft.fft(wave)
    transform[np.abs(np.fft.fftfreq(len(wave), 1 / SAMPLE_RATE) - centre) > 0.3 * centre] = 0
    return np.asarray(np.fft.ifft(transform), np.complex128)


def test_parts_obey_gain_pan_and_buses() -> None:
    dry, wet = np.zeros((2, SAMPLE_RATE), np.float32), np.zeros((2, SAMPLE_RATE), np.float32)
    note = ScoreNote(0.0, 0.3, 69, 0.8)
    part = Part(name="a", instrument=Instrument.VIBRAPHONE, gain_db=-6.0, pan=-1.0, notes=(note,))
    play_part(part, (Bus(dry, 1.0), Bus(wet, 0.25)), 1)
    plain = played(Instrument.VIBRAPHONE, note, seconds=1)
    assert np.abs(dry[1]).max() < 1e-6
    assert np.allclose(dry[0], plain[0] * 10 ** (-6 / 20) * np.sqrt(2), atol=1e-6)
    assert np.allclose(wet, 0.25 * dry)


def test_an_echo_is_the_part_again() -> None:
    sound = np.zeros((2, 2 * SAMPLE_RATE), np.float32)
    part = Part(name="a", instrument=Instrument.CELESTA, notes=(ScoreNote(0.0, 0.05, 84, 0.8),))
    play_part(part, (Bus(sound, 1.0),), 1, (Echo(1.0, -20.0, 0.0),))
    assert np.allclose(sound[:, SAMPLE_RATE:], 0.1 * sound[:, :SAMPLE_RATE], atol=1e-6)


def test_a_note_past_the_end_is_cut_and_one_before_the_start_moved() -> None:
    sound = played(Instrument.PIANO, ScoreNote(0.95, 1.0, 60, 0.8), ScoreNote(-0.1, 0.1, 60, 0.8), seconds=1)
    assert np.isfinite(sound).all()
    assert np.abs(_between(sound, 0.0, 0.05)).max() > 0.01


def test_decaying_sines_are_summed() -> None:
    times = np.arange(5000) / SAMPLE_RATE
    direct = 0.5 * np.sin(2 * np.pi * 441 * times) * 10 ** (-3 * times / 0.2)
    mixed = sum_of_decaying_sines(
        np.array([441.0, 20_000.0]), np.array([0.2, 1.0]), np.full((2, 2), 0.5), np.zeros(2), 5000
    )
    assert np.allclose(mixed, direct, atol=1e-5)


def test_noise_keeps_to_its_band() -> None:
    frequencies, magnitudes = spectrum(band_noise(SAMPLE_RATE, 1000, 2000, np.random.default_rng(1)))
    inside = (frequencies > 800) & (frequencies < 2500)
    assert np.sum(magnitudes[inside] ** 2) > 0.9 * np.sum(magnitudes**2)


def test_interpolation_is_linear_between_blocks() -> None:
    assert np.allclose(interpolate_blocks(np.array([0.0, 64.0, 0.0]), 128)[[1, 63, 64, 65]], [1, 63, 64, 63])


def test_a_high_pass_on_decaying_sines_is_the_filter() -> None:
    frequencies, decays, phases = np.array([82.4, 330.0, 9000.0]), np.array([2.0, 0.6, 0.05]), np.array([0.0, 1.0, 2.0])
    plain, passed = (
        sum_of_decaying_sines(frequencies, decays, np.full((2, 3), 0.5), phases, 30_000, high_pass=hertz)
        for hertz in (0.0, 60.0)
    )
    expected = signal.sosfilt(signal.butter(2, 60.0, "highpass", fs=SAMPLE_RATE, output="sos"), plain)
    assert np.abs(passed - expected).max() < 1e-5
    assert np.abs(passed - plain).max() > 0.1


def test_partials_that_end_early_end_without_a_click() -> None:
    tone = msgspec.structs.replace(plucked.NYLON, seconds=0.5, thump=(), noise=StrikeNoise(350, 5000, 0.025, 0.0))
    sound = tone(67, 1.0, SAMPLE_RATE, np.random.default_rng(0))[0]
    last = int(np.flatnonzero(sound)[-1])
    assert last < to_samples(0.7)
    assert np.abs(np.diff(sound[last - 400 : last + 2])).max() < np.abs(np.diff(sound[last - 2000 : last - 600])).max()

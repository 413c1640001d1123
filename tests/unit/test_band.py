"""The instrumental stem, heard as a whole."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from scipy import signal

from adapters.audio.arrays import SAMPLE_RATE, Floats, Stereo
from adapters.audio.instruments.signals import to_samples
from adapters.audio.mix.band import play, warm_up
from adapters.audio.mix.band_mix import render_band
from domain.music.instruments import Instrument
from domain.music.score import Score, ScoreNote
from domain.music.space import Space
from domain.music.styles.registry import STYLES
from domain.music.theory.pitch import to_hz
from tests.support.instrument_measures import centroid, spectrum
from tests.support.scores import one_part, score

BARS = 4
PLAIN = "cinematic"
"""A style whose space is a room and nothing else."""


def styles_with(effect: Callable[[Space], float]) -> list[str]:
    """Return the styles whose space has an effect."""
    return [name for name, style in STYLES.items() if effect(style.space)]


DULL = [name for name in STYLES if STYLES[name].space.low_pass_hz < 10_000]
BRIGHT = [name for name, style in STYLES.items() if style.has_drums and style.space.low_pass_hz >= 20_000]
"""Styles whose cymbals are heard in full."""


@pytest.fixture(scope="module")
def stems() -> dict[str, Stereo]:
    return {style: render_band(score(style, bars=BARS, tail=STYLES[style].tail)) for style in STYLES}


@pytest.mark.anyio
def test_the_stem_is_a_flac_of_the_right_length(tmp_path: Path) -> None:
    piece, out = score("lofi", bars=2, tail=1.5), tmp_path / "stem.flac"
    report = play(piece, out)
    info = soundfile.info(out)
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("FLAC", "PCM_24", 44_100, 2)
    assert info.frames == round((piece.duration + piece.tail) * 44_100)
    assert report.duration == pytest.approx(piece.duration + piece.tail, abs=1e-4)
    assert report.rendered_notes == sum(len(part.notes) for part in piece.parts)
    sound, _ = soundfile.read(out, dtype="float32")
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(report.peak_dbfs, abs=0.01)


@pytest.mark.parametrize("style", STYLES)
def test_the_stem_peaks_at_minus_3_and_ends_in_silence(style: str, stems: dict[str, Stereo]) -> None:
    stem = stems[style]
    assert 20 * np.log10(np.abs(stem).max()) == pytest.approx(-3, abs=0.05)
    assert np.abs(stem[:, -1]).max() < 1e-3
    assert np.abs(stem[:, -to_samples(0.02) :]).max() < 10 ** (-45 / 20)
    assert np.abs(stem.mean(axis=1)).max() < 1e-4
    assert np.abs(stem[:, 0]).max() < 1e-3


def test_the_same_score_is_the_same_file(tmp_path: Path) -> None:
    piece = score("synthwave", bars=2)
    for name in ("a", "b"):
        play(piece, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_another_seed_is_another_take() -> None:
    first, other = (render_band(score("lofi", bars=2, seed=seed)) for seed in (1, 2))
    assert not np.array_equal(first, other)


def _level_above(stem: Stereo, frequency: float) -> float:
    frequencies, magnitudes = spectrum(stem[0])
    return float(10 * np.log10(np.sum(magnitudes[frequencies > frequency] ** 2) / np.sum(magnitudes**2)))


def test_a_low_pass_makes_a_style_dull(stems: dict[str, Stereo]) -> None:
    assert all(_level_above(stems[style], 10_000) < -48 for style in DULL)
    assert all(_level_above(stems[style], 10_000) > -45 for style in BRIGHT)
    assert all(centroid(stems[dull]) < centroid(stems["synthwave"]) for dull in DULL)


def _sound_after_the_end(style: str) -> float:
    """Return seconds from the end of a staccato chord until the sound has fallen by 40 dB."""
    note = ScoreNote(0.0, 0.2, 60, 0.9)
    piece = one_part(Instrument.PIANO, note, duration=1.0, tail=8.0, style=style)
    roomy = msgspec.structs.replace(piece.parts[0], name="chord", space=1.0)
    stem = render_band(msgspec.structs.replace(piece, parts=(roomy,)))
    power = np.convolve(np.mean(stem**2, axis=0), np.ones(2205) / 2205, "same")
    quiet = power < 1e-4 * power.max()
    return float(np.argmax(quiet[to_samples(0.2) :])) / SAMPLE_RATE


def test_a_longer_reverberation_is_heard_for_longer() -> None:
    spaces = {name: style.space for name, style in STYLES.items() if style.space.vinyl_db <= -120}  # crackle never ends
    times = {name: space.reverb_seconds for name, space in spaces.items()}
    longest, shortest = max(times, key=times.__getitem__), min(times, key=times.__getitem__)
    assert _sound_after_the_end(longest) > 1.5 * _sound_after_the_end(shortest)


def test_only_tape_wavers() -> None:
    def wavering(style: str) -> float:
        note = ScoreNote(0.0, 4.0, 69, 0.8)
        piece = one_part(Instrument.VIBRAPHONE, note, duration=4.0, style=style)
        stem = render_band(msgspec.structs.replace(piece, parts=(msgspec.structs.replace(piece.parts[0], space=0.0),)))
        tone = signal.sosfiltfilt(signal.butter(2, (400, 480), "bandpass", fs=SAMPLE_RATE, output="sos"), stem.sum(0))
        speed = np.diff(np.unwrap(np.angle(signal.hilbert(tone)))) * SAMPLE_RATE / (2 * np.pi)
        smooth = np.convolve(speed, np.ones(8820) / 8820, "valid")[to_samples(0.3) : to_samples(3.0)]
        return float(np.ptp(1200 * np.log2(smooth / to_hz(69))))

    assert all(6 < wavering(style) < 20 for style in styles_with(lambda space: space.wow_cents))
    assert wavering(PLAIN) < 2


@pytest.mark.parametrize("style", styles_with(lambda space: space.sidechain_db))
def test_kicks_duck_the_rest_with_a_sidechain(style: str) -> None:
    beat = 0.6
    pad = ScoreNote(0.0, 8 * beat, 72, 0.8)
    piece = one_part(Instrument.HIGH_STRINGS, pad, duration=8 * beat, style=style)
    kicks = tuple(ScoreNote(turn * beat, 0.1, 36, 0.8) for turn in range(2, 8))
    drums = msgspec.structs.replace(
        piece.parts[0], name="drums", instrument=Instrument.GATED_KIT, notes=kicks, gain_db=-20.0
    )
    stem = render_band(msgspec.structs.replace(piece, parts=(*piece.parts, drums)))
    high = signal.sosfilt(signal.butter(6, 480, "highpass", fs=SAMPLE_RATE, output="sos"), stem)
    after, before = (
        np.std(high[:, to_samples(4 * beat + shift) : to_samples(4 * beat + shift + 0.06)]) for shift in (0.02, -0.1)
    )
    assert after < 0.75 * before


def test_the_lead_echoes_where_the_style_has_an_echo() -> None:
    def echo(style: str, beats: float) -> float:
        piece = one_part(Instrument.CELESTA, ScoreNote(0.0, 0.1, 84, 0.9), duration=2.0, style=style)
        dry = msgspec.structs.replace(piece.parts[0], space=0.0)
        stem = render_band(msgspec.structs.replace(piece, parts=(dry,)))
        delay = beats * 60 / piece.tempo_bpm
        return float(np.abs(stem[:, to_samples(delay) + 100 : to_samples(delay) + 3000]).max() / np.abs(stem).max())

    for style in styles_with(lambda space: space.echo_beats):
        beats = STYLES[style].space.echo_beats
        assert echo(style, beats) > 0.15
        assert echo(PLAIN, beats) < 0.15


@pytest.mark.parametrize("style", STYLES)
def test_the_melody_can_be_found_in_the_mix(style: str, stems: dict[str, Stereo]) -> None:
    """Harmonic summation over the tune's own two octaves finds its pitch class."""
    piece = score(style, bars=BARS)
    times, pitches, salience = _salience(stems[style])
    written = _melody(piece, times)
    sounding = ~np.isnan(written)
    errors = (pitches[salience.argmax(axis=0)] - written)[sounding]
    assert np.mean(np.abs((errors + 6) % 12 - 6) < 0.6) > 0.8


def _melody(piece: Score, times: Floats) -> Floats:
    written = np.full(len(times), np.nan)
    for note in next(part for part in piece.parts if part.name == piece.lead).notes:
        written[(times >= note.start + 0.06) & (times < note.start + note.duration - 0.03)] = note.pitch
    return written


def _salience(stem: Stereo) -> tuple[Floats, Floats, Floats]:
    """Return times, MIDI pitches and their salience (Klapuri 2006, without its iteration)."""
    size = 8192
    _, times, transform = signal.stft(
        stem.mean(0), SAMPLE_RATE, "blackmanharris", size, size - 2048, boundary=None, padded=False
    )
    magnitudes = np.sqrt(np.abs(transform))
    pitches = np.arange(64, 89, 0.25)
    salience = np.zeros((len(pitches), len(times)))
    for row, pitch in enumerate(pitches):
        for order in range(1, 9):
            place = round(to_hz(pitch) * order * size / SAMPLE_RATE)
            salience[row] += 0.8**order * magnitudes[place - 1 : place + 2].max(axis=0)
    return times, pitches, salience


def test_a_score_without_notes_is_silence(tmp_path: Path) -> None:
    empty = msgspec.structs.replace(score(bars=2), parts=())
    report = play(empty, tmp_path / "stem.flac")
    assert report.peak_dbfs == -120
    assert report.rendered_notes == 0


def test_warming_up_leaves_the_band_ready() -> None:
    warm_up()

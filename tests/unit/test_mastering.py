"""The mastering desk, measured on the file that it wrote."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.codecs import encoding
from adapters.audio.codecs.stems import encode_stem, read_stem
from adapters.audio.mix import balance, loudness
from adapters.audio.mix.dynamics import limit
from adapters.audio.mix.mastering import master
from application.ports.mastering import SilentMix, StemUnreadable
from domain.jobs.output_formats import OutputFormat


@cache
def pad(seconds: float) -> Stereo:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sides = [[110, 165.3, 220.7], [110.3, 164.7, 221.0]]
    waves = [sum(np.sin(2 * np.pi * f * k * time) / k for f in side for k in range(1, 12)) for side in sides]
    return (0.03 * np.stack(waves)).astype(np.float32)


def drums(seconds: float, every: float = 0.5) -> Stereo:
    rng = np.random.default_rng(3)
    time = np.arange(int(0.4 * SAMPLE_RATE)) / SAMPLE_RATE
    kick = np.sin(2 * np.pi * (50 * time + 2 * (1 - np.exp(-time / 0.03)))) * np.exp(-time / 0.06)
    snare = 0.4 * rng.standard_normal(len(time)) * np.exp(-time / 0.03)
    track = 1e-3 * rng.standard_normal(int(seconds * SAMPLE_RATE))
    for beat, at in enumerate(np.arange(0, seconds - 0.4, every)):
        first = int(at * SAMPLE_RATE)
        track[first : first + len(time)] += (snare if beat % 2 else kick) * (0.9 if beat % 8 in {0, 7} else 0.15)
    return np.stack([track, track]).astype(np.float32)


@cache
def voice(seconds: float) -> Stereo:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sung = np.convolve(np.sin(2 * np.pi * time / 4) > 0, np.hanning(4000) / 2000, "same")
    wave = sum(np.sin(2 * np.pi * 330 * k * time + 0.3 * np.sin(2 * np.pi * 5 * time)) / k for k in range(1, 9))
    return (0.05 * np.stack([wave * sung] * 2)).astype(np.float32)


def stem(path: Path, samples: Stereo) -> Path:
    soundfile.write(path, samples.T, SAMPLE_RATE, format="FLAC", subtype="PCM_24")
    return path


MIXES = {
    "pads": (None, pad(6)),
    "pads and voice": (voice(5), pad(6)),
    "drums": (None, drums(6)),
    "sparse drums": (voice(6) * 0, drums(8, every=1.0)),
    "everything": (voice(6), pad(6) * 0.4 + drums(6)),
    "very quiet": (None, pad(6) * 0.03),
}
CASES = [(name, "mp3_44100_128") for name in MIXES] + [
    ("sparse drums", "flac_44100"),
    ("everything", "opus_48000_128"),
    ("everything", "m4a_44100_256"),
]


@pytest.mark.parametrize(("name", "output_format"), CASES)
def test_finished_file_is_minus_14_lufs_and_below_minus_1_dbtp(
    name: str, output_format: OutputFormat, tmp_path: Path
) -> None:
    vocals, band = MIXES[name]
    vocals_stem = None if vocals is None else stem(tmp_path / "vocals", vocals)
    report = master(vocals_stem, stem(tmp_path / "band", band), tmp_path / "out", output_format)
    heard, rate = encoding.decode(tmp_path / "out")
    assert loudness.integrated(heard, rate) == pytest.approx(-14.0, abs=0.3)
    assert loudness.true_peak(heard) <= -1.0
    assert report.lufs == pytest.approx(loudness.integrated(heard, rate))
    assert report.true_peak_dbtp == pytest.approx(loudness.true_peak(heard))
    assert report.duration == pytest.approx(band.shape[1] / SAMPLE_RATE, abs=0.001)
    assert report.mime_type == encoding.mime_type(output_format)
    assert np.abs(heard[:, -20:]).max() < 0.003


def test_drums_of_the_test_are_the_hard_case() -> None:
    mix = drums(8, every=1.0)
    assert 20 * np.log10(np.abs(mix).max()) - loudness.integrated(mix, SAMPLE_RATE) > 20


@pytest.mark.parametrize("level_db", [-20, 0, 12])
def test_voice_sits_a_little_above_the_band(level_db: float) -> None:
    vocals, band = voice(6) * np.float32(10 ** (level_db / 20)), pad(6)
    mix = balance.mix_stems(vocals.copy(), band.copy())
    alone = balance.mix_stems(np.zeros_like(vocals), band.copy())
    singing = balance.vocal_band_energy(vocals) > balance.vocal_band_energy(vocals).max() / 4
    both, behind = balance.vocal_band_energy(mix)[singing].mean(), balance.vocal_band_energy(alone)[singing].mean()
    ducked = behind * 10 ** (-2 / 10)
    over = 10 * np.log10((both - ducked) / ducked)
    assert 0.5 <= over <= 3.5
    if level_db == 0:
        resting = balance.vocal_band_energy(vocals) < 1e-6
        beside, before = (balance.vocal_band_energy(each)[resting] for each in (mix, alone))
        assert np.median(10 * np.log10(beside / before)) == pytest.approx(0, abs=0.3)


def test_limiter_keeps_the_true_peak_under_its_ceiling_without_steps() -> None:
    mix = drums(4) * np.float32(4)
    before = mix.copy()
    limit(mix, 0.7)
    assert loudness.true_peak(mix) <= 20 * np.log10(0.7) + 0.01
    loud = np.abs(before[0]) > 0.01
    gain = np.where(loud, mix[0] / np.where(loud, before[0], 1), np.nan)
    assert np.nanmax(np.abs(np.diff(gain))) < 0.01


@pytest.mark.parametrize("level", [0.0, 10 ** (-90 / 20)])
def test_silence_is_not_made_loud(level: float, tmp_path: Path) -> None:
    noise = (level * np.random.default_rng(1).standard_normal((2, 2 * SAMPLE_RATE))).astype(np.float32)
    with pytest.raises(SilentMix) as refused:
        master(None, stem(tmp_path / "band", noise), tmp_path / "out", "mp3_44100_128")
    assert (refused.value.code, refused.value.permanent) == ("silent_mix", True)


def test_stem_that_is_not_audio_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "band").write_bytes(b"<Error>AccessDenied</Error>")
    with pytest.raises(StemUnreadable):
        master(None, tmp_path / "band", tmp_path / "out", "mp3_44100_128")
    with pytest.raises(StemUnreadable):
        master(None, tmp_path / "missing", tmp_path / "out", "mp3_44100_128")


@pytest.mark.parametrize(
    ("shape", "rate"),
    [
        pytest.param((901 * 8000, 1), 8000, id="hours of silence in little"),
        pytest.param((50_000, 1), 1, id="a rate that makes hours of seconds"),
        pytest.param((6_000_000, 16), 96_000, id="many channels"),
    ],
)
def test_stems_that_would_take_all_memory_are_refused_unread(shape: tuple[int, int], rate: int, tmp_path: Path) -> None:
    frames, channels = shape
    soundfile.write(tmp_path / "stem.wav", np.zeros((1, channels)), rate, "PCM_U8")
    whole = (tmp_path / "stem.wav").read_bytes()
    header, size = whole[: whole.index(b"data") + 4], frames * channels
    with (tmp_path / "stem.wav").open("wb") as sparse:
        sparse.write(header + size.to_bytes(4, "little"))
        sparse.truncate(len(header) + 4 + size)
    with pytest.raises(StemUnreadable, match="900 s"):
        read_stem(tmp_path / "stem.wav")


@pytest.mark.parametrize("output_format", ["m4a_44100_128", "flac_44100"])
def test_a_stem_without_samples_is_no_file_in_any_format(output_format: OutputFormat, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "stem", np.zeros((0, 2)), SAMPLE_RATE, format="WAV")
    with pytest.raises(StemUnreadable, match="no samples"):
        encode_stem(tmp_path / "stem", tmp_path / "out", output_format)
    assert not (tmp_path / "out").exists()


def test_stems_of_other_rates_and_mono_are_taken(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "band", pad(4)[0, ::2], SAMPLE_RATE // 2, format="WAV")
    report = master(None, tmp_path / "band", tmp_path / "out", "wav_44100")
    assert report.duration == pytest.approx(4.0, abs=0.01)
    assert report.lufs == pytest.approx(-14.0, abs=0.3)

"""The singer, measured on the stem: in tune, in time, without clicks, in the hummer's own timbre.

Pitch is what swift-f0 hears in the stem's mono mix, room and choir included; frames within 50 ms of a border between
notes are left out, where the voice glides.
"""

from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
import soxr
import swift_f0
from numpy.typing import NDArray
from scipy import signal

from adapters.audio.codecs.decoding import decode
from adapters.audio.voice.singing import analyze_voice, sing
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.music.composition.arrangement import compose
from domain.music.score import LeadSheet, Score
from domain.music.styles.registry import STYLES
from domain.music.sung import SungNote, VocalLine
from tests.support.hums import Hum, analysis_of, hum, our_tune, random_melody, write_wav
from tests.support.styles import HEARD_STYLES

RATE = 44100
Samples = NDArray[np.float32]
Floats = NDArray[np.float64]


@cache
def hummed(seed: int, snr_db: float) -> Hum:
    return hum(our_tune() if seed == 7 else random_melody(seed), seed=seed, snr_db=snr_db)


def recorded(folder: Path, seed: int = 7, snr_db: float = 30.0) -> tuple[Hum, Path]:
    """Write the first eight notes of a hum."""
    whole = hummed(seed, snr_db)
    notes = whole.notes[:8]
    length = int((notes[-1].onset + notes[-1].duration + 0.3) * RATE)
    recording = msgspec.structs.replace(whole, notes=notes, phrases=(0,), samples=whole.samples[:length])
    write_wav(folder / "hum.wav", recording.samples)
    return recording, folder / "hum.wav"


def line(
    recording: Hum, *, count: int = 8, stretch: float = 1.0, shift: float = 0.0, late: float = 0.0
) -> tuple[SungNote, ...]:
    first = recording.notes[0].onset
    return tuple(
        SungNote(
            start=0.5 + (note.onset - first) * stretch + late,
            duration=note.duration * stretch,
            pitch=round(note.pitch - recording.tuning_cents / 100) + shift,
            source_onset=note.onset,
            source_duration=note.duration,
            velocity=note.loudness,
        )
        for note in recording.notes[:count]
    )


def score(*lines: VocalLine, style: str = "cinematic", duration: float | None = None) -> Score:
    end = max((note.start + note.duration for each in lines for note in each.notes), default=2.0)
    return Score(
        style=style,
        key="Dm",
        tempo_bpm=100.0,
        beats_per_bar=4,
        duration=duration or end + 0.3,
        tail=1.5,
        seed=11,
        lead="lead",
        space=STYLES[style].space,
        time_signature="4/4",
        bar_lines=(0.0, 2.4),
        sheet=LeadSheet(beats=0.0, melody=(), chords=(), sections=()),
        sections=(),
        chords=(),
        parts=(),
        vocals=lines,
    )


def choir(recording: Hum) -> tuple[VocalLine, ...]:
    return (
        VocalLine(role="lead", notes=line(recording)),
        VocalLine(role="double", gain_db=-9, pan=-0.6, notes=line(recording, shift=0.07, late=0.015)),
        VocalLine(role="double", gain_db=-9, pan=0.6, notes=line(recording, shift=-0.07, late=0.022)),
        VocalLine(role="harmony", gain_db=-10, pan=-0.4, notes=line(recording, shift=4)),
        VocalLine(role="harmony", gain_db=-10, pan=0.4, notes=line(recording, shift=-5)),
    )


def sung(path: Path, piece: Score, folder: Path) -> Samples:
    sing(path, piece, folder / "stem.flac")
    samples, rate = soundfile.read(folder / "stem.flac", dtype="float32", always_2d=True)
    assert rate == RATE
    return np.asarray(samples)


def cents_off(stem: Samples, notes: tuple[SungNote, ...]) -> list[Floats]:
    """Return for each note the distances in cents of the voiced frames inside it."""
    track = swift_f0.SwiftF0(threads=1).detect(soxr.resample(stem.mean(axis=1), RATE, 16000), 16000)
    pitch = 69 + 12 * np.log2(track.pitch_hz / 440)
    voiced, time = track.confidence >= 0.5, track.timestamps
    inside = [(time > n.start + 0.05) & (time < n.start + n.duration - 0.05) & voiced for n in notes]
    return [100 * (pitch[here] - note.pitch) for here, note in zip(inside, notes, strict=True)]


def assert_in_tune(stem: Samples, notes: tuple[SungNote, ...], *, share: float = 0.9) -> None:
    off = cents_off(stem, notes)
    assert np.mean(np.abs(np.concatenate(off)) <= 20) >= share
    medians = [abs(float(np.median(each))) for each in off if len(each) >= 8]
    assert len(medians) >= len(notes) / 2
    assert np.median(medians) <= 5
    assert max(medians) <= 15


@pytest.mark.parametrize(("seed", "snr_db"), [(7, 30.0), (2, 15.0), (4, 5.0)])
def test_every_note_is_in_tune_under_doubles_and_harmonies(seed: int, snr_db: float, tmp_path: Path) -> None:
    recording, path = recorded(tmp_path, seed, snr_db)
    piece = score(*choir(recording))
    assert_in_tune(sung(path, piece, tmp_path), piece.vocals[0].notes)


@pytest.mark.parametrize(("stretch", "shift"), [(0.6, 0), (2.5, 0), (1, -7), (1, 7)])
def test_other_paces_and_pitches_stay_in_tune_and_clean(stretch: float, shift: float, tmp_path: Path) -> None:
    recording, path = recorded(tmp_path)
    notes = line(recording, stretch=stretch, shift=shift)
    stem = sung(path, score(VocalLine(role="lead", notes=notes)), tmp_path)
    assert_in_tune(stem, notes, share=0.95)
    assert hiss(stem.mean(axis=1)) < hiss(analyze_voice(decode(path, RATE)).samples[::2]) + 3


def hiss(mono: Samples) -> float:
    """Return the loudest 2.5 ms above 9 kHz, dB against the voice: a click is all of that."""
    high = signal.sosfilt(signal.butter(4, 9000, "highpass", fs=RATE, output="sos"), mono)
    blocks = [np.sqrt(np.square(x[: len(x) // 110 * 110]).reshape(-1, 110).mean(axis=1)).max() for x in (high, mono)]
    return float(20 * np.log10(blocks[0] / blocks[1]))


def test_notes_start_and_stop_where_they_are_written(tmp_path: Path) -> None:
    recording, path = recorded(tmp_path)
    source = recording.notes[2]
    notes = tuple(SungNote(at, 0.6, 62.0, source.onset, source.duration, 0.9) for at in (1.0, 2.5, 4.0))
    mono = sung(path, score(VocalLine(role="lead", notes=notes), style="lofi"), tmp_path).mean(axis=1)
    level = np.sqrt(np.square(mono[: len(mono) // 441 * 441]).reshape(-1, 441).mean(axis=1))
    for note in notes:
        first, last = round(note.start * 100), round((note.start + note.duration) * 100)
        assert level[first + 10 : last - 10].min() > 10 * level[first - 40 : first - 20].max()
        assert level[last + 15 : last + 40].max() < 0.2 * level[first:last].max()


def test_timbre_stays_when_the_pitch_moves(tmp_path: Path) -> None:
    """Formants stay: the spectral centroid moves far less than the pitch does."""
    recording, path = recorded(tmp_path)
    low, high = (
        centroid(sung(path, score(VocalLine(role="lead", notes=line(recording, shift=shift))), tmp_path))
        for shift in (-4, 4)
    )
    assert high / low < 2 ** (8 / 12) * 0.85


def centroid(stem: Samples) -> float:
    hertz, power = signal.welch(stem.mean(axis=1), RATE, nperseg=4096)
    wanted = (hertz > 80) & (hertz < 4000)
    return float((hertz * np.sqrt(power))[wanted].sum() / np.sqrt(power)[wanted].sum())


def test_own_vibrato_is_kept_around_the_right_pitch(tmp_path: Path) -> None:
    time = np.arange(4 * RATE) / RATE
    wobble = 0.4 * np.sin(2 * np.pi * 5 * time)  # 40 cents to either side
    phase = 2 * np.pi * np.cumsum(220 * 2 ** (wobble / 12)) / RATE
    wave = sum(np.sin(k * phase) / k**1.5 for k in range(1, 15)) * np.clip(np.minimum(time, 4 - time) / 0.1, 0, 1)
    write_wav(tmp_path / "hum.wav", (0.1 * wave).astype(np.float32))
    notes = (SungNote(0.5, 3.0, 58.0, 0.3, 3.0, 1.0),)
    stem = sung(tmp_path / "hum.wav", score(VocalLine(role="lead", notes=notes), style="lofi"), tmp_path)
    (off,) = cents_off(stem, notes)
    assert abs(np.median(off)) < 4
    assert 22 < np.percentile(np.abs(off), 95) < 42


def test_noise_is_taken_out_and_neither_pumps_nor_buzzes(tmp_path: Path) -> None:
    recording, path = recorded(tmp_path, 4, 5.0)
    raw, clean = decode(path, RATE), analyze_voice(decode(path, RATE)).samples[::2]
    rest = slice(int(0.02 * RATE), int((recording.notes[0].onset - 0.1) * RATE))
    voiced = [slice(int((n.onset + 0.1) * RATE), int((n.onset + n.duration - 0.05) * RATE)) for n in recording.notes]
    assert contrast(clean, rest, voiced) > contrast(raw, rest, voiced) + 6
    hertz, power = signal.welch(clean[rest], RATE, nperseg=2048)
    band = power[(hertz > 100) & (hertz < 8000)]
    assert band.max() / band.sum() < 0.5  # what is left is no whistle


def contrast(samples: Samples, rest: slice, voiced: list[slice]) -> float:
    loud = np.concatenate([samples[each] for each in voiced])
    return float(10 * np.log10(np.mean(loud**2) / np.mean(samples[rest] ** 2)))


def test_stem_has_its_exact_length_and_headroom_and_ends_in_silence(tmp_path: Path) -> None:
    recording, path = recorded(tmp_path)
    piece = score(*choir(recording), duration=9.13)
    report = sing(path, piece, tmp_path / "stem.flac")
    facts = soundfile.info(tmp_path / "stem.flac")
    samples, _ = soundfile.read(tmp_path / "stem.flac", always_2d=True)
    assert (facts.samplerate, facts.channels, facts.format, facts.subtype) == (RATE, 2, "FLAC", "PCM_24")
    assert facts.frames == round((9.13 + 1.5) * RATE)
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(report.peak_dbfs, abs=0.01)
    assert report.peak_dbfs <= -3
    assert report.rendered_notes == 40
    assert np.abs(samples[-5:]).max() < 1e-5
    assert not np.allclose(samples[:, 0], samples[:, 1], atol=1e-3)


def test_same_score_same_stem(tmp_path: Path) -> None:
    recording, path = recorded(tmp_path)
    piece = score(*choir(recording))
    assert np.array_equal(sung(path, piece, tmp_path), sung(path, piece, tmp_path))


def test_without_vocals_the_stem_is_silent(tmp_path: Path) -> None:
    _, path = recorded(tmp_path)
    stem = sung(path, score(duration=2.0), tmp_path)
    assert len(stem) == round(3.5 * RATE)
    assert not stem.any()


@pytest.mark.parametrize("kind", ["noise", "click"])
def test_recordings_without_a_voice_do_not_break_the_singer(kind: str, tmp_path: Path) -> None:
    samples = np.zeros(2 * RATE, dtype=np.float32)
    samples[RATE] = 0.9
    if kind == "noise":
        samples = (0.1 * np.random.default_rng(2).standard_normal(2 * RATE)).astype(np.float32)
    write_wav(tmp_path / "hum.wav", samples)
    notes = (SungNote(0.2, 0.05, 60.0, 1.99, 0.5, 1.0), SungNote(0.3, 2.0, 62.0, 0.0, 0.01, 0.0))
    stem = sung(tmp_path / "hum.wav", score(VocalLine(role="lead", notes=notes)), tmp_path)
    assert np.isfinite(stem).all()
    assert np.abs(stem).max() <= 10 ** (-3 / 20)


@pytest.mark.parametrize("style", HEARD_STYLES)
def test_composed_scores_are_sung_in_tune(style: str, tmp_path: Path) -> None:
    recording, path = recorded(tmp_path)
    analysis = analysis_of(recording)
    blueprint = complete({"style": style}, analysis, blueprint_id="b", kind=OutputKind.PREVIEW, voice_id="v", seed=5)
    piece = compose(brief_of(blueprint, OutputKind.PREVIEW))
    assert_in_tune(sung(path, piece, tmp_path), piece.vocals[0].notes)

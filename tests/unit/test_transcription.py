"""The ears, measured on hums with known truth, just below what the note model reaches."""

from itertools import pairwise
from pathlib import Path

import mir_eval
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from adapters.audio.analysis.transcription import transcribe, warm_up
from application.ports.transcriber import Transcription
from domain.errors import BadAudio
from domain.music.hum import Analysis, HummedNote
from domain.music.listening.analysis import analyze_notes
from domain.music.theory.pitch import to_hz
from domain.music.theory.scale import Scale
from tests.support.hums import RATE, Hum, Melody, hum, random_melody, random_singer, write_wav
from tests.support.melodies import Note

SEEDS = range(500, 510)
"""The note model was not trained on any of these hums."""

Heard = list[tuple[Hum, Transcription]]


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> dict[float, Heard]:
    """Ten hums each in a quiet room (30 dB) and in a loud one (5 dB), and what was heard of them."""
    path = tmp_path_factory.mktemp("hums") / "hum.wav"
    pairs: dict[float, Heard] = {30.0: [], 5.0: []}
    for snr_db, heard in pairs.items():
        for seed in SEEDS:
            truth = hum(random_melody(seed), seed=seed, snr_db=snr_db)
            write_wav(path, truth.samples)
            heard.append((truth, transcribe(path)))
    return pairs


def f1(truth: Hum, hearing: Transcription) -> float:
    """Onset within 50 ms, pitch within 50 cents, ends ignored (MIREX note tracking)."""
    scores = mir_eval.transcription.precision_recall_f1_overlap(
        *_arrays(truth.notes), *_arrays(hearing.notes), onset_tolerance=0.05, pitch_tolerance=50.0, offset_ratio=None
    )
    return float(scores[2])


def _arrays(notes: tuple[HummedNote, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    spans = np.array([[note.onset, note.onset + note.duration] for note in notes])
    return spans, np.array([to_hz(note.pitch) for note in notes])


def analyses_of(heard: dict[float, Heard]) -> list[tuple[Hum, Analysis]]:
    pairs = [pair for room in heard.values() for pair in room]
    return [(truth, analyze_notes(hearing.notes, hearing.duration, {})) for truth, hearing in pairs]


@pytest.mark.parametrize(("snr_db", "goal"), [(30.0, 0.95), (5.0, 0.94)])
def test_transcribes_the_notes(heard: dict[float, Heard], snr_db: float, goal: float) -> None:
    assert np.mean([f1(truth, hearing) for truth, hearing in heard[snr_db]]) >= goal


def test_notes_are_in_order_and_apart(heard: dict[float, Heard]) -> None:
    for _, hearing in [pair for room in heard.values() for pair in room]:
        assert all(a.onset + a.duration <= b.onset + 1e-9 for a, b in pairwise(hearing.notes))
        assert max(note.loudness for note in hearing.notes) == pytest.approx(1.0)
        assert all(0 < note.loudness <= 1 and note.duration > 0 for note in hearing.notes)
        assert hearing.notes[-1].onset + hearing.notes[-1].duration <= hearing.duration


def test_finds_the_key(heard: dict[float, Heard]) -> None:
    assert np.mean([analysis.key == truth.key for truth, analysis in analyses_of(heard)]) >= 0.8


def test_finds_the_tuning(heard: dict[float, Heard]) -> None:
    off = [abs((a.tuning_cents - truth.tuning_cents + 50) % 100 - 50) for truth, a in analyses_of(heard)]
    assert np.median(off) < 6
    assert np.mean(np.array(off) < 15) >= 0.9


def test_finds_the_tempo(heard: dict[float, Heard]) -> None:
    ratios = np.array([analysis.tempo_bpm / truth.tempo_bpm for truth, analysis in analyses_of(heard)])
    assert np.mean(np.abs(ratios - 1) < 0.04) >= 0.75
    multiples = np.array([0.5, 1.0, 2.0])
    assert np.mean(np.min(np.abs(ratios[:, None] / multiples - 1), axis=1) < 0.04) >= 0.9


def test_splits_repeated_notes(tmp_path: Path) -> None:
    melody = Melody(notes=tuple(Note(i, 1, 60) for i in range(8)), key="C", tempo_bpm=100)
    hearings = []
    for seed in range(4):
        write_wav(tmp_path / "hum.wav", hum(melody, seed=seed).samples)
        hearings.append(transcribe(tmp_path / "hum.wav"))
    assert np.mean([abs(len(hearing.notes) - 8) for hearing in hearings]) <= 1


def test_a_whisper_and_a_shout_are_the_same_tune(tmp_path: Path) -> None:
    truth = hum(random_melody(11), seed=11)
    write_wav(tmp_path / "loud.wav", truth.samples)
    write_wav(tmp_path / "quiet.wav", truth.samples * np.float32(0.02))
    loud, quiet = transcribe(tmp_path / "loud.wav").notes, transcribe(tmp_path / "quiet.wav").notes
    assert [round(note.pitch, 1) for note in quiet] == [round(note.pitch, 1) for note in loud]


def test_vibrato_splits_no_note(tmp_path: Path) -> None:
    """± 0.7 semitone; a share of 2 % is allowed, which would be one of these notes."""
    melody = Melody(
        notes=tuple(Note(2 * i, 2, pitch) for i, pitch in enumerate((60, 64, 62, 67))), key="C", tempo_bpm=80
    )
    broken = 0
    for seed in range(6):
        singer = random_singer(np.random.default_rng(seed), high=seed % 2 == 0)
        trembling = msgspec.structs.replace(singer, vibrato_cents=70.0, vibrato_hz=4.5 + 0.4 * seed)
        truth = hum(melody, seed=seed, singer=trembling)
        write_wav(tmp_path / "hum.wav", truth.samples)
        broken += max(0, len(transcribe(tmp_path / "hum.wav").notes) - len(truth.notes))
    assert broken <= 1


@pytest.mark.parametrize("hertz", [1400.0, 2000.0, 2250.0, 2500.0])
def test_hears_whistles(tmp_path: Path, hertz: float) -> None:
    """A breathy sine that rises by a tone after a second, at 10 dB above noise."""
    rng, time = np.random.default_rng(1), np.arange(2 * RATE) / RATE
    low, high = hertz * 2 ** (-2 / 12), hertz
    phase = 2 * np.pi * np.cumsum(np.where(time < 1, low, high)) / RATE
    mouth = np.clip(np.abs((time % 1) - 0.5) * -20 + 9, 0, 1)
    write_wav(tmp_path / "w.wav", (0.2 * mouth * np.sin(phase) + rng.normal(0, 0.045, len(time))).astype(np.float32))
    notes = transcribe(tmp_path / "w.wav").notes
    assert [to_hz(note.pitch) for note in notes] == pytest.approx([low, high], rel=0.01)


@pytest.mark.parametrize("hertz", [70.0, 98.0, 110.0, 261.6, 880.0, 1760.0, 2300.0])
def test_one_tone_is_one_note(tmp_path: Path, hertz: float) -> None:
    time = np.arange(2 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * k * hertz * time) / k**1.5 for k in range(1, 6))
    write_wav(tmp_path / "tone.wav", np.asarray(tone * 0.2, dtype=np.float32))
    (note,) = transcribe(tmp_path / "tone.wav").notes
    assert to_hz(note.pitch) == pytest.approx(hertz, rel=0.01)
    assert note.duration > 1.8


def test_says_what_is_missing_of_a_hum(tmp_path: Path) -> None:
    whole = hum(random_melody(3), seed=3, snr_db=15.0).samples
    write_wav(tmp_path / "hum.wav", whole)
    assert not transcribe(tmp_path / "hum.wav").damage
    write_wav(tmp_path / "hum.wav", np.concatenate([whole, np.zeros_like(whole)]))
    assert "50% of the recording is empty" in transcribe(tmp_path / "hum.wav").damage


@pytest.mark.parametrize("level", [0.0, 0.0003])
def test_refuses_silence(tmp_path: Path, level: float) -> None:
    hiss = np.random.default_rng(1).normal(0, 1, 2 * RATE) * level
    write_wav(tmp_path / "silence.wav", hiss.astype(np.float32))
    with pytest.raises(BadAudio) as refused:
        transcribe(tmp_path / "silence.wav")
    assert refused.value.code == "hum_silent"


@pytest.mark.parametrize("seed", range(3))
def test_refuses_noise(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wind = rng.normal(0, 0.1, 5 * RATE) * np.repeat(rng.uniform(0.1, 1, 50), RATE // 10)
    write_wav(tmp_path / "noise.wav", wind.astype(np.float32))
    with pytest.raises(BadAudio) as refused:
        transcribe(tmp_path / "noise.wav")
    assert refused.value.code == "hum_without_pitch"


def test_warms_up_more_than_once() -> None:
    warm_up()
    warm_up()


def test_scales_of_truth_are_spelt_as_blueprints_spell() -> None:
    assert all(Scale.of(key).name == key for key in (random_melody(seed).key for seed in range(60)))


@pytest.mark.parametrize("seconds", [13, 30, 100])
def test_a_note_may_be_held_for_long(seconds: int, tmp_path: Path) -> None:
    time = np.arange(seconds * 16_000) / 16_000
    tone = 0.3 * sum(np.sin(2 * np.pi * 220 * k * time) / k for k in (1, 2, 3))
    silence = np.zeros(8_000)
    write_wav(tmp_path / "held.wav", np.concatenate([silence, tone, silence]).astype(np.float32), 16_000)
    notes = transcribe(tmp_path / "held.wav").notes
    assert sum(note.duration for note in notes) >= 0.9 * seconds
    assert {round(note.pitch) for note in notes} == {57}

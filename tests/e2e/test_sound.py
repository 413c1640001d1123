"""The whole studio on a hum of known notes, in every style: measurements of the sound."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from adapters.audio.analysis.transcription import transcribe
from adapters.audio.codecs.decoding import decode
from adapters.audio.mix.band import play
from adapters.audio.mix.loudness import hop_energies
from adapters.audio.mix.mastering import master
from adapters.audio.voice.singing import sing
from application.ports.mastering import MasterReport
from application.ports.transcriber import Transcription
from application.studio.mix_plan import mix_plan
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.music.composition.arrangement import compose
from domain.music.listening.analysis import analyze_notes
from domain.music.score import Score, ScoreNote
from tests.support.hums import Hum, hum, write_wav
from tests.support.melodies import our_tune
from tests.support.pitch_measures import cents_off, features_of, share_in_tune
from tests.support.styles import HEARD_STYLES


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One style's result."""

    score: Score
    vocals: Path
    instrumental: Path
    final: Path
    report: MasterReport


@pytest.fixture(scope="module")
def sung() -> Hum:
    """Give a hum whose notes are known."""
    return hum(our_tune(), seed=11)


@pytest.fixture(scope="module")
def recording(sung: Hum, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the hum as a file."""
    path = tmp_path_factory.mktemp("hum") / "hum.wav"
    write_wav(path, sung.samples, sung.sample_rate)
    return path


@pytest.fixture(scope="module")
def hearing(recording: Path) -> Transcription:
    """Give what the transcriber heard."""
    return transcribe(recording)


@pytest.fixture(scope="module", params=HEARD_STYLES)
def take(
    request: pytest.FixtureRequest, recording: Path, hearing: Transcription, tmp_path_factory: pytest.TempPathFactory
) -> Take:
    """Give a finished preview."""
    return produced(request.param, recording, hearing, tmp_path_factory.mktemp(request.param))


def composed(hearing: Transcription, kind: OutputKind = OutputKind.PREVIEW, **fixed: Any) -> Score:
    analysis = analyze_notes(hearing.notes, hearing.duration, {})
    return compose(brief_of(complete(fixed, analysis, blueprint_id="b", kind=kind, voice_id="v", seed=7), kind))


def produced(style: str, recording: Path, hearing: Transcription, folder: Path) -> Take:
    return finished(composed(hearing, style=style), recording, folder)


def finished(score: Score, recording: Path, folder: Path) -> Take:
    vocals, instrumental, final = folder / "vocals.flac", folder / "instrumental.flac", folder / "final.mp3"
    sing(recording, score, vocals)
    play(score, instrumental)
    report = master(vocals, instrumental, final, "mp3_44100_192", mix_plan(score))
    return Take(score=score, vocals=vocals, instrumental=instrumental, final=final, report=report)


def lead_of(score: Score) -> list[ScoreNote]:
    return list(next(part.notes for part in score.parts if part.name == score.lead))


def test_the_written_melody_is_the_hummed_one(take: Take, sung: Hum) -> None:
    hummed = {round(note.onset, 3): note.pitch - sung.tuning_cents / 100 for note in sung.notes}
    onsets = np.array(list(hummed))
    first_time = take.score.vocals[0].notes[: len(onsets)]
    truth = [onsets[np.argmin(np.abs(onsets - note.source_onset))] for note in first_time]
    right = [abs(hummed[onset] - note.pitch) < 0.5 for onset, note in zip(truth, first_time, strict=True)]
    starts = np.array([note.start for note in first_time])
    moved = starts - np.polyval(np.polyfit(truth, starts, 1), truth)  # the style may have another tempo
    assert len(set(truth)) >= 0.93 * len(onsets)
    assert np.mean(right) >= 0.95
    assert np.percentile(np.abs(moved), 90) < 0.1


@pytest.mark.parametrize("style", HEARD_STYLES)
def test_the_lead_can_be_heard_in_the_instrumental(style: str, hearing: Transcription, tmp_path: Path) -> None:
    score = composed(hearing, style=style, sections=[{"name": "theme", "bars": 8, "energy": 0.8}])
    play(score, tmp_path / "instrumental.flac")
    assert len(lead_of(score)) >= 27
    assert share_in_tune(features_of(tmp_path / "instrumental.flac"), lead_of(score)) >= 0.8


def test_a_preview_rises_to_its_lift(take: Take) -> None:
    energies = hop_energies(np.stack([decode(take.final)] * 2), 44_100)
    loudness = {
        span.name: 10 * np.log10(energies[round(10 * span.start) : round(10 * (span.start + span.duration))].mean())
        for span in take.score.sections
    }
    assert loudness["lift"] - loudness["theme"] >= 1.5
    assert loudness["lift"] - 6 <= loudness["build"] <= loudness["lift"] - 2
    assert loudness["ending"] >= loudness["lift"] - 6


def test_the_voice_is_in_tune(take: Take) -> None:
    distances = cents_off(features_of(take.vocals), take.score.vocals[0].notes)
    assert len(distances) > 500
    assert np.mean(distances <= 20) >= 0.9


def test_the_master_is_loud_enough_and_never_too_loud(take: Take) -> None:
    assert abs(take.report.lufs - -14) <= 0.5
    assert take.report.true_peak_dbtp <= -1
    assert 15 <= take.report.duration <= 30


def test_the_file_is_what_the_report_says_and_ends_in_silence(take: Take) -> None:
    samples = decode(take.final)
    assert len(samples) / 44_100 == pytest.approx(take.score.duration + take.score.tail, abs=0.06)
    assert np.max(np.abs(samples[-441:])) < 1e-3
    assert np.abs(samples[0]) < 0.02


@pytest.mark.parametrize("gain", [0.004, 12.0])
def test_whispers_and_shouts_end_at_the_same_loudness(gain: float, sung: Hum, tmp_path: Path) -> None:
    samples = np.clip(gain * sung.samples, -0.98, 0.98).astype(np.float32)
    write_wav(tmp_path / "hum.wav", samples, sung.sample_rate)
    take = produced("pop", tmp_path / "hum.wav", transcribe(tmp_path / "hum.wav"), tmp_path)
    assert abs(take.report.lufs - -14) <= 0.3
    assert take.report.true_peak_dbtp <= -1
    assert np.mean(cents_off(features_of(take.vocals), take.score.vocals[0].notes) <= 20) >= 0.85

"""The studio in child processes: results and errors come back, a lost child is an error that may pass."""

import os
import signal
from pathlib import Path
from typing import cast

import mido
import pytest
import soundfile

from adapters.audio.analysis.transcription import transcribe
from adapters.audio.processes import ChildLost, run
from adapters.audio.studio import MasteringStudio, PsolaSinger, SwiftTranscriber, SynthBand
from application.ports.mastering import OutputFormat, UnknownOutputFormat
from domain.errors import BadAudio
from tests.support.hums import hum, write_wav
from tests.support.melodies import random_melody
from tests.support.scores import score

pytestmark = pytest.mark.anyio


async def test_a_hum_goes_through_every_port(tmp_path: Path) -> None:
    recording, piece = tmp_path / "hum.wav", score("lofi", bars=2)
    write_wav(recording, hum(random_melody(3), seed=3).samples)
    assert await SwiftTranscriber().transcribe(recording) == transcribe(recording)
    await PsolaSinger().sing(recording, piece, tmp_path / "vocals.flac")
    await SynthBand().play(piece, tmp_path / "band.flac")
    await SynthBand().notate(piece, tmp_path / "piece.mid")
    report = await MasteringStudio().master(
        tmp_path / "vocals.flac", tmp_path / "band.flac", tmp_path / "final.mp3", "mp3_44100_128"
    )
    frames = {soundfile.info(tmp_path / f"{name}.flac").frames for name in ("vocals", "band")}
    assert frames == {round((piece.duration + piece.tail) * 44_100)}
    assert abs(report.lufs - -14) <= 0.5
    assert len(mido.MidiFile(tmp_path / "piece.mid").tracks) == 1 + len(piece.parts)


async def test_errors_come_back_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("la la la")
    with pytest.raises(BadAudio) as refused:
        await SwiftTranscriber().transcribe(tmp_path / "text.wav")
    assert refused.value.code == "not_audio"
    with pytest.raises(UnknownOutputFormat):
        await MasteringStudio().master(None, tmp_path / "band", tmp_path / "out", cast("OutputFormat", "cassette"))


def die() -> None:
    """Do what the kernel does to a process that takes too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


async def test_a_child_that_is_killed_ends_its_own_call_only() -> None:
    with pytest.raises(ChildLost) as lost:
        await run(die)
    assert not lost.value.permanent
    assert await run(os.getpid) != os.getpid()

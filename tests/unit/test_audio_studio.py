"""The studio in child processes: results and errors come back, whatever happens to a child."""

import os
import signal
from pathlib import Path
from typing import cast

import mido
import pytest
import soundfile

from adapters.audio import studio
from adapters.audio.analysis.transcription import transcribe
from adapters.audio.children.pool import ChildPool, open_pool
from adapters.audio.sampling.soundfont import find_soundfont
from adapters.audio.studio import MasteringStudio, PsolaSinger, SwiftTranscriber, SynthBand
from application.ports.mastering import UnknownOutputFormat
from application.ports.performers import SoundFontMissing
from application.ports.transcriber import Transcription
from domain.errors import BadAudio
from domain.jobs.faults import Fault, fault_of
from domain.jobs.output_formats import OutputFormat
from tests.support.hums import hum, write_wav
from tests.support.melodies import random_melody
from tests.support.scores import score
from tests.support.soundfonts import write_soundfont

pytestmark = pytest.mark.anyio


async def test_a_hum_goes_through_every_port(tmp_path: Path, children: ChildPool) -> None:
    recording, piece = tmp_path / "hum.wav", score("lofi", bars=2)
    write_wav(recording, hum(random_melody(3), seed=3).samples)
    assert await SwiftTranscriber(children).transcribe(recording) == transcribe(recording)
    await PsolaSinger(children).sing(recording, piece, tmp_path / "vocals.flac")
    await SynthBand(children).play(piece, tmp_path / "band.flac")
    await SynthBand(children).notate(piece, tmp_path / "piece.mid", tmp_path / "piece.musicxml")
    report = await MasteringStudio(children).master(
        tmp_path / "vocals.flac", tmp_path / "band.flac", tmp_path / "final.mp3", "mp3_44100_128"
    )
    frames = {soundfile.info(tmp_path / f"{name}.flac").frames for name in ("vocals", "band")}
    assert frames == {round((piece.duration + piece.tail) * 44_100)}
    assert abs(report.lufs - -14) <= 0.5
    assert len(mido.MidiFile(tmp_path / "piece.mid").tracks) == 1 + len(piece.parts)


async def test_a_piece_is_played_with_the_soundfont_that_it_names_and_no_other(
    tmp_path: Path, children: ChildPool, caplog: pytest.LogCaptureFixture
) -> None:
    piece, soundfont = score("orchestral", bars=2), find_soundfont(write_soundfont(tmp_path / "set"))
    band = SynthBand(children, soundfont)
    await band.play(piece, tmp_path / "sampled.flac", soundfont=soundfont.sha256)
    await band.play(piece, tmp_path / "again.flac", soundfont=soundfont.sha256)
    await band.play(piece, tmp_path / "plain.flac")
    await SynthBand(children).play(piece, tmp_path / "as_ever.flac")
    files = {name: (tmp_path / f"{name}.flac").read_bytes() for name in ("sampled", "again", "plain", "as_ever")}
    assert files["sampled"] == files["again"] != files["plain"]
    assert files["plain"] == files["as_ever"]
    write_soundfont(tmp_path / "set", compressed=True)
    async with open_pool(1) as others:  # as after a crash: a new process reads the file again
        with pytest.raises(SoundFontMissing):
            await SynthBand(others, soundfont).play(piece, tmp_path / "other.flac", soundfont=soundfont.sha256)
    assert "is no longer the file" in caplog.text


async def test_errors_come_back_as_they_are(tmp_path: Path, children: ChildPool) -> None:
    (tmp_path / "text.wav").write_text("la la la")
    with pytest.raises(BadAudio) as refused:
        await SwiftTranscriber(children).transcribe(tmp_path / "text.wav")
    assert refused.value.code == "not_audio"
    with pytest.raises(UnknownOutputFormat):
        await MasteringStudio(children).master(None, tmp_path / "band", tmp_path / "out", cast("OutputFormat", "tape"))


def crash(_: Path, __: Path | None) -> Transcription:
    """Do what a library does that reads foreign memory."""
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def use_up_the_time(_: Path, __: Path | None) -> Transcription:
    """Do what the kernel does at the limit of processor time."""
    os.kill(os.getpid(), signal.SIGXCPU)
    raise AssertionError


@pytest.mark.parametrize(("work", "code"), [(crash, "decoding_crashed"), (use_up_the_time, "decoding_limit")])
async def test_a_recording_that_ends_its_process_is_refused_for_good(
    work: object, code: str, tmp_path: Path, children: ChildPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "_transcribe", work)
    with pytest.raises(BadAudio) as refused:
        await SwiftTranscriber(children).transcribe(tmp_path / "hum")
    assert refused.value.code == code
    assert fault_of(refused.value) is Fault.INPUT

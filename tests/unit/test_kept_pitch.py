"""The pitch and the voice that are kept for the singer: the same as if nobody had kept them."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
import pytest

from adapters.audio.analysis import kept_pitch
from adapters.audio.analysis.kept_pitch import keep_pitch, pitch_of
from adapters.audio.analysis.pitch import Frames
from adapters.audio.hearing import hear
from adapters.audio.voice import kept_voice
from adapters.audio.voice.singing import sing
from domain.music.sung import SungNote, VocalLine
from tests.support.hums import hum, random_melody, write_wav
from tests.support.scores import score

FRAMES = Frames(np.full(9, 220.0), np.ones(9))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    write_wav(tmp_path / "hum.wav", hum(random_melody(3), seed=3).samples)
    return tmp_path / "hum.wav"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pitch").mkdir()
    return tmp_path / "pitch"


def test_what_was_heard_is_sung_alike_and_tracked_and_cleaned_once(
    recording: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = (SungNote(0.5, 0.6, 60.0, 0.5, 0.4, 0.8), SungNote(1.5, 0.6, 62.0, 1.0, 0.4, 0.8))
    piece = msgspec.structs.replace(score("lofi", bars=2), vocals=(VocalLine(role="lead", notes=notes),))
    sing(recording, piece, recording.with_name("alone.flac"))
    hear(recording, folder)
    monkeypatch.delattr(kept_pitch, "frames_of")
    monkeypatch.delattr(kept_voice, "clean")
    sing(recording, piece, recording.with_name("after.flac"), kept=folder)
    alone, after = (recording.with_name(name).read_bytes() for name in ("alone.flac", "after.flac"))
    assert alone == after


def test_another_recording_is_tracked_itself(recording: Path, folder: Path) -> None:
    keep_pitch(recording, folder, FRAMES)
    assert len(pitch_of(recording, folder).hertz) == 9
    recording.write_bytes(recording.read_bytes()[:-4_000])
    assert len(pitch_of(recording, folder).hertz) > 9


@pytest.mark.parametrize("damaged", [b"\x93NUMPY", b"PK\x03\x04", b"\x93NUMPY\x01\x00\x10\x00{'descr': [\n     "])
def test_what_is_damaged_is_tracked_again(damaged: bytes, recording: Path, folder: Path) -> None:
    keep_pitch(recording, folder, FRAMES)
    next(folder.iterdir()).write_bytes(damaged)
    assert len(pitch_of(recording, folder).hertz) > 9


def test_a_full_disk_keeps_nothing(recording: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: BinaryIO, _: object) -> None:
        file.write(b"some")
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(np, "save", refuse)
    keep_pitch(recording, folder, FRAMES)
    assert not list(folder.iterdir())


def test_what_a_killed_child_left_is_forgotten(recording: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pitch, "MOST_BYTES", 3_000)
    (folder / "left.pitch.draft").write_bytes(bytes(10_000))
    os.utime(folder / "left.pitch.draft", (1, 1))
    keep_pitch(recording, folder, FRAMES)
    assert [path.suffix for path in folder.iterdir()] == [".npy"]


def test_the_oldest_are_forgotten(recording: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pitch, "MOST_BYTES", 3_000)
    for number in range(5):
        (folder / f"{number}.pitch.npy").write_bytes(bytes(1_000))
        os.utime(folder / f"{number}.pitch.npy", (number, number))
    (folder / "0.voice.npy").write_bytes(bytes(10_000))
    keep_pitch(recording, folder, FRAMES)
    left = {path.name for path in folder.iterdir()}
    assert len(left) == 4
    assert left >= {"0.voice.npy", "4.pitch.npy", "3.pitch.npy"}


def test_a_folder_that_is_gone_is_no_harm(recording: Path, folder: Path) -> None:
    folder.rmdir()
    keep_pitch(recording, folder, FRAMES)
    assert len(pitch_of(recording, folder).hertz) > 9

"""The contract of `Transcriber`: over the fake and over SwiftF0 with our segmentation."""

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from adapters.audio.children.pool import ChildPool
from adapters.audio.studio import SwiftTranscriber
from application.ports.transcriber import Transcriber
from domain.errors import BadAudio
from tests.support.fake_studio import NOT_AUDIO, SILENCE, FakeTranscriber
from tests.support.hums import RATE, hum, random_melody, write_wav

pytestmark = pytest.mark.anyio


class Subject(NamedTuple):
    """A transcriber under test, and recordings of a hum, of silence, and of no sound at all."""

    transcriber: Transcriber
    hum: Path
    silence: Path
    text: Path


@pytest.fixture
def fake(tmp_path: Path) -> Subject:
    recordings = {"hum": b"hum", "silence": SILENCE, "text": NOT_AUDIO}
    for name, content in recordings.items():
        (tmp_path / name).write_bytes(content)
    return Subject(FakeTranscriber(), *(tmp_path / name for name in recordings))


@pytest.fixture
def swift(tmp_path: Path, children: ChildPool) -> Subject:
    write_wav(tmp_path / "hum", hum(random_melody(3), seed=3).samples)
    write_wav(tmp_path / "silence", np.zeros(2 * RATE, dtype=np.float32))
    (tmp_path / "text").write_text("la la la")
    return Subject(SwiftTranscriber(children), tmp_path / "hum", tmp_path / "silence", tmp_path / "text")


@pytest.fixture(params=["fake", "swift"])
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.getfixturevalue(request.param)
    return found


async def test_notes_are_in_order_and_inside_the_recording(subject: Subject) -> None:
    transcription = await subject.transcriber.transcribe(subject.hum)
    assert len(transcription.notes) > 4
    for before, after in pairwise(transcription.notes):
        assert before.onset + before.duration <= after.onset + 1e-6
    for note in transcription.notes:
        assert 0 <= note.onset < note.onset + note.duration <= transcription.duration
        assert 0 < note.loudness <= 1
        assert 30 < note.pitch < 100


async def test_recordings_without_notes_are_rejected_by_code(subject: Subject) -> None:
    with pytest.raises(BadAudio) as silent:
        await subject.transcriber.transcribe(subject.silence)
    with pytest.raises(BadAudio) as text:
        await subject.transcriber.transcribe(subject.text)
    assert (silent.value.code, text.value.code) == ("hum_silent", "not_audio")

"""The contract of `Speaker`: over the fake, and over eSpeak NG where it is installed."""

from pathlib import Path

import anyio
import numpy as np
import psutil
import pytest

from adapters.speech.engines import WHEEL, library_of
from adapters.speech.espeak import EspeakSpeaker
from application.ports.speech import Speaker, SpeechUnavailable, Wording
from tests.support.fake_studio import FakeSpeaker
from tests.support.speech import require_engine

pytestmark = pytest.mark.anyio

LINES = (Wording(("how", "I", "wonder"), 57.0), Wording(("don't", "1999", "caf\u00e9"), 50.0), Wording(("star",), 69.0))


@pytest.fixture(params=["fake", "espeak"])
def speaker(request: pytest.FixtureRequest) -> Speaker:
    return FakeSpeaker() if request.param == "fake" else EspeakSpeaker(require_engine())


async def test_every_line_is_said_with_the_times_of_its_sounds(speaker: Speaker, tmp_path: Path) -> None:
    speech = await speaker.speak(LINES, tmp_path / "speech")
    assert len(speech.lines) == len(LINES)
    assert speech.file.stat().st_size / 2 / speech.rate >= speech.lines[-1].end
    ends = [0.0]
    for line, wording in zip(speech.lines, LINES, strict=True):
        times = [*(phone.start for phone in line.phones), line.end]
        assert times == sorted(times)
        assert times[0] >= ends[-1]
        ends.append(line.end)
        assert {phone.word for phone in line.phones} == set(range(len(wording.words)))
        assert any(phone.is_vowel for phone in line.phones)


async def test_the_same_lines_sound_the_same(speaker: Speaker, tmp_path: Path) -> None:
    first = await speaker.speak(LINES, tmp_path / "first")
    second = await speaker.speak(LINES, tmp_path / "second")
    assert first.file.read_bytes() == second.file.read_bytes()
    assert first.lines == second.lines


async def test_espeak_speaks_near_the_wanted_pitch(tmp_path: Path) -> None:
    speaker = EspeakSpeaker(require_engine())
    for pitch in (45.0, 52.0, 58.0, 61.0):
        speech = await speaker.speak([Wording(("aah", "aah", "aah"), pitch)], tmp_path / "speech")
        samples = np.fromfile(speech.file, np.int16).astype(float)
        part = samples[len(samples) // 4 :][:4096]
        likeness = np.correlate(part, part, "full")[len(part) :]
        shortest = speech.rate // 500
        period = shortest + int(np.argmax(likeness[shortest : speech.rate // 60])) + 1
        heard = 69 + 12 * np.log2(speech.rate / period / 440)
        assert abs(heard - pitch) < 1.5


@pytest.mark.parametrize("engine", ["", "/nonexistent/libespeak-ng.so.1", __file__])
async def test_without_an_engine_nothing_is_said(engine: str, tmp_path: Path) -> None:
    with pytest.raises(SpeechUnavailable):
        await EspeakSpeaker(engine).speak(LINES, tmp_path / "speech")
    assert not (tmp_path / "speech").exists()


async def test_the_wheel_is_found_only_where_it_is_installed(tmp_path: Path) -> None:
    if library_of(WHEEL):
        assert (await EspeakSpeaker(WHEEL).speak(LINES, tmp_path / "speech")).lines
    else:
        with pytest.raises(SpeechUnavailable, match="not installed"):
            await EspeakSpeaker(WHEEL).speak(LINES, tmp_path / "speech")


async def test_an_engine_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    speaker = EspeakSpeaker(require_engine(), seconds=0.001)
    with pytest.raises(SpeechUnavailable, match="took more than"):
        await speaker.speak(LINES, tmp_path / "speech")
    assert speaking_children() == []


async def test_a_cancelled_call_leaves_no_process(tmp_path: Path) -> None:
    lines = [Wording(("wonderful",) * 2000, 50.0)]
    with anyio.move_on_after(0.15) as scope:
        await EspeakSpeaker(require_engine()).speak(lines, tmp_path / "speech")
    assert scope.cancelled_caught
    assert speaking_children() == []


def speaking_children() -> list[int]:
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if any("speaking.py" in part for part in child.cmdline())]

"""Two threads for what is computed of both channels alike."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from adapters.audio import side_by_side as module
from adapters.audio.arrays import SAMPLE_RATE, Stereo
from adapters.audio.children import child_main
from adapters.audio.mix.mastering import master
from adapters.audio.side_by_side import WORTH_SAMPLES, side_by_side


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_cores", lambda: 2)
    monkeypatch.setattr(module, "main_thread", threading.current_thread)


def test_two_items_meet_in_two_threads_and_come_back_in_order() -> None:
    meeting = threading.Barrier(2, timeout=30)

    def meet(number: int) -> int:
        meeting.wait()
        return 10 * number

    assert side_by_side(meet, [1, 2]) == [10, 20]


def test_what_is_short_stays_in_one_thread() -> None:
    def name(_: int) -> str:
        return threading.current_thread().name

    assert len(set(side_by_side(name, [1, 2], WORTH_SAMPLES - 1))) == 1
    assert len(set(side_by_side(name, [1, 2], WORTH_SAMPLES))) == 2


@pytest.mark.parametrize("broken", [0, 1])
def test_an_error_comes_back_when_the_other_has_ended(broken: int) -> None:
    ended = []

    def work(number: int) -> None:
        if number == broken:
            raise ValueError(number)
        time.sleep(0.05)
        ended.append(number)

    with pytest.raises(ValueError, match=str(broken)):
        side_by_side(work, [0, 1])
    assert ended == [1 - broken]


def test_a_cancelled_call_ends_when_the_other_thread_has(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    def work(number: int) -> None:
        if number == 0:
            signal.raise_signal(child_main.STOP_SIGNAL)
        for _ in range(3):
            os.kill(os.getpid(), child_main.STOP_SIGNAL)  # the parent says it again
            time.sleep(0.05)
        ended.append(number)

    monkeypatch.setattr(child_main._Call, "running", True)
    monkeypatch.setattr(child_main._Call, "cancelled", False)
    former = signal.signal(child_main.STOP_SIGNAL, child_main._stop)
    try:
        with ThreadPoolExecutor(1) as helper:
            monkeypatch.setattr(module, "_helper", lambda: helper)
            with pytest.raises(child_main.Stopped):
                side_by_side(work, [0, 1])
    finally:
        signal.signal(child_main.STOP_SIGNAL, former)
    assert ended == [1]


def test_the_helper_has_no_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "main_thread", threading.main_thread)

    def nested(number: int) -> list[int]:
        return side_by_side(lambda other: number + other, [1, 2])

    assert side_by_side(nested, [10, 20]) == [[11, 12], [21, 22]]


def test_one_core_makes_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stem = tmp_path / "stem.flac"
    soundfile.write(stem, _music(5.0).T, SAMPLE_RATE, subtype="PCM_24")
    files = []
    for cores in (2, 1):
        monkeypatch.setattr(module, "_cores", lambda cores=cores: cores)
        master(stem, stem, tmp_path / "out", "mp3_44100_128")
        files.append((tmp_path / "out").read_bytes())
    assert files[0] == files[1]


def _music(seconds: float) -> Stereo:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(1).standard_normal((2, len(time))) * (time % 0.5 < 0.1)
    return np.asarray(0.1 * noise + 0.2 * np.sin(2 * np.pi * np.array([[220.0], [330.0]]) * time), np.float32)

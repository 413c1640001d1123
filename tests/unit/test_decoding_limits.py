"""What decoding may take: hostile files are refused within bounds, and the process that decoded them serves on."""

import os
import resource
import struct
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from adapters.audio.children.losses import OutOfTime
from adapters.audio.children.pool import ChildPool
from adapters.audio.codecs import limits
from adapters.audio.codecs.channels import MAX_CHANNELS
from adapters.audio.codecs.decoding import decode
from adapters.audio.codecs.limits import CpuBudget, bounded
from adapters.audio.codecs.recording_file import RecordingFile
from adapters.audio.codecs.stream_decoder import MAX_FRUITLESS, StreamDecoder
from domain.errors import BadAudio
from tests.support.recordings import RATE, code_of, pitch_of, tone, write

MIB = 1024 * 1024
MANY = 40_000_000
"""Samples that an index declares."""


@pytest.mark.parametrize("channels", [3, 6, 7, 8, 9, 12, MAX_CHANNELS])
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_many_channels_become_one(tmp_path: Path, channels: int, subtype: str) -> None:
    soundfile.write(tmp_path / "a.wav", np.tile(tone()[:, None], (1, channels)), RATE, subtype=subtype)
    samples = decode(tmp_path / "a.wav")
    assert pitch_of(samples) == pytest.approx(440, abs=2)
    assert float(np.max(np.abs(samples))) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("channels", [7, 8])
def test_many_channels_of_flac(tmp_path: Path, channels: int) -> None:
    soundfile.write(tmp_path / "a.flac", np.tile(tone()[:, None], (1, channels)), RATE)
    assert pitch_of(decode(tmp_path / "a.flac")) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("loud", range(8))
def test_each_of_eight_channels_is_heard(tmp_path: Path, loud: int) -> None:
    """Foreign memory is heard as noise, or not at all."""
    sound = np.zeros((2 * RATE, 8), dtype=np.float32)
    sound[:, loud] = tone()
    soundfile.write(tmp_path / "a.wav", sound, RATE)
    samples = decode(tmp_path / "a.wav")
    assert pitch_of(samples) == pytest.approx(440, abs=2)
    assert float(np.max(np.abs(samples))) < 0.51


@pytest.mark.parametrize("channels", [MAX_CHANNELS + 1, 64, 255])
def test_more_channels_are_refused(tmp_path: Path, channels: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((9_000, channels), dtype=np.int16), 8_000)
    assert code_of(tmp_path / "a.wav") == "audio_unsupported"


@pytest.mark.parametrize("rate", [1_000, 192_001, 384_000, 655_350])
def test_rates_that_nothing_records_are_refused(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(rate, dtype=np.int16), rate)
    assert code_of(tmp_path / "a.wav") == "audio_unsupported"


def test_the_highest_rate_is_heard(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(rate=192_000), 192_000)
    assert pitch_of(decode(tmp_path / "a.wav")) == pytest.approx(440, abs=2)


def index_bomb(folder: Path) -> Path:
    """Return an M4A whose index declares millions of samples in each of its tables, without listing them."""
    path = write(folder / "a.m4a", tone(), container="ipod", codec="aac")
    content = bytearray(path.read_bytes())
    at = content.index(b"stsz") + 8
    content[at : at + 8] = struct.pack(">II", 1, MANY)  # of one byte each
    at = content.index(b"stts") + 8
    content[at : at + 12] = struct.pack(">III", 1, MANY, 1024)
    at = content.index(b"stsc") + 8
    content[at : at + 12] = struct.pack(">III", 1, 1, MANY)
    path.write_bytes(content)
    return path


def fragment_bomb(folder: Path) -> Path:
    """Return a fragmented MP4 whose fragment declares millions of samples, and lists none."""
    options = {"movflags": "frag_keyframe+empty_moov"}
    path = write(folder / "a.mp4", tone(), container="mp4", codec="aac", options=options)
    content = bytearray(path.read_bytes())
    at = content.index(b"trun") + 4
    content[at : at + 8] = struct.pack(">II", 1, MANY)  # flags: the offset of the data, nothing per sample
    path.write_bytes(content)
    return path


def outcome_and_growth(path: Path) -> tuple[str, int, int]:
    """Return the code of the refusal, by how many bytes the process grew, and its id."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code = code_of(path)
    return code, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, os.getpid()


@pytest.mark.anyio
@pytest.mark.parametrize("bomb", [index_bomb, fragment_bomb])
async def test_an_index_that_declares_too_much(bomb: object, tmp_path: Path, children: ChildPool) -> None:
    path = bomb(tmp_path)  # type: ignore[operator]
    served_before = await children.run(os.getpid)
    code, growth, process = await children.run(outcome_and_growth, path)
    assert code in {"decoding_limit", "not_audio", "audio_truncated"}
    assert growth < limits.MEMORY_BYTES + 64 * MIB
    assert process == served_before == await children.run(os.getpid)


def take_memory(size: int) -> None:
    with bounded(memory_bytes=64 * MIB):
        bytearray(size)


def spin_in_a_library() -> None:
    """Compute in C for minutes, where Python cannot count."""
    with bounded(cpu_seconds=0.5 - limits.KILL_SECONDS):
        sum(range(10**11))


@pytest.mark.anyio
async def test_memory_is_bounded_on_top_of_what_the_process_has(children: ChildPool) -> None:
    process = await children.run(os.getpid)
    for _ in range(3):  # a bound lasts for one recording
        await children.run(take_memory, 32 * MIB)
        with pytest.raises(BadAudio) as refused:
            await children.run(take_memory, 200 * MIB)
        assert refused.value.code == "decoding_limit"
    assert await children.run(os.getpid) == process


@pytest.mark.anyio
async def test_the_kernel_ends_what_python_cannot_count(children: ChildPool) -> None:
    with pytest.raises(OutOfTime):
        await children.run(spin_in_a_library)


@pytest.mark.skipif(sys.platform != "linux", reason="the other clock is Linux's")
def test_the_limit_counts_by_the_clock_of_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "process_time", lambda: -1000.0)  # as if that clock had fallen behind
    with bounded(cpu_seconds=10.0):
        soft, _ = resource.getrlimit(resource.RLIMIT_CPU)
    assert soft >= sum(os.times()[:2]) + 10.0


def test_bounds_end_with_their_block() -> None:
    kinds = (resource.RLIMIT_DATA, resource.RLIMIT_CPU)
    before = [resource.getrlimit(kind) for kind in kinds]
    with bounded():
        assert [resource.getrlimit(kind) for kind in kinds] != before
    assert [resource.getrlimit(kind) for kind in kinds] == before


def test_reading_ends_when_the_time_is_up(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", tone(), container="mp3", codec="libmp3lame")
    with path.open("rb") as file, pytest.raises(BadAudio) as refused, av.open(RecordingFile(file, CpuBudget(-1.0))):
        pass
    assert refused.value.code == "decoding_limit"


def test_garbage_is_given_up_whatever_its_size(tmp_path: Path) -> None:
    frame = b"\xff\xf1\x50\x40\x02\x1f\xfc" + b"\xff" * 9  # an ADTS header, and nothing that a decoder could use
    (tmp_path / "a.aac").write_bytes(frame * 100_000)
    assert code_of(tmp_path / "a.aac") == "not_audio"
    with av.open(tmp_path / "a.aac") as container:
        decoder = StreamDecoder(container, CpuBudget(), 120.0)
        assert not list(decoder.blocks())
    assert decoder.packets <= MAX_FRUITLESS + 2


def test_samples_beyond_the_longest_hum_are_not_collected(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(8_000 * 200, dtype=np.int16), 8_000)
    with av.open(tmp_path / "a.wav") as container:
        decoder = StreamDecoder(container, CpuBudget(), 120.0)
        with pytest.raises(BadAudio):
            list(decoder.blocks())
    assert decoder.count <= 121 * 8_000

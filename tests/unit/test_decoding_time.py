"""Sound in time: what a container says about its length against what is heard, and pauses that a recorder left out."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from adapters.audio.codecs.decoding import decode, decode_recording
from adapters.audio.codecs.timeline import Timeline
from tests.support.recordings import RATE, code_of, film, pitch_of, tone, write

WAV_RATE = 16_000


def remuxed(
    source: Path, out: Path, container: str, *, late: float = 0.0, gap: float = 0.0, picture_seconds: float = 0.0
) -> Path:
    """Copy the packets of two seconds of sound: all of them later, the second half later still, with a film."""
    with av.open(source) as given, av.open(out, "w", format=container) as taken:
        stream = taken.add_stream_from_template(given.streams.audio[0])
        pictures = None
        if picture_seconds:
            pictures = taken.add_stream("mpeg4", rate=10)
            pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        for packet in given.demux(given.streams.audio[0]):
            if packet.pts is None or packet.dts is None:
                continue
            seconds = late + (gap if packet.pts * packet.time_base >= 1 else 0.0)
            shift = round(Fraction(seconds) / packet.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
            taken.mux(packet)
        if pictures is not None:
            film(taken, pictures, round(10 * picture_seconds))
    return out


def opus(folder: Path) -> Path:
    return write(folder / "source", tone(), container="webm", codec="libopus")


def loud_seconds(samples: NDArray[np.float32], rate: int = 44_100) -> float:
    blocks = samples[: len(samples) // 441 * 441].reshape(-1, 441)
    return float(np.sum(np.abs(blocks).max(axis=1) > 0.1)) * 441 / rate


@pytest.mark.parametrize("container", ["webm", "matroska", "mp4"])
def test_a_pause_that_was_left_out_is_silence(tmp_path: Path, container: str) -> None:
    samples = decode(remuxed(opus(tmp_path), tmp_path / "a", container, gap=3.0))
    assert len(samples) / 44_100 == pytest.approx(5.0, abs=0.1)
    assert loud_seconds(samples) == pytest.approx(2.0, abs=0.1)
    assert float(np.abs(samples[2 * 44_100 : 3 * 44_100]).max()) < 0.001


@pytest.mark.parametrize("container", ["matroska", "mp4", "mov", "mpegts"])
def test_a_picture_may_be_longer_than_the_sound(tmp_path: Path, container: str) -> None:
    source = write(tmp_path / "source", tone(), container="mp4", codec="aac")
    samples, damage, _ = decode_recording(remuxed(source, tmp_path / "a", container, picture_seconds=8.0))
    assert len(samples) / 44_100 == pytest.approx(2.0, abs=0.1)
    assert not damage


@pytest.mark.parametrize(
    ("container", "picture_seconds"),  # WebM has no MPEG-4 pictures
    [("webm", 0.0), ("matroska", 0.0), ("matroska", 8.0), ("mp4", 0.0), ("mp4", 8.0)],
)
def test_sound_may_start_late(tmp_path: Path, container: str, picture_seconds: float) -> None:
    path = remuxed(opus(tmp_path), tmp_path / "a", container, late=5.0, picture_seconds=picture_seconds)
    samples = decode(path)
    assert len(samples) / 44_100 == pytest.approx(2.0, abs=0.1)
    assert pitch_of(samples) == pytest.approx(440, abs=2)


def test_a_pause_counts_towards_the_longest_hum(tmp_path: Path) -> None:
    assert code_of(remuxed(opus(tmp_path), tmp_path / "a", "webm", gap=1e5)) == "hum_too_long"


def test_jitter_and_drift_of_timestamps_are_no_pauses() -> None:
    chance = np.random.default_rng(1)
    timeline, heard = Timeline(), 0.0
    for _ in range(6_000):
        stamp = 7.0 + heard * 1.002 + chance.uniform(-0.03, 0.03)
        assert timeline.gap(stamp, heard) == 0.0
        heard += 0.02


def test_a_clock_that_jumps_back_starts_anew() -> None:
    timeline = Timeline()
    assert timeline.gap(100.0, 0.0) == 0.0
    assert timeline.gap(3.0, 0.02) == 0.0
    assert timeline.gap(None, 0.04) == 0.0
    assert timeline.gap(3.54, 0.04) == pytest.approx(0.52)


def wav(
    folder: Path,
    *,
    seconds: float = 2.0,
    riff: float | None = None,
    data: float | None = None,
    tail: bytes = b"",
) -> Path:
    """Return a WAV of 440 Hz; its two sizes may be so many times what they should be."""
    samples = (tone(seconds, WAV_RATE) * 32_000).astype("<i2").tobytes()
    header = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, WAV_RATE, 2 * WAV_RATE, 2, 16)
    data_size = round(len(samples) * (1.0 if data is None else data))
    body = header + b"data" + struct.pack("<I", data_size) + samples + tail
    path = folder / "a.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", round(len(body) * (1.0 if riff is None else riff))) + body)
    return path


@pytest.mark.parametrize(
    ("riff", "data"),
    [(2.0, 1.0), (0.5, 1.0), (0.0, 1.0), (1.0, 2.0), (1.0, 0.0), (1.0, 0.5), (0.5, 0.5), (1000.0, 1.0)],
)
def test_a_wav_with_a_wrong_size_is_heard_whole(tmp_path: Path, riff: float, data: float) -> None:
    samples, damage, _ = decode_recording(wav(tmp_path, riff=riff, data=data))
    assert len(samples) / 44_100 == pytest.approx(2.0, abs=0.001)
    assert pitch_of(samples) == pytest.approx(440, abs=2)
    assert not damage


@pytest.mark.parametrize(
    "tail",
    [
        b"LIST" + struct.pack("<I", 4000) + b"INFO" + bytes(100),
        b"LIST" + struct.pack("<I", 90_000) + b"x" * 60,
        b"id3 " + struct.pack("<I", 20) + b"ID3\x03" + bytes(16),
        b"ID3\x03\x00\x00" + bytes(2_000),
        b"TAG" + b"x" * 125,
        b"\0" * 7,
    ],
    ids=["cut list", "long list", "tag chunk", "tag", "old tag", "padding"],
)
@pytest.mark.parametrize("riff", [1.0, 2.0])
def test_what_follows_the_samples_is_not_heard(tmp_path: Path, tail: bytes, riff: float) -> None:
    samples = decode(wav(tmp_path, tail=tail, riff=riff))
    assert len(samples) / 44_100 == pytest.approx(2.0, abs=0.001)
    assert float(np.abs(samples[-1000:]).max()) < 0.99


@pytest.mark.parametrize(
    ("form", "frames", "sound"), [(2.0, 1.0, 1.0), (0.5, 1.0, 1.0), (1.0, 2.0, 1.0), (1.0, 1.0, 2.0)]
)
def test_an_aiff_with_a_wrong_size_is_heard_whole(tmp_path: Path, form: float, frames: float, sound: float) -> None:
    path = write(tmp_path / "a", tone(), container="aiff", codec="pcm_s16be")
    content = bytearray(path.read_bytes())
    for at, factor in ((4, form), (content.index(b"COMM") + 10, frames), (content.index(b"SSND") + 4, sound)):
        content[at : at + 4] = struct.pack(">I", round(struct.unpack(">I", content[at : at + 4])[0] * factor))
    path.write_bytes(content)
    assert len(decode(path)) / 44_100 == pytest.approx(2.0, abs=0.001)


def test_a_flac_that_counts_too_many_samples_is_heard_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a", tone(), container="flac", codec="flac")
    content = bytearray(path.read_bytes())
    content[22:26] = struct.pack(">I", 2 * struct.unpack(">I", content[22:26])[0])
    path.write_bytes(content)
    assert len(decode(path)) / 44_100 == pytest.approx(2.0, abs=0.001)


def test_an_mp3_that_counts_too_many_frames_is_heard_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a", tone(), container="mp3", codec="libmp3lame")
    content = bytearray(path.read_bytes())
    at = next(at for tag in (b"Xing", b"Info") if (at := content.find(tag)) > 0) + 8
    content[at : at + 4] = struct.pack(">I", 2 * struct.unpack(">I", content[at : at + 4])[0])
    path.write_bytes(content)
    assert len(decode(path)) / 44_100 == pytest.approx(2.0, abs=0.1)


def test_a_wav_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = wav(tmp_path, seconds=4.0)
    path.write_bytes(path.read_bytes()[:-64_000])
    assert code_of(path) == "audio_truncated"


def packed(bits: int, container: int, *, extensible: bool, channels: int = 1) -> bytes:
    """Return a WAV of 440 Hz whose samples fill the upper bits of wider containers."""
    values = (tone(2.0, WAV_RATE) * 2 ** (bits - 1)).astype(np.int64) << (container - bits)
    wide = np.repeat(values.astype("<i4").view(np.uint8).reshape(-1, 4)[:, : container // 8], channels, axis=0)
    align = channels * container // 8
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    tail = struct.pack("<HHI", 22, bits, 0) + guid if extensible else b""
    stated = container if extensible else bits
    fmt = struct.pack("<HHIIHH", 0xFFFE if extensible else 1, channels, WAV_RATE, WAV_RATE * align, align, stated)
    body = b"WAVEfmt " + struct.pack("<I", len(fmt + tail)) + fmt + tail + b"data"
    body += struct.pack("<I", wide.size) + wide.tobytes()
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(("bits", "container"), [(24, 32), (20, 32), (16, 32), (20, 24), (18, 24), (16, 24), (12, 16)])
@pytest.mark.parametrize("extensible", [True, False])
@pytest.mark.parametrize("channels", [1, 2])
def test_integers_in_wider_containers(
    tmp_path: Path, bits: int, container: int, channels: int, *, extensible: bool
) -> None:
    (tmp_path / "a.wav").write_bytes(packed(bits, container, extensible=extensible, channels=channels))
    samples = decode(tmp_path / "a.wav", WAV_RATE)
    assert np.abs(samples - tone(2.0, WAV_RATE)).max() < 0.001


@pytest.mark.parametrize(("share", "refused"), [(0.001, False), (0.05, True), (1.0, True)])
def test_samples_that_are_no_numbers(tmp_path: Path, share: float, *, refused: bool) -> None:
    sound = tone()
    sound[np.random.default_rng(1).random(len(sound)) < share] = np.nan
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    if refused:
        assert code_of(tmp_path / "a.wav") == "audio_damaged"
    else:
        assert pitch_of(decode(tmp_path / "a.wav")) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("caf", "pcm_s16le"), ("w64", "pcm_s16le"), ("adts", "aac"), ("avi", "pcm_s16le")],
)
def test_an_end_that_broke_off_is_told(tmp_path: Path, container: str, codec: str) -> None:
    path = write(tmp_path / "a", tone(4.0), container=container, codec=codec)
    assert not decode_recording(path).damage
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10 + 1])
    assert "breaks off; the 2.4 seconds" in decode_recording(path).damage


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_s16le"),
        ("wav", "pcm_f32le"),
        ("aiff", "pcm_s16be"),
        ("caf", "pcm_s16le"),
        ("flac", "flac"),
        ("mp3", "libmp3lame"),
        ("adts", "aac"),
        ("ogg", "libopus"),
        ("webm", "libopus"),
        ("matroska", "aac"),
        ("mp4", "aac"),
    ],
)
def test_a_hum_with_half_of_its_bytes_zeroed_is_told_or_refused(tmp_path: Path, container: str, codec: str) -> None:
    noisy = tone(6.0) + 0.01 * np.random.default_rng(1).standard_normal(6 * RATE).astype(np.float32)
    path = write(tmp_path / "a", noisy, container=container, codec=codec)
    content = bytearray(path.read_bytes())
    assert not decode_recording(path).damage
    content[len(content) // 4 : len(content) * 3 // 4] = bytes(len(content) * 3 // 4 - len(content) // 4)
    path.write_bytes(content)
    if container == "mp4":
        assert code_of(path) == "audio_truncated"
    else:
        assert "of the recording is empty" in decode_recording(path).damage


def test_a_cut_webm_is_refused_and_a_streamed_one_heard(tmp_path: Path) -> None:
    for options, code in (({}, "audio_truncated"), ({"live": "1"}, "")):
        path = write(tmp_path / "a", tone(4.0), container="webm", codec="libopus", options=options)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
        assert (code_of(path) == code) if code else len(decode(path)) > 2 * 44_100

"""Every format a phone or a browser records decodes; everything else is refused with the right code."""

import struct
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from adapters.audio.codecs.decoding import decode
from domain.errors import BadAudio
from tests.support.recordings import RATE, add_pictures, code_of, film, pitch_of, tone, write


@pytest.mark.parametrize(
    ("container", "codec", "rate", "layout"),
    [
        ("wav", "pcm_s16le", 44_100, "mono"),
        ("wav", "pcm_s16le", 8_000, "mono"),
        ("wav", "pcm_s24le", 96_000, "stereo"),
        ("wav", "pcm_u8", 22_050, "mono"),
        ("wav", "pcm_f32le", 48_000, "5.1"),
        ("mp3", "libmp3lame", 44_100, "stereo"),
        ("ipod", "aac", 48_000, "mono"),
        ("mp4", "aac", 44_100, "stereo"),
        ("adts", "aac", 44_100, "mono"),
        ("ogg", "libopus", 48_000, "mono"),
        ("webm", "libopus", 48_000, "stereo"),
        ("flac", "flac", 44_100, "mono"),
        ("aiff", "pcm_s16be", 44_100, "stereo"),
        ("caf", "pcm_s16le", 44_100, "mono"),
        ("caf", "alac", 44_100, "mono"),
    ],
)
def test_decodes(tmp_path: Path, container: str, codec: str, rate: int, layout: str) -> None:
    path = write(tmp_path / "hum.exe", tone(rate=rate), container=container, codec=codec, rate=rate, layout=layout)
    samples = decode(path)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert len(samples) / 44_100 == pytest.approx(2.0, abs=0.09)
    assert pitch_of(samples) == pytest.approx(440, abs=2)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_decodes_vorbis(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", tone(), RATE, format="OGG", subtype="VORBIS")
    assert pitch_of(decode(tmp_path / "a.ogg")) == pytest.approx(440, abs=2)


def test_takes_the_sound_of_a_video(tmp_path: Path) -> None:
    path = write(tmp_path / "selfie.mp4", tone(), container="mp4", codec="aac", video=True)
    assert pitch_of(decode(path)) == pytest.approx(440, abs=2)


def test_refuses_a_video_without_sound(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "mute.mp4"), "w", format="mp4") as out:
        film(out, add_pictures(out))
    assert code_of(tmp_path / "mute.mp4") == "not_audio"


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
def test_resamples_to_the_rate_asked_for(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", tone(), RATE)
    samples = decode(tmp_path / "a.wav", rate)
    assert len(samples) == pytest.approx(2 * rate, abs=2)
    assert pitch_of(samples, rate) == pytest.approx(440, abs=2)


def test_bad_samples_are_silenced_and_hot_ones_scaled(tmp_path: Path) -> None:
    hot = tone() * 4
    hot[1000:1010], hot[2000], hot[3000] = np.nan, np.inf, -np.inf
    soundfile.write(tmp_path / "a.wav", hot, RATE, subtype="FLOAT")
    samples = decode(tmp_path / "a.wav")
    assert np.isfinite(samples).all()
    assert float(np.max(np.abs(samples))) == pytest.approx(1.0)


def test_channels_that_cancel_do_not_become_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.stack([tone(), -tone()], axis=1), RATE)
    assert float(np.max(np.abs(decode(tmp_path / "a.wav")))) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("filler", [0xFFFFFFFF, 0x7FFFF000, 0])
def test_a_streamed_wav_has_no_length(tmp_path: Path, filler: int) -> None:
    soundfile.write(tmp_path / "a.wav", tone(), RATE, subtype="PCM_16")
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[4:8] = content[40:44] = struct.pack("<I", filler)
    (tmp_path / "a.wav").write_bytes(content)
    assert len(decode(tmp_path / "a.wav")) == 88_200


def test_a_browsers_webm_has_no_length(tmp_path: Path) -> None:
    path = write(tmp_path / "a.webm", tone(), container="webm", codec="libopus", options={"live": "1"})
    assert len(decode(path)) / 44_100 == pytest.approx(2.0, abs=0.09)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello, this is not music",
        b"<html><body>404</body></html>" * 50,
        b"\x89PNG\r\n\x1a\n" + bytes(2000),
        b"RIFF\x24\x00\x00\x00WAVE",
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile 'other.wav'\n",
        np.random.default_rng(1).bytes(200_000),
        bytes(100_000),
    ],
    ids=["empty", "text", "html", "png", "header only", "playlist", "concat", "noise", "zeros"],
)
def test_refuses_what_is_not_audio(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hum.wav").write_bytes(content)
    assert code_of(tmp_path / "hum.wav") == "not_audio"


@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [
        ("wav", "pcm_s16le", {}),
        ("flac", "flac", {}),
        ("aiff", "pcm_s16be", {}),
        ("mp3", "libmp3lame", {}),
        ("mp4", "aac", {"movflags": "faststart"}),
        ("mp4", "aac", {}),
    ],
)
def test_refuses_what_was_cut(tmp_path: Path, container: str, codec: str, options: dict[str, str]) -> None:
    path = write(tmp_path / "a", tone(4.0), container=container, codec=codec, options=options)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    assert code_of(path) == "audio_truncated"


def test_refuses_too_short(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(0.9), RATE)
    assert code_of(tmp_path / "a.wav") == "hum_too_short"


def test_refuses_too_long_without_reading_it_all(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(130 * 8000, dtype=np.int16), 8000)
    assert code_of(tmp_path / "a.wav") == "hum_too_long"
    soundfile.write(tmp_path / "a.wav", tone(3.0), RATE)
    with pytest.raises(BadAudio, match="longer than 2 seconds"):
        decode(tmp_path / "a.wav", max_seconds=2.0)


TAG = b"ID3\3\0\0\0\0\0\rTIT2\0\0\0\3\0\0\0hi"


@pytest.mark.parametrize(
    ("before", "skipped"),
    [(bytes(1), 0), (bytes(731), 0), (bytes(5_000), 0), (bytes(60_000), 0), (TAG, 0), (TAG + TAG, 0), (b"", 300)],
    ids=["a zero", "some zeros", "more zeros", "many zeros", "a tag", "two tags", "mid-frame"],
)
@pytest.mark.parametrize(("container", "codec"), [("mp3", "libmp3lame"), ("adts", "aac")])
def test_sound_that_does_not_begin_at_the_first_byte(
    tmp_path: Path, container: str, codec: str, before: bytes, skipped: int
) -> None:
    options = {"id3v2_version": "0", "write_xing": "0"} if container == "mp3" else {}
    path = write(tmp_path / "a", tone(3.0), container=container, codec=codec, options=options)
    path.write_bytes(before + path.read_bytes()[skipped:])
    samples = decode(path)
    assert len(samples) / 44_100 == pytest.approx(3.0, abs=0.15)
    assert pitch_of(samples) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("before", [b"", TAG, bytes(800)], ids=["bare", "behind a tag", "behind zeros"])
@pytest.mark.parametrize(
    "reference",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{path}'\n",
        "[playlist]\nFile1={url}\n",
        "<!doctype html><audio src='{url}'>",
    ],
    ids=["hls", "concat", "pls", "html"],
)
def test_references_are_never_opened(tmp_path: Path, reference: str, before: bytes) -> None:
    target = write(tmp_path / "target.wav", tone(), container="wav", codec="pcm_s16le")
    (tmp_path / "a.mp3").write_bytes(before + reference.format(path=target, url=target.as_uri()).encode())
    assert code_of(tmp_path / "a.mp3") == "not_audio"


def test_names_in_any_encoding_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(), container="wav", codec="pcm_s16le")
    title = "Überraschung".encode("latin-1")
    info = b"INFOINAM" + struct.pack("<I", len(title)) + title
    content = path.read_bytes() + b"LIST" + struct.pack("<I", len(info)) + info
    path.write_bytes(b"RIFF" + struct.pack("<I", len(content) - 8) + content[8:])
    assert pitch_of(decode(path)) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("container", ["caf", "w64", "asf", "mp4", "matroska", "aiff", "wav"])
def test_broken_files_are_refused_by_code(tmp_path: Path, container: str) -> None:
    """Whatever a broken header says: nothing but `BadAudio` comes out, or sound."""
    codec = {"mp4": "aac", "matroska": "aac", "caf": "alac", "aiff": "pcm_s16be"}.get(container, "pcm_s16le")
    path = write(tmp_path / "a", tone(1.5), container=container, codec=codec)
    whole, chance = path.read_bytes(), np.random.default_rng(5)
    for _ in range(60):
        content = bytearray(whole)
        for at in chance.integers(0, min(len(whole) - 8, 600), 3):
            content[at : at + 8] = chance.choice([bytes(8), b"\xff" * 8, b"\x7f" + b"\xff" * 7, chance.bytes(8)])
        path.write_bytes(content)
        with suppress(BadAudio):
            assert np.isfinite(decode(path)).all()


def ogg_page(serial: int, packet: bytes) -> bytes:
    """Return the first page of a logical stream, with its checksum (RFC 3533, section 6)."""
    page = b"OggS\0\2" + bytes(8) + struct.pack("<III", serial, 0, 0) + bytes([1, len(packet)]) + packet
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1 ^ (0x04C11DB7 if checksum & 0x80000000 else 0)) & 0xFFFFFFFF
    return page[:22] + struct.pack("<I", checksum) + page[26:]


@pytest.mark.parametrize("packet", [b"fishead\0\3" + bytes(71), b"\x80theora\3\2\1" + bytes(32)])
def test_ogg_may_begin_with_another_stream(tmp_path: Path, packet: bytes) -> None:
    path = write(tmp_path / "a", tone(), container="ogg", codec="libopus")
    path.write_bytes(ogg_page(77, packet) + path.read_bytes())
    samples = decode(path)
    assert len(samples) / 44_100 == pytest.approx(2.0, abs=0.05)
    assert pitch_of(samples) == pytest.approx(440, abs=2)

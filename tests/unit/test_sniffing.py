"""Recognising audio by its first bytes: real files from real encoders, and what must not be taken for audio."""

import io
import random
import zipfile
from collections.abc import Iterator

import av
import numpy as np
import pytest

from domain.recordings.sniffing import SNIFF_BYTES, audio_mime_type

ENCODERS = [
    ("wav", "pcm_s16le", 44100, "audio/wav"),
    ("aiff", "pcm_s16be", 44100, "audio/aiff"),
    ("flac", "flac", 44100, "audio/flac"),
    ("ogg", "libopus", 48000, "audio/ogg"),
    ("webm", "libopus", 48000, "audio/webm"),
    ("matroska", "pcm_s16le", 44100, "audio/x-matroska"),
    ("ipod", "aac", 44100, "audio/mp4"),
    ("mp4", "aac", 44100, "audio/mp4"),
    ("mov", "aac", 44100, "audio/mp4"),
    ("3gp", "aac", 44100, "audio/3gpp"),
    ("caf", "pcm_s16le", 44100, "audio/x-caf"),
    ("mp3", "libmp3lame", 44100, "audio/mpeg"),
    ("mp3", "libmp3lame", 22050, "audio/mpeg"),
    ("mp3", "libmp3lame", 8000, "audio/mpeg"),
    ("adts", "aac", 44100, "audio/aac"),
]


def encoded(container: str, codec: str, rate: int, **options: str) -> bytes:
    """Return half a second of noise as a file."""
    noise = np.random.default_rng(1).integers(-8000, 8000, (1, rate // 2), dtype=np.int16)
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=options) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(noise, format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format, "mono", rate, frame_size=stream.codec_context.frame_size)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(("container", "codec", "rate", "mime_type"), ENCODERS)
def test_files_of_real_encoders(container: str, codec: str, rate: int, mime_type: str) -> None:
    assert audio_mime_type(encoded(container, codec, rate)[:SNIFF_BYTES]) == mime_type


def test_mp3_without_a_tag_is_known_by_its_frames() -> None:
    bare = encoded("mp3", "libmp3lame", 44100, id3v2_version="0", write_xing="0")
    assert not bare.startswith(b"ID3")
    assert audio_mime_type(bare[:SNIFF_BYTES]) == "audio/mpeg"


@pytest.mark.parametrize(
    ("head", "mime_type"),
    [
        (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
        (b"FORM\0\0\0\0AIFCFVER", "audio/aiff"),
        (b"#!AMR\n\x3c", "audio/amr"),
        (b"#!AMR-WB\n\x3c", "audio/amr-wb"),
        (b"ID3\x04\0\0\0\0\x0f\x76TSSE", "audio/mpeg"),
        (b"\0\0\0\x14ftypM4A \0\0\0\0isom", "audio/mp4"),
        (b"OggS\0\x02" + bytes(20) + b"\x01\x1e\x01vorbis", "audio/ogg"),
        (b"OggS\0\x02" + bytes(20) + b"\x01\x33\x7fFLAC\x01", "audio/ogg"),
    ],
)
def test_heads_that_no_encoder_here_writes(head: bytes, mime_type: str) -> None:
    assert audio_mime_type(head) == mime_type


def an_archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as retention_store:
        retention_store.writestr("hum.wav", encoded("wav", "pcm_s16le", 8000))
    return file.getvalue()


NOT_AUDIO = {
    "empty": b"",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 16,
    "html": b"<!doctype html><title>hum.mp3</title>",
    "zip": an_archive(),
    "text": b"Just a small town girl, living in a lonely world\n" * 100,
    "UTF-16": "﻿".encode("utf-16-le") + "la la la ".encode("utf-16-le") * 300,
    "all ones": b"\xff" * SNIFF_BYTES,
    "one MP3 header": b"\xff\xfb\x90\x64" + bytes(SNIFF_BYTES),
    "webp": b"RIFF\0\0\0\0WEBPVP8 ",
    "avi": b"RIFF\0\0\0\0AVI LIST",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "ogg video": b"OggS\0\x02" + bytes(20) + b"\x01\x2a\x80theora",
    "other EBML": b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84mine",
    "words that begin like a tag": b"ID3 tags are fun",
    "a cut signature": b"fLa",
}


@pytest.mark.parametrize("head", NOT_AUDIO.values(), ids=NOT_AUDIO.keys())
def test_what_is_not_audio(head: bytes) -> None:
    assert audio_mime_type(head[:SNIFF_BYTES]) is None


def random_heads(prefix: bytes) -> Iterator[bytes]:
    chance = random.Random(20)  # noqa: S311 - seeded test data
    for _ in range(5_000):
        yield prefix + chance.randbytes(1500 - len(prefix))


@pytest.mark.parametrize("prefix", [b"", b"\xff\xfb", b"\xff\xf1"])
def test_random_bytes_hardly_ever_pass(prefix: bytes) -> None:
    """Even behind the right first two bytes: a legal second frame at the right place is one in thousands."""
    assert sum(audio_mime_type(head) is not None for head in random_heads(prefix)) <= 5


def test_no_truncation_of_a_real_file_is_an_error() -> None:
    for container, codec, rate, mime_type in ENCODERS:
        head = encoded(container, codec, rate)[:200]
        assert {audio_mime_type(head[:size]) for size in range(len(head))} <= {None, mime_type}

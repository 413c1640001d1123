"""Recognising audio by its first bytes: real files from real encoders, and what must not be taken for audio."""

import io
import random
import zipfile

import av
import numpy as np
import pytest

from domain.recordings.sniffing import SNIFF_BYTES, UNKNOWN, audio_mime_type
from domain.recordings.suffixes import SUFFIXES

TAG = b"ID3\3\0\0\0\0\0\rTIT2\0\0\0\3\0\0\0hi"
"""An ID3v2 tag with a title."""

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
    assert mime_type in SUFFIXES


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
    assert mime_type in SUFFIXES


def an_archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as retention_store:
        retention_store.writestr("hum.wav", encoded("wav", "pcm_s16le", 8000))
    return file.getvalue()


NOT_AUDIO = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 16,
    "html": b"<!doctype html><title>hum.mp3</title>",
    "zip": an_archive(),
    "text": b"Just a small town girl, living in a lonely world\n" * 100,
    "UTF-16": "﻿".encode("utf-16-le") + "la la la ".encode("utf-16-le") * 300,
    "all ones": b"\xff" * SNIFF_BYTES,
    "webp": b"RIFF\0\0\0\0WEBPVP8 ",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "other EBML": b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84mine",
    "words that begin like a tag": b"ID3 tags are fun",
    "a cut signature": b"fLa",
    "a playlist": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n",
    "another playlist": b"[playlist]\nFile1=http://localhost/\n",
    "html behind a tag": TAG + b"<!doctype html><script>fetch('/v1/status')</script>",
    "html with zeros behind a tag": TAG + b" \n<HTML \0>" + bytes(500),
    "a playlist behind a tag": TAG + b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://localhost/",
    "a playlist behind two tags": TAG + TAG + b"#EXTM3U\nfile:///etc/hostname\n\0\0",
    "html behind zeros": bytes(700) + b"<!doctype html>",
    "a picture behind a tag": TAG + b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a program": b"\x7fELF\2\1\1" + bytes(50),
    "notes": b"MThd\0\0\0\6\0\1",
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0mif1avif",
    "json": b'{"key": "C"}',
}


@pytest.mark.parametrize("head", NOT_AUDIO.values(), ids=NOT_AUDIO.keys())
def test_what_is_not_audio(head: bytes) -> None:
    assert audio_mime_type(head[:SNIFF_BYTES]) is None


def test_random_bytes_are_left_to_the_decoder() -> None:
    chance = random.Random(20)  # noqa: S311 - seeded test data
    assert all(audio_mime_type(chance.randbytes(1500)) for _ in range(1_000))


BRANDS = (
    *("isom", "iso2", "iso4", "iso5", "iso6", "iso8", "mp41", "mp42", "M4A ", "M4B ", "M4P ", "M4V ", "qt  ", "avc1"),
    *("dash", "cmfa", "cmfc", "cmfs", "cmf2", "msdh", "F4A ", "MSNV", "NDSH", "XAVC", "dby1", "aax ", "kddi", "caqv"),
)


@pytest.mark.parametrize("brand", BRANDS)
def test_every_brand_of_mp4_is_the_decoders_to_judge(brand: str) -> None:
    content = encoded("mp4", "aac", 44100).replace(b"ftypisom", b"ftyp" + brand.encode())
    assert audio_mime_type(content[:SNIFF_BYTES]) == "audio/mp4"
    assert audio_mime_type(content[8:]) is not None  # whatever comes first, if it is cut


def test_what_the_decoder_reads_passes() -> None:
    """Formats without a recogniser here, and files that begin in the wrong place."""
    mp3 = encoded("mp3", "libmp3lame", 44100, id3v2_version="0", write_xing="0")
    aac = encoded("adts", "aac", 44100)
    skeleton = b"OggS\0\2" + bytes(8) + b"M\0\0\0" + bytes(8) + b"\1@fishead\0\3" + bytes(60)
    heads = {
        "mid-frame": (mp3[300:], "audio/mpeg"),
        "mid-frame ADTS": (aac[100:], "audio/aac"),
        "some zeros": (bytes(731) + mp3, "audio/mpeg"),
        "two zeros": (bytes(2) + mp3, "audio/mpeg"),
        "many zeros": (bytes(100_000) + mp3, UNKNOWN),
        "a tag before FLAC": (TAG + encoded("flac", "flac", 44100), "audio/flac"),
        "a long tag": (b"ID3\4\0\0\0\x0f\0\0" + bytes(5_000), "audio/mpeg"),
        "skeleton": (skeleton + encoded("ogg", "libopus", 48000), "audio/ogg"),
        "theora": (b"OggS\0\2" + bytes(20) + b"\1\x2a\x80theora", "audio/ogg"),
        "au": (encoded("au", "pcm_s16be", 44100), UNKNOWN),
        "avi": (encoded("avi", "pcm_s16le", 44100), UNKNOWN),
        "mpegts": (encoded("mpegts", "aac", 44100), UNKNOWN),
        "w64": (encoded("w64", "pcm_s16le", 44100), UNKNOWN),
        "asf": (encoded("asf", "pcm_s16le", 44100), UNKNOWN),
        "no brand": (encoded("mov", "aac", 44100)[20:], "audio/mp4"),
    }
    assert {name: audio_mime_type(head[:SNIFF_BYTES]) for name, (head, _) in heads.items()} == {
        name: mime_type for name, (_, mime_type) in heads.items()
    }


def test_no_truncation_of_a_real_file_is_taken_for_another_format() -> None:
    for container, codec, rate, mime_type in ENCODERS:
        head = encoded(container, codec, rate)[:200]
        assert {audio_mime_type(head[:size]) for size in range(1, len(head))} <= {None, UNKNOWN, mime_type}

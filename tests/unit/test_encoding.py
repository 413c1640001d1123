"""Every output format: right length, right sound, the same bytes each time."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from adapters.audio.arrays import Stereo
from adapters.audio.codecs.encoding import decode, encode, mime_type
from adapters.audio.mix.loudness import integrated
from application.ports.mastering import EncodingFailed, UnknownOutputFormat
from domain.jobs.output_formats import OutputFormat

FORMATS: dict[OutputFormat, str] = {
    "mp3_44100_128": "audio/mpeg",
    "mp3_44100_192": "audio/mpeg",
    "mp3_44100_320": "audio/mpeg",
    "m4a_44100_256": "audio/mp4",
    "opus_48000_128": "audio/ogg",
    "flac_44100": "audio/flac",
    "wav_44100": "audio/wav",
}


def chord(frames: int) -> Stereo:
    time = np.arange(frames) / 44100
    left, right = (sum(np.sin(2 * np.pi * hertz * time) for hertz in tones) for tones in ((220, 277), (330, 440)))
    return (0.2 * np.stack([left, right])).astype(np.float32)


@pytest.mark.parametrize("output_format", FORMATS)
def test_decoded_file_is_what_was_encoded(output_format: OutputFormat, tmp_path: Path) -> None:
    samples = chord(3 * 44100)
    encode(samples, tmp_path / "out", output_format)
    heard, rate = decode(tmp_path / "out")
    assert heard.shape[1] / rate == pytest.approx(3.0, abs=1e-6)
    assert integrated(heard, rate) == pytest.approx(integrated(samples, 44100), abs=0.05)
    if rate == 44100:  # no shift: nothing was added in front
        assert np.abs(heard[:, 8000:-8000] - samples[:, 8000:-8000]).max() < 0.02  # encoders ring at a hard start


@pytest.mark.parametrize("output_format", FORMATS)
def test_same_samples_same_bytes(output_format: OutputFormat, tmp_path: Path) -> None:
    for name in ("first", "second"):
        encode(chord(44100), tmp_path / name, output_format)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


@pytest.mark.parametrize(("output_format", "expected"), FORMATS.items())
def test_media_types(output_format: OutputFormat, expected: str) -> None:
    assert mime_type(output_format) == expected


def test_unknown_format_is_refused_for_good(tmp_path: Path) -> None:
    with pytest.raises(UnknownOutputFormat, match="aiff_44100") as refused:
        encode(chord(100), tmp_path / "out", cast("OutputFormat", "aiff_44100"))
    assert (refused.value.code, refused.value.permanent) == ("unknown_output_format", True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("output_format", ["mp3_44100_128", "flac_44100"])
def test_a_file_that_cannot_be_written_is_reported(output_format: OutputFormat, tmp_path: Path) -> None:
    with pytest.raises(EncodingFailed):
        encode(chord(4410), tmp_path / "missing" / "out", output_format)
    with pytest.raises(EncodingFailed):
        decode(tmp_path / "missing")

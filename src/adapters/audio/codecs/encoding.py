"""Encodes finished audio as MP3, AAC, Opus, FLAC or WAV: exact in length, byte-identical for identical samples."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import av
import msgspec
import numpy as np
import soundfile

from adapters.audio.arrays import SAMPLE_RATE, Stereo, joined, resample
from adapters.audio.codecs.lossless import write_lossless
from adapters.audio.codecs.mp3 import encode_mp3
from application.ports.mastering import EncodingFailed, UnknownOutputFormat
from domain.jobs.output_formats import MEDIA_TYPES, OutputFormat

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_FRAMES_PER_CHUNK: Final = 65536


class Encoding(msgspec.Struct, frozen=True):
    """How an output format is encoded; without a codec, losslessly by libsndfile."""

    container: str
    sample_rate: int = SAMPLE_RATE
    codec: str = ""
    bit_rate: int = 0
    low_pass_hz: int = 0
    preset_scale: float = 1.0  # LAME's presets scale the signal by this; see training/encoder_scale.py
    sample_format: str = "fltp"


_LAME: Final = "lame"
"""The codec that `codecs.mp3` encodes, three times as fast as the LAME in PyAV's wheel."""


def _mp3(bit_rate: int, low_pass_hz: int, preset_scale: float) -> Encoding:
    return Encoding("mp3", codec=_LAME, bit_rate=bit_rate, low_pass_hz=low_pass_hz, preset_scale=preset_scale)


_FORMATS: Final[dict[OutputFormat, Encoding]] = {
    "mp3_44100_128": _mp3(128_000, 16_000, 0.95),
    "mp3_44100_192": _mp3(192_000, 18_500, 0.97),
    "mp3_44100_320": _mp3(320_000, 20_000, 1.0),
    "opus_48000_128": Encoding("ogg", codec="libopus", sample_rate=48000, bit_rate=128_000, sample_format="flt"),
    "m4a_44100_256": Encoding("ipod", codec="aac", bit_rate=256_000, low_pass_hz=20_000),
    "m4a_44100_128": Encoding("ipod", codec="aac", bit_rate=128_000, low_pass_hz=16_000),
    "flac_44100": Encoding("FLAC"),
    "wav_44100": Encoding("WAV"),
}


def output_formats() -> Mapping[OutputFormat, Encoding]:
    """Return every output format by name."""
    return _FORMATS


def mime_type(output_format: OutputFormat) -> str:
    """Return the IANA media type of an output format. Raises `UnknownOutputFormat`."""
    _format(output_format)
    return MEDIA_TYPES[output_format]


def is_lossy(output_format: OutputFormat) -> bool:
    """Return whether the decoded file differs from what was encoded. Raises `UnknownOutputFormat`."""
    return bool(_format(output_format).codec)


def low_pass_hz(output_format: OutputFormat) -> float:
    """Return the cutoff of the format's low-pass in Hz, 0 for none. Raises `UnknownOutputFormat`."""
    return _format(output_format).low_pass_hz


def encode(sound: Stereo, out: Path, output_format: OutputFormat) -> None:
    """Write sound at 44.1 kHz to a file.

    Raises:
        UnknownOutputFormat: For a format not in the list of `MasteringDesk.master`.
        EncodingFailed: When the encoder fails or the file cannot be written.
    """
    chosen = _format(output_format)
    try:
        if chosen.codec == _LAME:
            out.write_bytes(encode_mp3(sound, chosen.bit_rate, chosen.preset_scale))
        elif chosen.codec:
            _encode_lossy(sound, out, chosen)
        else:
            write_lossless(sound, out, chosen.container)
    except (av.FFmpegError, soundfile.SoundFileError, RuntimeError, OSError) as exc:
        raise EncodingFailed(f"the finished audio could not be encoded: {exc}") from exc


def decode(path: Path) -> tuple[Stereo, int]:
    """Return the decoded samples of a finished file, shape (2, n), and its sample rate. Raises `EncodingFailed`."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            planar = av.AudioResampler(format="fltp", layout="stereo")
            blocks = (part.to_ndarray() for frame in container.decode(stream) for part in planar.resample(frame))
            sound = joined(blocks, round((container.duration or 0) / av.time_base * stream.rate) + stream.rate)
            return sound[:, : _announced(container, stream)], stream.rate
    except (av.FFmpegError, OSError) as exc:
        raise EncodingFailed(f"the encoded file could not be decoded: {exc}") from exc


def _announced(container: "InputContainer", stream: "AudioStream") -> int | None:
    """Return the samples that an MP4 file announces: its last packet is filled up, and players leave the rest out."""
    if "mp4" not in container.format.name or not stream.duration:
        return None
    return round(stream.duration * (stream.time_base or Fraction(1, stream.rate)) * stream.rate)


def _format(output_format: OutputFormat) -> Encoding:
    if output_format not in _FORMATS:
        raise UnknownOutputFormat(f"{output_format!r} is not one of {', '.join(_FORMATS)}")
    return _FORMATS[output_format]


def _encode_lossy(sound: Stereo, out: Path, chosen: Encoding) -> None:
    if chosen.sample_rate != SAMPLE_RATE:
        sound = resample(sound, SAMPLE_RATE, chosen.sample_rate)
    # bitexact: leaves out the encoder's version and random Ogg serial numbers.
    with av.open(str(out), "w", format=chosen.container, options={"fflags": "+bitexact"}) as container:
        stream = cast("AudioStream", container.add_stream(chosen.codec, chosen.sample_rate))
        stream.bit_rate, stream.layout, stream.format = chosen.bit_rate, "stereo", chosen.sample_format
        for first in range(0, sound.shape[1], _FRAMES_PER_CHUNK):
            container.mux(stream.encode(_frame(sound[:, first : first + _FRAMES_PER_CHUNK], first, chosen)))
        container.mux(stream.encode(None))


def _frame(sound: Stereo, first: int, chosen: Encoding) -> av.AudioFrame:
    laid_out = sound.T.reshape(1, -1) if chosen.sample_format == "flt" else sound  # packed or planar
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(laid_out), format=chosen.sample_format, layout="stereo")
    frame.sample_rate, frame.pts = chosen.sample_rate, first
    frame.time_base = Fraction(1, chosen.sample_rate)
    return frame

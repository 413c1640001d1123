"""Recordings for tests of the decoder, encoded by FFmpeg in any format."""

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from adapters.audio.codecs.decoding import decode
from domain.errors import BadAudio

RATE = 48_000


def tone(seconds: float = 2.0, rate: int = RATE, hertz: float = 440.0) -> NDArray[np.float32]:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def write(
    path: Path,
    samples: NDArray[np.float32],
    *,
    container: str,
    codec: str,
    rate: int = RATE,
    layout: str = "mono",
    options: dict[str, str] | None = None,
    video: bool = False,
) -> Path:
    """Encode with PyAV; every channel gets the samples."""
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        stream = cast(AudioStream, out.add_stream(codec, rate=rate, layout=layout))
        pictures = add_pictures(out) if video else None
        frame = av.AudioFrame.from_ndarray(np.tile(samples, (len(av.AudioLayout(layout).channels), 1)), "fltp", layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
        if pictures:
            film(out, pictures)
    return path


def add_pictures(out: OutputContainer) -> VideoStream:
    pictures: VideoStream = out.add_stream("mpeg4", rate=10)
    pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
    return pictures


def film(out: OutputContainer, pictures: VideoStream, count: int = 20) -> None:
    """Show nothing, for two seconds by default."""
    for index in range(count):
        picture = av.VideoFrame(64, 48, "yuv420p")
        picture.pts = index
        out.mux(pictures.encode(picture))
    out.mux(pictures.encode(None))


def pitch_of(samples: NDArray[np.float32], rate: int = 44_100) -> float:
    middle = samples[len(samples) // 4 : 3 * len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.argmax(spectrum) * rate / len(middle))


def code_of(path: Path) -> str:
    with pytest.raises(BadAudio) as refused:
        decode(path)
    return refused.value.code

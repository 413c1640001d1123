"""Decodes recordings of any format to mono samples. The content decides what a file is, never its name."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
import av.error
import numpy as np
import numpy.typing as npt
import soxr

from adapters.audio.arrays import SAMPLE_RATE, Mono
from domain.errors import BadAudio

MIN_SECONDS: Final = 1.0
MAX_SECONDS: Final = 120.0
RATES: Final = range(4_000, 768_001)
FORMATS: Final = "wav,w64,mp3,aac,mov,ogg,flac,matroska,aiff,caf,au,amr,avi,mpegts,asf,wv"
"""Demuxers that read only the file itself: playlists could make FFmpeg open other files and hosts."""

UNKNOWN_SIZE: Final = 0x7FF0_0000
"""From this many bytes on, a WAV's size is a placeholder of streaming recorders (0xFFFFFFFF, 0x7FFFF000 …)."""

NOT_AUDIO: Final = "unsupported audio format, or not an audio file"
TRUNCATED: Final = "the audio file is truncated"


def decode(path: Path, sample_rate: int = SAMPLE_RATE, max_seconds: float = MAX_SECONDS) -> Mono:
    """Return the recording as finite mono samples, shape (n,), peak at most 1.

    Decoding stops as soon as the recording proves longer than `max_seconds`.

    Raises:
        BadAudio: `not_audio`, `audio_truncated`, `hum_too_short` (under a second) or `hum_too_long`.
    """
    with path.open("rb") as file:
        mono, rate = _read(file, max_seconds)
    if len(mono) < MIN_SECONDS * rate:
        raise BadAudio("the recording is shorter than a second", code="hum_too_short")
    resampled: Mono = np.asarray(soxr.resample(mono, rate, sample_rate), dtype=np.float32)
    return resampled / max(1.0, float(np.max(np.abs(resampled))))


def _read(file: BinaryIO, max_seconds: float) -> tuple[Mono, int]:
    try:
        with av.open(file, mode="r", options={"format_whitelist": FORMATS}) as container:
            if not container.streams.audio:
                raise BadAudio(NOT_AUDIO, code="not_audio")
            return _decode_stream(container, _declared_seconds(container, file), max_seconds)
    except (av.error.FFmpegError, ValueError) as exc:
        truncated = _is_mp4(file)  # a truncated MP4 may lack its index, which often comes last
        raise BadAudio(
            TRUNCATED if truncated else NOT_AUDIO, code="audio_truncated" if truncated else "not_audio"
        ) from exc


def _decode_stream(container: Any, declared: float, max_seconds: float) -> tuple[Mono, int]:
    decoder = _StreamDecoder(container)
    blocks, count = list[Mono](), 0
    for block in decoder.blocks():
        blocks.append(block)
        count += len(block)
        if count > max_seconds * decoder.rate:
            raise BadAudio(f"the recording is longer than {max_seconds:.0f} seconds", code="hum_too_long")
    if not count or decoder.bad_packets > decoder.packets / 2:
        raise BadAudio(NOT_AUDIO, code="not_audio")
    if (
        decoder.truncated
        or decoder.bad_packets > max(2, decoder.packets / 10)
        or count / decoder.rate < 0.9 * declared - 0.3
    ):
        raise BadAudio(TRUNCATED, code="audio_truncated")
    return np.concatenate(blocks), decoder.rate


class _StreamDecoder:
    """Decodes the first audio stream of a container; counts corrupt packets instead of raising."""

    def __init__(self, container: Any) -> None:
        self._container = container
        self._setup: tuple[object, ...] | None = None
        self._converter: Any = None
        self.rate = 0
        self.packets = 0
        self.bad_packets = 0
        self.truncated = False

    def blocks(self) -> Iterator[Mono]:
        """Yield mono blocks at the rate of the first frame."""
        for packet in self._packets():
            self.packets += 1
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.bad_packets += 1
                continue
            for frame in frames:
                yield from self._convert(frame)

    def _packets(self) -> Iterator[Any]:
        try:
            yield from self._container.demux(self._container.streams.audio[0])
        except av.error.FFmpegError:
            self.truncated = True

    def _convert(self, frame: Any) -> Iterator[Mono]:
        if frame.sample_rate not in RATES:
            raise BadAudio(NOT_AUDIO, code="not_audio")
        self.rate = self.rate or frame.sample_rate
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if setup != self._setup:
            self._setup = setup
            self._converter = av.AudioResampler(format="fltp", layout=frame.layout, rate=self.rate)
        for planar in self._converter.resample(frame):
            yield _mono(planar.to_ndarray())


def _mono(channels: npt.NDArray[np.float32]) -> Mono:
    """Return the mean of the channels, or a loud channel where they cancel each other (one with inverted polarity)."""
    clean: Mono = np.clip(np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0), -8.0, 8.0)
    mean: Mono = clean.mean(axis=0, dtype=np.float32)
    power = np.einsum("cn,cn->c", clean, clean)
    first_loud = int(np.argmax(power >= power.max() / 2))  # the same channel in every block
    return clean[first_loud] if float(mean @ mean) < 0.02 * float(power.max()) else mean


def _declared_seconds(container: Any, file: BinaryIO) -> float:
    """Return the duration that the container declares, in seconds, 0 where it declares none."""
    stream = container.streams.audio[0]
    if container.format.name in {"mp3", "aac"} and not _has_length_tag(file):
        return 0.0  # FFmpeg estimates it from the bit rate
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    else:
        seconds = (container.duration or 0) / 1e6
    return seconds * _riff_size_ratio(file)


def _riff_size_ratio(file: BinaryIO) -> float:
    """Return the ratio of a WAV's declared size to its real size, which FFmpeg corrects silently.

    1 for other files, 0 for a placeholder.
    """
    head = _head(file, 12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return 1.0
    declared = int.from_bytes(head[4:8], "little") + 8
    return 0.0 if declared > UNKNOWN_SIZE else declared / os.fstat(file.fileno()).st_size


def _head(file: BinaryIO, size: int) -> bytes:
    at = file.tell()
    file.seek(0)
    head = file.read(size)
    file.seek(at)
    return head


def _has_length_tag(file: BinaryIO) -> bool:
    head = _head(file, 1 << 18)
    return any(tag in head for tag in (b"Xing", b"Info", b"VBRI"))


def _is_mp4(file: BinaryIO) -> bool:
    return not file.closed and _head(file, 12)[4:8] == b"ftyp"

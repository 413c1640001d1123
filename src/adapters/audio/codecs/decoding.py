"""Any recording in, mono floats out. The content decides what a file is, never its name."""

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
"""Demuxers that read nothing but the file itself: playlists could make FFmpeg open other files and hosts."""

FILLER: Final = 0x7FF0_0000
"""Bytes from which a WAV's length is what streaming recorders write (0xFFFFFFFF, 0x7FFFF000 …), not a promise."""

NOT_AUDIO: Final = "the file is not audio that can be read"
TRUNCATED: Final = "the recording breaks off: the file is incomplete"


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
            return _drain(container, _announced(container, file), max_seconds)
    except (av.error.FFmpegError, ValueError) as exc:
        cut = _starts_like_mp4(file)  # its index may come last: without one nothing can be read
        raise BadAudio(TRUNCATED if cut else NOT_AUDIO, code="audio_truncated" if cut else "not_audio") from exc


def _drain(container: Any, announced: float, max_seconds: float) -> tuple[Mono, int]:
    tap = _Tap(container)
    blocks, count = list[Mono](), 0
    for block in tap.blocks():
        blocks.append(block)
        count += len(block)
        if count > max_seconds * tap.rate:
            raise BadAudio(f"the recording is longer than {max_seconds:.0f} seconds", code="hum_too_long")
    if not count or tap.broken > tap.packets / 2:
        raise BadAudio(NOT_AUDIO, code="not_audio")
    if tap.cut or tap.broken > max(2, tap.packets / 10) or count / tap.rate < 0.9 * announced - 0.3:
        raise BadAudio(TRUNCATED, code="audio_truncated")
    return np.concatenate(blocks), tap.rate


class _Tap:
    """Decodes the first audio stream of a container; counts what went wrong instead of raising it."""

    def __init__(self, container: Any) -> None:
        self._container = container
        self._setup: tuple[object, ...] | None = None
        self._converter: Any = None
        self.rate = 0
        self.packets = 0
        self.broken = 0
        self.cut = False

    def blocks(self) -> Iterator[Mono]:
        """Yield mono blocks at the rate of the first frame."""
        for packet in self._packets():
            self.packets += 1
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.broken += 1
                continue
            for frame in frames:
                yield from self._convert(frame)

    def _packets(self) -> Iterator[Any]:
        try:
            yield from self._container.demux(self._container.streams.audio[0])
        except av.error.FFmpegError:
            self.cut = True

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
    """Return the channels' mean, or a loud channel where they cancel each other (a microphone wired backwards)."""
    clean: Mono = np.clip(np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0), -8.0, 8.0)
    mean: Mono = clean.mean(axis=0, dtype=np.float32)
    power = np.einsum("cn,cn->c", clean, clean)
    first_loud = int(np.argmax(power >= power.max() / 2))  # the same one from block to block
    return clean[first_loud] if float(mean @ mean) < 0.02 * float(power.max()) else mean


def _announced(container: Any, file: BinaryIO) -> float:
    """Return the seconds that the container promises, 0 where it makes no promise."""
    stream = container.streams.audio[0]
    if container.format.name in {"mp3", "aac"} and not _has_length_tag(file):
        return 0.0  # FFmpeg only guesses from the bit rate
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    else:
        seconds = (container.duration or 0) / 1e6
    return seconds * _riff_promise(file)


def _riff_promise(file: BinaryIO) -> float:
    """Return how many times its real size a WAV claims to have, which FFmpeg corrects silently.

    1 for other files, 0 for a length that is none.
    """
    head = _head(file, 12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return 1.0
    claimed = int.from_bytes(head[4:8], "little") + 8
    return 0.0 if claimed > FILLER else claimed / os.fstat(file.fileno()).st_size


def _head(file: BinaryIO, size: int) -> bytes:
    at = file.tell()
    file.seek(0)
    head = file.read(size)
    file.seek(at)
    return head


def _has_length_tag(file: BinaryIO) -> bool:
    head = _head(file, 1 << 18)
    return any(tag in head for tag in (b"Xing", b"Info", b"VBRI"))


def _starts_like_mp4(file: BinaryIO) -> bool:
    return not file.closed and _head(file, 12)[4:8] == b"ftyp"

"""Decodes recordings of any format to mono samples. The content decides what a file is, never its name."""

from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import av
import av.error
import numpy as np
import soxr

from adapters.audio.arrays import SAMPLE_RATE, Mono
from adapters.audio.codecs import damage
from adapters.audio.codecs.iff_header import IffHeader, read_header
from adapters.audio.codecs.limits import CpuBudget, bounded
from adapters.audio.codecs.promised_length import head_of, promised_seconds
from adapters.audio.codecs.recording_file import RecordingFile
from adapters.audio.codecs.stream_decoder import NOT_AUDIO, StreamDecoder
from domain.errors import BadAudio
from domain.recordings.length import LONGEST_SECONDS, SHORTEST_SECONDS

FORMATS: Final = "wav,w64,mp3,aac,mov,ogg,flac,matroska,aiff,caf,au,amr,avi,mpegts,asf,wv"
"""Demuxers that read only the file itself: playlists could make FFmpeg open other files and hosts."""

TRUNCATED: Final = "the audio file is truncated"


class Recording(NamedTuple):
    """What was heard of a file.

    Attributes:
        samples: Finite mono samples, shape (n,).
        damage: What is missing of it, in one sentence; empty if nothing is.
        rate: Samples per second.
    """

    samples: Mono
    damage: str
    rate: int


def decode(path: Path, sample_rate: int = SAMPLE_RATE, max_seconds: float = LONGEST_SECONDS) -> Mono:
    """Return the samples of a recording; see `decode_recording`."""
    return decode_recording(path, sample_rate, max_seconds).samples


def decode_recording(path: Path, sample_rate: int = SAMPLE_RATE, max_seconds: float = LONGEST_SECONDS) -> Recording:
    """Return a recording at a sample rate, its peak at most 1. Raises what `read_recording` raises."""
    recording = read_recording(path, max_seconds)
    return Recording(at_rate(recording, sample_rate), recording.damage, sample_rate)


def read_recording(path: Path, max_seconds: float = LONGEST_SECONDS) -> Recording:
    """Return a recording at its own sample rate.

    Decoding stops as soon as the recording proves longer than `max_seconds`, or takes more than `limits` allow.

    Raises:
        BadAudio: `not_audio`, `audio_truncated`, `audio_damaged`, `audio_unsupported`, `decoding_limit`,
            `hum_too_short` (under a second) or `hum_too_long`.
    """
    with bounded() as budget, path.open("rb") as file:
        mono, rate, loss = _read(file, budget, max_seconds)
        if len(mono) < SHORTEST_SECONDS * rate:
            raise BadAudio("the recording is shorter than a second", code="hum_too_short")
        return Recording(mono, loss, rate)


def at_rate(recording: Recording, sample_rate: int) -> Mono:
    """Return the samples of a recording at a sample rate, their peak at most 1."""
    resampled: Mono = np.asarray(soxr.resample(recording.samples, recording.rate, sample_rate), dtype=np.float32)
    return resampled / max(1.0, float(np.max(np.abs(resampled))))


def _read(file: BinaryIO, budget: CpuBudget, max_seconds: float) -> tuple[Mono, int, str]:
    header = read_header(file)
    file.seek(0)
    source = RecordingFile(file, budget, header.patch if header else (0, b""))
    try:
        with av.open(source, mode="r", options=_options(header), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise BadAudio(NOT_AUDIO, code="not_audio")
            decoder = StreamDecoder(container, budget, max_seconds)
            blocks = list(decoder.blocks())
            _require_sound(decoder, promised_seconds(container, file, header, broke_off=decoder.broke_off))
    except MemoryError:
        raise
    except (av.error.FFmpegError, ValueError) as exc:
        raise _unreadable(head_of(file, 12)) from exc
    mono, pauses = np.concatenate(blocks), 0 if decoder.bad_packets else decoder.filled
    broke_off = header.missing > 1.0 if header else decoder.broke_off  # FFmpeg judges by sizes that may be wrong
    loss = damage.describe(file, mono, pauses=pauses, rate=decoder.rate, broke_off=broke_off)
    return mono, decoder.rate, loss


def _unreadable(head: bytes) -> BadAudio:
    """Return the refusal of a file that does not open: of some formats a cut one lacks its index, which comes last."""
    if head[4:8] == b"ftyp" or head.startswith(b"caff"):
        return BadAudio(TRUNCATED, code="audio_truncated")
    return BadAudio(NOT_AUDIO, code="not_audio")


def _options(header: IffHeader | None) -> dict[str, str]:
    """Return FFmpeg's options: nothing but the file itself is opened, and sizes that are too small are ignored."""
    reads_on = {"ignore_length": "1"} if header and header.has_more else {}
    return {"format_whitelist": FORMATS, "protocol_whitelist": "none", **reads_on}


def _require_sound(decoder: StreamDecoder, promised: float) -> None:
    """Refuse what holds no sound, and sound that breaks off or is broken in many places."""
    heard = (decoder.count - decoder.filled) / max(decoder.rate, 1)
    if not heard or (decoder.bad_packets > decoder.packets / 2 and heard < SHORTEST_SECONDS):
        raise BadAudio(NOT_AUDIO, code="not_audio")
    reached = decoder.first_stamp + decoder.count / decoder.rate >= 0.9 * promised - 0.3
    if decoder.bad_packets > max(2, decoder.packets / 10) or not reached or (decoder.failed and not promised):
        raise BadAudio(TRUNCATED, code="audio_truncated")

"""Files of stems: read for a mix, or written in another format with the same samples."""

from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from adapters.audio.arrays import SAMPLE_RATE, Stereo, resample
from adapters.audio.codecs import encoding
from adapters.audio.codecs.lossless import write_lossless
from application.ports.mastering import EncodingFailed, StemUnreadable
from domain.jobs.output_formats import OutputFormat

LONGEST_SECONDS: Final = 900
MOST_SAMPLES: Final = 2 * 48_000 * LONGEST_SECONDS
"""Of all channels. A megabyte of FLAC can hold hours of silence, which would take all memory."""

_COMPRESSION: Final = 0.2
"""What the next stage reads once need not be small."""

_FRAMES: Final = 1 << 16


def read_stem(path: Path) -> Stereo:
    """Return a stem at 44.1 kHz; what is no number is silence. Raises `StemUnreadable`."""
    try:
        with soundfile.SoundFile(path) as file:
            _require_length(file)
            stereo, rate = _read(file), file.samplerate
    except (soundfile.SoundFileError, OSError) as exc:
        raise StemUnreadable(f"a stem could not be read: {exc}") from exc
    if not np.isfinite(stereo.sum()):
        stereo = np.nan_to_num(stereo, posinf=0.0, neginf=0.0)
    return stereo if rate == SAMPLE_RATE else resample(stereo, rate, SAMPLE_RATE)


def _read(file: soundfile.SoundFile) -> Stereo:
    """Return the first two channels, or the only one twice; a block at a time, because a file has frames first."""
    sides, count = [0, min(1, file.channels - 1)], 0
    stereo = np.empty((2, file.frames), np.float32)
    for block in file.blocks(_FRAMES, dtype="float32", always_2d=True):
        stereo[:, count : count + len(block)] = block.T[sides]
        count += len(block)
    return stereo[:, :count]


def write_stem(sound: Stereo, out: Path) -> None:
    """Write a stem as FLAC of 24 bits. Raises `EncodingFailed`."""
    try:
        write_lossless(sound, out, "FLAC", _COMPRESSION)
    except (soundfile.SoundFileError, OSError) as exc:
        raise EncodingFailed(f"the stem could not be written: {exc}") from exc


def encode_stem(path: Path, out: Path, output_format: OutputFormat) -> float:
    """Write a stem in a format; return its seconds. Raises `UnknownOutputFormat`, `StemUnreadable`, `EncodingFailed`.

    Nothing is filtered or limited: with the other stems it must add up to what they add up to.
    """
    encoding.mime_type(output_format)  # a wrong one is refused before any work
    sound = read_stem(path)
    if not sound.size:  # encoders write nothing, or a file that nobody can decode
        raise StemUnreadable("the stem has no samples")
    encoding.encode(sound, out, output_format)
    return float(sound.shape[1] / SAMPLE_RATE)


def _require_length(file: soundfile.SoundFile) -> None:
    if file.frames > LONGEST_SECONDS * file.samplerate or file.frames * file.channels > MOST_SAMPLES:
        raise StemUnreadable(f"a stem has more than {LONGEST_SECONDS} s, or more samples than that in stereo at 48 kHz")

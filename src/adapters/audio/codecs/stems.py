"""Files of stems: read for a mix, or written in another format with the same samples."""

from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from adapters.audio.arrays import SAMPLE_RATE, Stereo, resample
from adapters.audio.codecs import encoding
from application.ports.mastering import StemUnreadable
from domain.jobs.output_formats import OutputFormat

LONGEST_SECONDS: Final = 900
MOST_SAMPLES: Final = 2 * 48_000 * LONGEST_SECONDS
"""Of all channels. A megabyte of FLAC can hold hours of silence, which would take all memory."""


def read_stem(path: Path) -> Stereo:
    """Return a stem at 44.1 kHz; what is no number is silence. Raises `StemUnreadable`."""
    try:
        with soundfile.SoundFile(path) as file:
            _require_length(file)
            samples, rate = file.read(dtype="float32", always_2d=True), file.samplerate
    except (soundfile.SoundFileError, OSError) as exc:
        raise StemUnreadable(f"a stem could not be read: {exc}") from exc
    stereo = np.ascontiguousarray(samples.T[[0, min(1, samples.shape[1] - 1)]])
    if not np.isfinite(stereo.sum()):
        stereo = np.nan_to_num(stereo, posinf=0.0, neginf=0.0)
    return stereo if rate == SAMPLE_RATE else resample(stereo, rate, SAMPLE_RATE)


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

"""Files of stems: read for a mix, or written in another format with the same samples."""

from pathlib import Path

import numpy as np
import soundfile

from adapters.audio.arrays import SAMPLE_RATE, Stereo, resample
from adapters.audio.codecs import encoding
from application.ports.mastering import StemUnreadable
from domain.jobs.output_formats import OutputFormat


def read_stem(path: Path) -> Stereo:
    """Return a stem at 44.1 kHz; what is no number is silence. Raises `StemUnreadable`."""
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
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
    encoding.encode(sound, out, output_format)
    return float(sound.shape[1] / SAMPLE_RATE)

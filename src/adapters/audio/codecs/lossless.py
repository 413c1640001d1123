"""Writes lossless files of 24 bits, a block at a time: a copy of a whole song in the file's order takes 64 MB."""

from pathlib import Path
from typing import Final

import soundfile

from adapters.audio.arrays import SAMPLE_RATE, Stereo

_FRAMES: Final = 1 << 16


def write_lossless(sound: Stereo, out: Path, container: str, compression: float | None = None) -> None:
    """Write sound at 44.1 kHz.

    Args:
        sound: Samples.
        out: The file.
        container: `FLAC` or `WAV`.
        compression: Of FLAC, from 0, the fastest, to 1; by default libsndfile's own.

    Raises:
        soundfile.SoundFileError, OSError: The file cannot be written.
    """
    with soundfile.SoundFile(
        out, "w", SAMPLE_RATE, 2, "PCM_24", format=container, compression_level=compression
    ) as file:
        for first in range(0, sound.shape[1], _FRAMES):
            file.write(sound[:, first : first + _FRAMES].T)

"""The example hum as Chromium's fake microphone takes it."""

from pathlib import Path
from typing import Final

import soundfile
import soxr

from tests.support.up import HUM

RATE: Final = 48_000


def hummed_wav(folder: Path) -> Path:
    """Write the example hum as 16-bit WAV at 48 kHz into a folder; return the file.

    What a page records correlates with it by 0.9999, from within some 10 ms of its beginning. 44.1 kHz works as well.
    """
    samples, rate = soundfile.read(HUM, dtype="float32")
    soundfile.write(folder / "hum.wav", soxr.resample(samples, rate, RATE), RATE, subtype="PCM_16")
    return folder / "hum.wav"

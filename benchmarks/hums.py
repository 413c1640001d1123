"""Hums of other singers, so to speak: the example's, transposed, so that no note is known from another moment."""

from io import BytesIO
from pathlib import Path
from typing import Final

import soundfile
import soxr

HUM: Final = Path(__file__).parents[1] / "examples" / "hum.wav"


def hum(semitones: float = 0.0) -> bytes:
    """Return the example's hum as a WAV file, transposed as a tape is that runs at another speed."""
    samples, rate = soundfile.read(HUM, dtype="float32")
    file = BytesIO()
    soundfile.write(file, soxr.resample(samples, 2 ** (semitones / 12) * rate, rate), rate, format="WAV")
    return file.getvalue()

"""Silence, which is no hum: a moment of it fails."""

import io
import wave
from typing import Final

RATE: Final = 16_000


def silence(seconds: int) -> bytes:
    """Return silence as a WAV file of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(RATE)
        recording.writeframes(bytes(2 * seconds * RATE))
    return file.getvalue()

"""Transcription of recordings."""

from pathlib import Path
from typing import Protocol

import msgspec

from domain.music.model import HummedNote


class Transcription(msgspec.Struct, frozen=True):
    """The notes of a recording, before any music theory.

    Attributes:
        duration: Seconds of the recording.
        notes: In order of onset, not overlapping; pitches as hummed.
    """

    duration: float
    notes: tuple[HummedNote, ...]


class Transcriber(Protocol):
    """Transcribes recordings to notes."""

    async def transcribe(self, recording: Path) -> Transcription:
        """Return the notes of a recording in any format.

        Raises:
            BadAudio: `not_audio`, `audio_truncated`, `hum_too_short`, `hum_too_long`, `hum_silent` or
                `hum_without_pitch`.
        """

"""Transcription of recordings."""

from pathlib import Path
from typing import Protocol

import msgspec

from domain.music.hum import HummedNote


class Transcription(msgspec.Struct, frozen=True):
    """The notes of a recording, before any music theory.

    Attributes:
        duration: Seconds of the recording.
        notes: In order of onset, not overlapping; pitches as hummed.
        damage: What is missing of the recording, in one sentence; empty if nothing is.
    """

    duration: float
    notes: tuple[HummedNote, ...]
    damage: str = ""


class Transcriber(Protocol):
    """Transcribes recordings to notes."""

    async def transcribe(self, recording: Path) -> Transcription:
        """Return the notes of a recording in any format.

        Raises:
            BadAudio: `not_audio`, `audio_truncated`, `audio_damaged`, `audio_unsupported`, `decoding_limit`,
                `decoding_crashed`, `hum_too_short`, `hum_too_long`, `hum_silent` or `hum_without_pitch`.
        """

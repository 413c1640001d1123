"""Rendering of scores to stems: the voice and the band."""

from pathlib import Path
from typing import Protocol

import msgspec

from domain.music.model import Score


class StemReport(msgspec.Struct, frozen=True):
    """Describes a stem that was written.

    Attributes:
        duration: Seconds.
        peak_dbfs: Sample peak.
        rendered_notes: Number of notes played or sung.
    """

    duration: float
    peak_dbfs: float
    rendered_notes: int


class Singer(Protocol):
    """Renders the vocals with the hummer's own voice."""

    async def sing(self, recording: Path, score: Score, out: Path) -> StemReport:
        """Write the vocals stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long.

        Raises:
            BadAudio: When the recording cannot be decoded.
        """


class Band(Protocol):
    """Renders the instruments."""

    async def play(self, score: Score, out: Path) -> StemReport:
        """Write the instrumental stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long."""

    async def notate(self, score: Score, midi: Path, lead_sheet: Path) -> None:
        """Write the score as a Standard MIDI File, format 1, and its lead sheet as MusicXML.

        The MIDI file has a conductor track, the lead, then the other parts.
        """

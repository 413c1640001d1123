"""The voice and the band: from a score to a stem."""

from pathlib import Path
from typing import Protocol

import msgspec

from domain.music.model import Score


class StemReport(msgspec.Struct, frozen=True):
    """A stem that was written.

    Attributes:
        duration: Seconds.
        peak_dbfs: Sample peak.
        rendered_notes: How many notes were played or sung.
    """

    duration: float
    peak_dbfs: float
    rendered_notes: int


class Singer(Protocol):
    """The hummer's own voice, in tune and in time."""

    async def sing(self, recording: Path, score: Score, out: Path) -> StemReport:
        """Write the vocals stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long."""


class Band(Protocol):
    """The instruments."""

    async def play(self, score: Score, out: Path) -> StemReport:
        """Write the instrumental stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long."""

    async def notate(self, score: Score, out: Path) -> None:
        """Write the score as a Standard MIDI File, format 1: conductor track, lead first, then the other parts."""

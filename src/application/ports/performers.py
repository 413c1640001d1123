"""Rendering of scores to stems: the voice and the band."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import msgspec

from domain.music.model import Analysis, PartGroup, Score

NO_PARTS: Final[Mapping[PartGroup, Path]] = MappingProxyType({})


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


class MelodyPicture(msgspec.Struct, frozen=True):
    """A picture that is wanted of the recording: what was heard, over its pitch; an SVG, written to `out`."""

    analysis: Analysis
    out: Path


class Singer(Protocol):
    """Renders the vocals with the hummer's own voice."""

    async def sing(self, recording: Path, score: Score, out: Path, picture: MelodyPicture | None = None) -> StemReport:
        """Write the vocals stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long; draw the picture.

        Raises:
            BadAudio: When the recording cannot be decoded.
        """


class Band(Protocol):
    """Renders the instruments."""

    async def play(self, score: Score, out: Path, parts: Mapping[PartGroup, Path] = NO_PARTS) -> StemReport:
        """Write the instrumental stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long.

        Write the groups of `parts` that have notes to files of the same length: Opus if the name ends with `.opus`,
        else FLAC. Together they are the stem before its saturation.

        Raises:
            EncodingFailed: A part could not be encoded.
        """

    async def notate(self, score: Score, midi: Path, lead_sheet: Path) -> None:
        """Write the score as a Standard MIDI File, format 1, and its lead sheet as MusicXML.

        The MIDI file has a conductor track, the lead, then the other parts.
        """

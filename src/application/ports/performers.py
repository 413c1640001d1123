"""Rendering of scores to stems: the voice and the band."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import msgspec

from application.ports.speech import Speech
from application.ports.tools import ToolsBusy
from domain.music.hum import Analysis
from domain.music.score import PartGroup, Score

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


RETRY_SECONDS: Final = 5.0
"""After so long another tool server, or this one with a new setting, may take the call."""


class SoundFontMissing(ToolsBusy):
    """The band has not the SoundFont with which the piece is to be played: it must not sound otherwise."""

    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"this tool server plays without the SoundFont {sha256[:12]}… that the blueprint names: "
            "give it the file (MOMENT_SOUNDFONT), or call one that has it",
            retry_after=RETRY_SECONDS,
        )


class Singer(Protocol):
    """Renders the vocals with the hummer's own voice, and words with an engine's."""

    async def sing(
        self,
        recording: Path,
        score: Score,
        out: Path,
        *,
        speech: Speech | None = None,
        picture: MelodyPicture | None = None,
    ) -> StemReport:
        """Write the vocals stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long; draw the picture.

        With `speech`, whose lines are those of `score.words`, words are sung as `score.vocal_mode` says; without, the
        hum is.

        Raises:
            BadAudio: When the recording cannot be decoded.
        """


class Band(Protocol):
    """Renders the instruments."""

    def require(self, soundfont: str) -> None:
        """Return if the band has a SoundFont, by its SHA-256; empty is none, which every band has.

        Raises:
            SoundFontMissing: It has not.
        """

    async def play(
        self, score: Score, out: Path, parts: Mapping[PartGroup, Path] = NO_PARTS, *, soundfont: str = ""
    ) -> StemReport:
        """Write the instrumental stem: stereo FLAC, 44.1 kHz, `score.duration + score.tail` seconds long.

        Write the groups of `parts` that have notes to files of the same length: Opus if the name ends with `.opus`,
        else FLAC. Together they are the stem before its saturation. The instruments that a SoundFont plays better are
        read from the one that is named.

        Raises:
            EncodingFailed: A part could not be encoded.
            SoundFontMissing: The band has not that SoundFont.
        """

    async def notate(self, score: Score, midi: Path, lead_sheet: Path) -> None:
        """Write the score as a Standard MIDI File, format 1, and its lead sheet as MusicXML.

        The MIDI file has a conductor track, the lead, then the other parts.
        """

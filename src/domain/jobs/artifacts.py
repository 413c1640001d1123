"""What a job has produced so far, and where it is stored."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from domain.music.score import FormSection, PartGroup, PlayedChord
from domain.warnings import RequestWarning

FINAL: Final = "final"
"""The name of the finished music among the files of a moment."""


class Stem(StrEnum):
    """The two renders that run side by side."""

    VOCALS = "vocals"
    INSTRUMENTAL = "instrumental"


class MediaType(StrEnum):
    """The media types of a job's results (IANA)."""

    FLAC = "audio/flac"
    MP3 = "audio/mpeg"
    M4A = "audio/mp4"
    OPUS = "audio/ogg"
    WAV = "audio/wav"
    MIDI = "audio/midi"
    MUSICXML = "application/vnd.recordare.musicxml+xml"
    SVG = "image/svg+xml"

    @property
    def suffix(self) -> str:
        """What the keys of such files end with, without the dot."""
        return _SUFFIXES[self]


_SUFFIXES: Final = {
    MediaType.FLAC: "flac",
    MediaType.MP3: "mp3",
    MediaType.M4A: "m4a",
    MediaType.OPUS: "opus",
    MediaType.WAV: "wav",
    MediaType.MIDI: "mid",
    MediaType.MUSICXML: "musicxml",
    MediaType.SVG: "svg",
}


class OptionalArtifact(StrEnum):
    """What is made of a moment on request only: the names of the form field `artifacts`."""

    PARTS = "parts"
    PARTS_OPUS = "parts_opus"
    PICTURES = "pictures"


PART_TYPES: Final = {OptionalArtifact.PARTS: MediaType.FLAC, OptionalArtifact.PARTS_OPUS: MediaType.OPUS}
"""The media types of the parts' stems; where both are requested, the first counts."""

PART_NAMES: Final = {group: f"part_{group}" for group in PartGroup}
"""The names of the parts' stems among the by-products of the instrumental."""


class Picture(StrEnum):
    """The pictures of a moment, by their names among the by-products: the voice's tool draws one, the mix's the other.

    Attributes:
        MELODY: The notes that were heard, over the pitch of the hum.
        WAVEFORM: The finished music with its sections and chords.
    """

    MELODY = "picture_melody"
    WAVEFORM = "picture_waveform"


ON_REQUEST: Final = frozenset({*PART_NAMES.values(), *Picture})
"""The names of the by-products that only `OptionalArtifact` asks for."""


class Artifact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pointer to a stored object. What the job's row points to counts; an object without a pointer is an orphan.

    Attributes:
        key: Object key; never contains text from a user.
        size: Bytes.
        mime_type: IANA media type.
        sha256: Hexadecimal digest; empty if unknown.
    """

    key: str
    size: int
    mime_type: str
    sha256: str = ""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finished stem, which is never rendered again.

    Attributes:
        artifact: The stem; absent if the tool server has no tool for it.
        extras: By-products by name (`melody` is the MIDI file, `lead_sheet` the MusicXML file, those of
            `PART_NAMES` are stems of parts, those of `Picture` are SVGs). The instrumental's include the mix's.
        started_at: When the call began, by the worker's clock.
        finished_at: When its result was stored.
        detail: What the tool measured (notes sung, cents off, loudness …).
        chords: Symbols of the chords that were played, in order; empty where the tool does not return them.
        form: The sections that were played, in order; empty likewise.
        harmony: The same chords with their times; empty likewise, and of checkpoints of older workers.
        warnings: What the tool did not do as the blueprint asked.
    """

    artifact: Artifact | None = None
    extras: dict[str, Artifact] = {}
    started_at: datetime
    finished_at: datetime
    detail: dict[str, float] = {}
    chords: tuple[str, ...] = ()
    form: tuple[FormSection, ...] = ()
    harmony: tuple[PlayedChord, ...] = ()
    warnings: tuple[RequestWarning, ...] = ()

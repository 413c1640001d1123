"""What a job has made so far, and where it lies."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Stem(StrEnum):
    """The two renders that run side by side."""

    VOCALS = "vocals"
    INSTRUMENTAL = "instrumental"


class Artifact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stored object: the committed pointer to it is the truth, the object alone is not.

    Attributes:
        key: Object key; never contains text from a user.
        size: Bytes.
        mime_type: IANA media type.
        sha256: Hexadecimal digest, empty where the maker did not say.
    """

    key: str
    size: int
    mime_type: str
    sha256: str = ""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finished step that is never run twice.

    Attributes:
        artifact: What the step made; absent where the tools do not offer the step.
        extras: By-products by name (`melody` is the MIDI file).
        started_at: When the call began, by the worker's clock.
        finished_at: When its result was in.
        detail: What the tool measured (notes sung, cents off, loudness …).
        chords: Symbols of the chords that were played, in order; empty where the tool does not return them.
    """

    artifact: Artifact | None = None
    extras: dict[str, Artifact] = {}
    started_at: datetime
    finished_at: datetime
    detail: dict[str, float] = {}
    chords: tuple[str, ...] = ()

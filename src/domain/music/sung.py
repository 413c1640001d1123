"""What the voice sings: stretches of the hum and syllables of lyrics, moved to times and pitches of the score.

*Score time* is seconds into the piece, *recording time* seconds into the recording; pitches are MIDI numbers.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from domain.music.lyrics.text import Line


class SungNote(msgspec.Struct, frozen=True):
    """A note for the singer: a stretch of the recording, moved to a time and a pitch of the score.

    Attributes:
        start: Score time.
        duration: Seconds.
        pitch: Target MIDI number; the fraction detunes (doubles).
        source_onset: Recording time at which the stretch starts.
        source_duration: Seconds of the stretch.
        velocity: 0..1.
    """

    start: float
    duration: float
    pitch: float
    source_onset: float
    source_duration: float
    velocity: float


VocalRole = Literal["lead", "double", "harmony"]


class VocalLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of the voices that the hummer sings.

    Attributes:
        role: What it adds to the lead.
        gain_db: Level below the lead.
        pan: −1 left .. 1 right.
        notes: In order of start, not overlapping.
    """

    role: VocalRole
    gain_db: float = 0.0
    pan: float = 0.0
    notes: tuple[SungNote, ...] = ()


class VocalMode(StrEnum):
    """What the voice sings.

    Attributes:
        HUM: The tune as it was hummed.
        LYRICS: The lyrics, over hummed harmonies.
        BOTH: The lyrics, and the hum with them.
    """

    HUM = "hum"
    LYRICS = "lyrics"
    BOTH = "both"


class WordNote(msgspec.Struct, frozen=True):
    """A note that carries words, in score time.

    Attributes:
        start: Seconds.
        duration: Seconds.
        pitch: MIDI number.
        velocity: 0..1.
        syllables: How many of its line's next syllables are sung on it; 0 goes on with the one before.
    """

    start: float
    duration: float
    pitch: int
    velocity: float
    syllables: int


class WordLine(msgspec.Struct, frozen=True):
    """Words that are sung in one breath: their syllables are those of the notes together."""

    words: Line
    notes: tuple[WordNote, ...]

    @property
    def text(self) -> str:
        """The words as a speech engine must get them, with a space between them."""
        return " ".join(word.spoken for word in self.words)


class Lyric(msgspec.Struct, frozen=True):
    """What is written under a note: one syllable, or all that are sung on it.

    Attributes:
        text: Without hyphens.
        begins: Whether a word begins with it.
        ends: Whether a word ends with it.
        extends: Whether notes without a syllable of their own follow.
    """

    text: str
    begins: bool
    ends: bool
    extends: bool

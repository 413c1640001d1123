"""Speech: lyrics said by an engine of another process, with the times of their sounds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from domain.music.lyrics.alignment import SpokenLine


class SpeechUnavailable(Exception):
    """No engine is configured, or it did not say the lines; the message is one sentence for people."""


class Wording(msgspec.Struct, frozen=True):
    """A line to be said.

    Attributes:
        words: In order; letters, digits and apostrophes.
        pitch: MIDI number that it is sung around: the engine speaks near it.
    """

    words: tuple[str, ...]
    pitch: float


class Speech(msgspec.Struct, frozen=True):
    """What an engine said.

    Attributes:
        file: Mono samples of 16 bits, without a header, in the byte order of this machine.
        rate: Samples per second.
        lines: One for each wording, in order; phones know their words by index.
    """

    file: Path
    rate: int
    lines: tuple[SpokenLine, ...]


class Speaker(Protocol):
    """Says lines."""

    async def speak(self, wordings: Sequence[Wording], out: Path) -> Speech:
        """Say all lines one after the other into a file.

        Raises:
            SpeechUnavailable: There is no engine, or it failed, crashed or took too long.
        """

"""What the composer is asked for: the brief, which is all that composing knows of the world outside music."""

from typing import Final

import msgspec

from domain.music.hum import Analysis
from domain.music.lyrics.text import Stanza
from domain.music.styles.style import Style
from domain.music.sung import VocalMode
from domain.music.theory.chords import Harmony
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale


class LengthBounds(msgspec.Struct, frozen=True):
    """The shortest and the longest a piece may last: seconds, tail included."""

    shortest: float
    longest: float


PREVIEW_LENGTH: Final = LengthBounds(15.3, 29.6)
"""For 15–30 s in the finished file: encoders add a little."""

SONG_LENGTH: Final = LengthBounds(0.0, 179.5)
"""For at most three minutes in the finished file."""


class SectionPlan(msgspec.Struct, frozen=True):
    """A section as it is planned.

    Attributes:
        name: `verse`, `chorus` …; the name decides the section's role.
        bars: Written bars.
        energy: 0..1.
        prompt: What else is wanted of it, in free words.
    """

    name: str
    bars: int
    energy: float
    prompt: str = ""


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a piece depends on: equal briefs make equal scores.

    Attributes:
        key: `C`, `F#m`, `Bb`; spelled as it shall appear in the score.
        tempo_bpm: Beats of the meter per minute.
        time_signature: `4/4`, `6/8` …
        sections: In order.
        length: What the sections are trimmed or extended to.
        seed: Every random choice derives from it.
        chords: What the musician wrote, a bar each and over again in every section; none leaves them to the composer.
        vocal_mode: What the voice sings.
        lyrics: What there is to sing where it sings words.
        analysis: The hum; without one the composer invents a theme and there are no vocals.
    """

    style: Style
    key: str
    tempo_bpm: int
    time_signature: str
    sections: tuple[SectionPlan, ...]
    length: LengthBounds
    seed: int
    chords: tuple[Harmony, ...] = ()
    vocal_mode: VocalMode = VocalMode.HUM
    lyrics: tuple[Stanza, ...] = ()
    analysis: Analysis | None = None

    @property
    def scale(self) -> Scale:
        """The key as a scale."""
        return Scale.of(self.key)

    @property
    def meter(self) -> Meter:
        """The time signature as a meter."""
        return Meter.of(self.time_signature)

    @property
    def beat_seconds(self) -> float:
        """Seconds of a beat."""
        return 60 / self.tempo_bpm

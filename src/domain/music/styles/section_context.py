"""A section as its players see it, and the notes that they write for it; all in beats from the start of the piece."""

from functools import cached_property
from random import Random
from typing import ClassVar, Final, NamedTuple, Protocol, Self

import msgspec

from domain.music.score import MelodyNote, PartGroup, SectionRole
from domain.music.theory.chords import Harmony, TimedChord, harmony_at
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

ALWAYS: Final = 0.0
"""The energy that every section has."""

NEVER: Final = 2.0
"""More energy than any section has."""

_BUILD_RISE: Final = 0.1
"""How much more energy the next section must have for the music to build towards it."""

_DYNAMICS: Final = (0.55, 0.45)
"""Velocity at no energy, as a share of the written one, and what full energy adds."""


class NoteEvent(NamedTuple):
    """A written note: start and length in beats, MIDI number, velocity 0..1."""

    start: float
    beats: float
    pitch: int
    velocity: float


PartNotes = dict[str, list[NoteEvent]]
"""What each part, by its name, plays in a section."""


class SectionContext(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything that a player needs to know about a section.

    Attributes:
        role: What it does for the theme.
        energy: 0..1.
        start: Beats.
        bars: Played bars.
        meter: Its meter.
        key: Its key; a last chorus may be lifted out of that of the piece.
        chords: In order; they fill the section.
        melody: What is sung; a pick-up may begin before the section.
        lead: What the lead plays: the melody, answers to it, or a solo.
        quote: The beginning of the theme, in sections that do not state it.
        ceiling: The highest pitch that leaves the melody its own register.
        closing: The piece ends with this section: its last bar only holds the last chord.
        rise: How much more energy the next section has.
        arrival: How much more energy this section has than the one before.
        beat_seconds: Seconds of a beat.
        statement: How many sections of the same role came before.
        half_time: Whether the drums play at half their speed.
    """

    role: SectionRole
    energy: float
    start: float
    bars: int
    meter: Meter
    key: Scale
    chords: tuple[TimedChord, ...]
    melody: tuple[MelodyNote, ...]
    lead: tuple[MelodyNote, ...]
    quote: tuple[MelodyNote, ...]
    ceiling: int
    closing: bool
    rise: float
    arrival: float
    beat_seconds: float
    statement: int = 0
    half_time: bool = False

    @property
    def end(self) -> float:
        """Beats."""
        return self.start + self.bars * self.meter.bar

    @cached_property
    def groove_bars(self) -> tuple[float, ...]:
        """The bar lines of the bars with a beat: all of them except the piece's last bar."""
        count = self.bars - self.closing
        return tuple(self.start + bar * self.meter.bar for bar in range(count))

    @property
    def final_bar(self) -> float | None:
        """The bar line of the piece's last bar, if it is in this section."""
        return self.end - self.meter.bar if self.closing else None

    @property
    def last_chord(self) -> Harmony:
        """The chord that the section ends with."""
        return self.chords[-1].harmony

    @property
    def harmonies(self) -> list[Harmony]:
        """The chords without their times."""
        return [chord.harmony for chord in self.chords]

    @property
    def step_seconds(self) -> float:
        """Seconds of an eighth."""
        return self.meter.step * self.beat_seconds

    @property
    def build_beats(self) -> tuple[float, ...]:
        """The beats of the last bar with a beat where the music builds towards the next section, else nothing."""
        builds = self.rise > _BUILD_RISE and self.groove_bars
        return tuple(self.groove_bars[-1] + accent for accent in self.meter.accents) if builds else ()

    def chord_at(self, beat: float) -> Harmony:
        """Return the chord that sounds at a beat."""
        return harmony_at(self.chords, beat)

    def bar_of(self, beat: float) -> int:
        """Return the index of the section's bar in which a beat lies."""
        return int((beat - self.start) / self.meter.bar + 1e-6)

    def dynamic(self, velocity: float) -> float:
        """Return a written velocity scaled by the section's energy."""
        softest, range_ = _DYNAMICS
        return velocity * (softest + range_ * self.energy)

    def transposed(self, semitones: int) -> Self:
        """Return the section with its melody, lead and quote so many semitones away; chords and key stay."""
        return msgspec.structs.replace(
            self,
            melody=_transposed(self.melody, semitones),
            lead=_transposed(self.lead, semitones),
            quote=_transposed(self.quote, semitones),
        )

    def grid(self, per_step: int = 1) -> list[tuple[float, int]]:
        """Return every eighth (or part of one) of the groove with its index in the bar."""
        length = self.meter.step / per_step
        count = round(self.meter.bar / length)
        return [(bar + index * length, index) for bar in self.groove_bars for index in range(count)]


def rotated(index: int, options: int) -> int:
    """Return which of some options a bar takes: one for three bars, another for the fourth, others in the next four.

    Args:
        index: Of the bar in its section.
        options: How many there are.
    """
    return (index // 4 + (index % 4 == 3)) % options


class Player(Protocol):
    """Writes a part of a section. The random choices are the section's own.

    A player takes its choices first, whether it plays or not: those of the players after it depend on how many it took.

    Attributes:
        group: What the part is to the mix. Each kind of player declares it, so that no style need.
    """

    group: ClassVar[PartGroup]

    def __call__(self, context: SectionContext, choices: Random, /) -> list[NoteEvent]:
        """Return the notes of a section."""


def _transposed(notes: tuple[MelodyNote, ...], semitones: int) -> tuple[MelodyNote, ...]:
    return tuple(msgspec.structs.replace(note, pitch=note.pitch + semitones) for note in notes)


def melody_events(notes: tuple[MelodyNote, ...], shift: int, scale: float = 1.0) -> list[NoteEvent]:
    """Return a melody as events, some semitones away and softer or louder."""
    return [NoteEvent(note.start, note.beats, note.pitch + shift, note.velocity * scale) for note in notes]

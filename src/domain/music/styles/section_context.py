"""A section as arrangers see it, and the strokes they write for it; all in beats from the start of the piece."""

from collections.abc import Callable
from functools import cached_property
from random import Random
from typing import NamedTuple

import msgspec

from domain.music.composition.harmony import Placed
from domain.music.composition.sections import Role
from domain.music.model import MelodyNote
from domain.music.theory.chords import Harmony
from domain.music.theory.meter import Meter


class Stroke(NamedTuple):
    """A note on paper: beats, beats, MIDI number, 0..1."""

    start: float
    beats: float
    pitch: int
    velocity: float


Page = dict[str, list[Stroke]]
"""What each part, by its name, plays in a section."""


class Scene(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything that an arranger needs to know about a section.

    Attributes:
        start: Beats.
        bars: Played bars.
        chords: In order; they fill the section.
        melody: What the lead plays; a pick-up may lie before the start.
        quote: A piece of the theme to remember, in sections that do not tell it.
        ceiling: The highest pitch that leaves the melody its own register.
        closing: The piece ends with this section: its last bar only holds the last chord.
        rise: How much livelier the next section is.
        arrival: How much livelier this section is than the one before.
        beat_seconds: Seconds of a beat.
    """

    role: Role
    energy: float
    start: float
    bars: int
    meter: Meter
    chords: tuple[Placed, ...]
    melody: tuple[MelodyNote, ...]
    quote: tuple[MelodyNote, ...]
    ceiling: int
    closing: bool
    rise: float
    arrival: float
    beat_seconds: float

    @property
    def end(self) -> float:
        """Beats."""
        return self.start + self.bars * self.meter.bar

    @cached_property
    def groove(self) -> tuple[float, ...]:
        """The bar lines of the bars that have a beat: all of them, but for the piece's last bar."""
        count = self.bars - self.closing
        return tuple(self.start + bar * self.meter.bar for bar in range(count))

    @property
    def final_bar(self) -> float | None:
        """The bar line of the piece's last bar, if it is here."""
        return self.end - self.meter.bar if self.closing else None

    def chord_at(self, beat: float) -> Harmony:
        """Return the chord that sounds at a beat."""
        return next((each.harmony for each in self.chords if beat < each.start + each.beats - 1e-6), self.last_chord)

    @property
    def last_chord(self) -> Harmony:
        """The chord that the section ends with."""
        return self.chords[-1].harmony

    @property
    def harmonies(self) -> list[Harmony]:
        """The chords without their places."""
        return [each.harmony for each in self.chords]

    def loud(self, velocity: float) -> float:
        """Return a velocity as loud as the section's energy makes it."""
        return velocity * (0.55 + 0.45 * self.energy)

    def at_steps(self, per_step: int = 1) -> list[tuple[float, int]]:
        """Return every eighth (or part of one) of the groove with its index in the bar."""
        length = self.meter.step / per_step
        count = round(self.meter.bar / length)
        return [(bar + index * length, index) for bar in self.groove for index in range(count)]

    @property
    def build(self) -> tuple[float, ...]:
        """The beats of the last groove bar when the music grows into the next section, else nothing."""
        grows = self.rise > 0.1 and self.groove
        return tuple(self.groove[-1] + accent for accent in self.meter.accents) if grows else ()


def held(scene: Scene, voicings: list[tuple[int, ...]], velocity: float) -> list[Stroke]:
    """Return the chords as long notes."""
    return [
        Stroke(each.start, each.beats, pitch, scene.loud(velocity))
        for each, notes in zip(scene.chords, voicings, strict=True)
        for pitch in notes
    ]


def lead_strokes(notes: tuple[MelodyNote, ...], shift: int, scale: float = 1.0) -> list[Stroke]:
    """Return a melody as strokes, some semitones away and softer or louder."""
    return [Stroke(note.start, note.beats, note.pitch + shift, note.velocity * scale) for note in notes]


Arranger = Callable[[Scene, Random], Page]
"""Writes a section; the random choices are the same for every section of a piece."""

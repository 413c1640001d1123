"""What pitched players play: held chords, comping, and echoes of the theme, as data.

Every class here is a `Player` (see `section_context`). Energies are 0..1, lengths beats unless a field says otherwise,
velocities 0..1 before the section's energy scales them.
"""

from random import Random
from typing import ClassVar

import msgspec

from domain.music.score import PartGroup
from domain.music.styles.section_context import ALWAYS, NoteEvent, SectionContext, melody_events, rotated
from domain.music.theory.chords import TimedChord
from domain.music.theory.pitch import OCTAVE
from domain.music.theory.voicing import lead_voices


class Register(msgspec.Struct, frozen=True):
    """The pitches of chords: from `low` to below the melody, with a top between `lowest_top` and `highest_top`."""

    low: int
    lowest_top: int
    highest_top: int

    def top(self, context: SectionContext) -> int:
        """Return the highest pitch in a section."""
        return max(self.lowest_top, min(context.ceiling, self.highest_top))


class HeldChords(msgspec.Struct, frozen=True, kw_only=True):
    """Each chord as one long sound, its voices led smoothly."""

    group: ClassVar[PartGroup] = PartGroup.CHORDS

    register: Register
    velocity: float
    voices: int = 3
    from_energy: float = ALWAYS

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        if context.energy < self.from_energy:
            return []
        top = self.register.top(context)
        voicings = lead_voices(context.harmonies, self.register.low, top, voices=self.voices)
        return [
            NoteEvent(chord.start, chord.beats, pitch, context.dynamic(self.velocity))
            for chord, voicing in zip(context.chords, voicings, strict=True)
            for pitch in voicing
        ]


class Comping(msgspec.Struct, frozen=True, kw_only=True):
    """Rootless chords struck in a rhythm; quiet sections and the last bar only hold them.

    Attributes:
        rhythms: Places in the bar, 0..1, that take turns; each is moved to the nearest eighth.
        strum: Beats from one note of a chord to the next.
        accent: Velocity of a chord's first stroke.
        velocity: And of the others.
        from_energy: Where the rhythm begins.
    """

    group: ClassVar[PartGroup] = PartGroup.CHORDS

    register: Register
    rhythms: tuple[tuple[float, ...], ...]
    voices: int
    strum: float
    accent: float
    velocity: float
    from_energy: float

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        rhythms = choices.sample(self.rhythms, len(self.rhythms))
        top = self.register.top(context)
        voicings = lead_voices(context.harmonies, self.register.low, top, voices=self.voices, rootless=True)
        return [
            NoteEvent(start + self.strum * index, beats, pitch, context.dynamic(self._velocity(start, chord)))
            for chord, voicing in zip(context.chords, voicings, strict=True)
            for start, beats in self._strokes(context, chord, rhythms)
            for index, pitch in enumerate(voicing)
        ]

    def _velocity(self, start: float, chord: TimedChord) -> float:
        return self.accent if start < chord.start + 0.01 else self.velocity

    def _strokes(
        self, context: SectionContext, chord: TimedChord, rhythms: list[tuple[float, ...]]
    ) -> list[tuple[float, float]]:
        """Return when a chord is struck and for how long."""
        bar, step = context.meter.bar, context.meter.step
        starts = {round(chord.start, 6)}
        for index, line in enumerate(context.groove_bars if context.energy >= self.from_energy else ()):
            places = [line + round(place * bar / step) * step for place in rhythms[rotated(index, len(rhythms))]]
            starts |= {round(place, 6) for place in places if chord.start <= place < chord.end - step + 1e-6}
        if context.final_bar is not None and chord.start < context.final_bar < chord.end:
            starts.add(round(context.final_bar, 6))
        ordered = sorted(starts)
        return [(start, after - start) for start, after in zip(ordered, (*ordered[1:], chord.end), strict=True)]


class CounterLine(msgspec.Struct, frozen=True, kw_only=True):
    """A slow second voice below the melody: one note a chord, by step where it can, against the melody's direction.

    Attributes:
        from_statement: How many sections of the same role must have come before.
    """

    group: ClassVar[PartGroup] = PartGroup.OTHER

    register: Register
    velocity: float
    from_energy: float = ALWAYS
    from_statement: int = 1

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        if not context.melody or context.energy < self.from_energy or context.statement < self.from_statement:
            return []
        low, top = self.register.low, self.register.top(context)
        pitch, events = (low + top) // 2, list[NoteEvent]()
        for chord in context.chords:
            pitch = self._next(chord, pitch, context, range(low, top + 1))
            events.append(NoteEvent(chord.start, chord.beats, pitch, context.dynamic(self.velocity)))
        return events

    @staticmethod
    def _next(chord: TimedChord, pitch: int, context: SectionContext, within: range) -> int:
        """Return the closest note of a chord, not the one that is sung, rather by step than held."""
        sung = {note.pitch % OCTAVE for note in context.melody if chord.start <= note.start < chord.end}
        guides = chord.harmony.classes - sung or chord.harmony.classes
        near = [each for each in within if each % OCTAVE in guides]
        return min(near, key=lambda each: (abs(each - pitch) or 2, each), default=pitch)


class MelodyDouble(msgspec.Struct, frozen=True, kw_only=True):
    """The lead's melody again, some semitones away, at a share of its velocity."""

    group: ClassVar[PartGroup] = PartGroup.LEAD

    semitones: int
    scale: float
    from_energy: float

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        return melody_events(context.lead, self.semitones, self.scale) if context.energy >= self.from_energy else []


class ThemeQuote(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of the theme, in sections that do not state it."""

    group: ClassVar[PartGroup] = PartGroup.OTHER

    semitones: int
    scale: float

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        return melody_events(context.quote, self.semitones, self.scale)

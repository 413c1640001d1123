"""What pitched players play: held chords, comping, figures of chord notes, and echoes of the theme, as data.

Every class here is a `Player` (see `section_context`). Energies are 0..1, lengths beats unless a field says otherwise,
velocities 0..1 before the section's energy scales them.
"""

from enum import Enum
from random import Random
from typing import Final

import msgspec

from domain.music.styles.section_context import NoteEvent, SectionContext, melody_events
from domain.music.theory.chords import Harmony, TimedChord
from domain.music.theory.voicing import bass_note, chord_notes, lead_voices

OCTAVE: Final = 12
ALWAYS: Final = 0.0
"""The energy that every section has."""

NEVER: Final = 2.0
"""More energy than any section has."""


class Register(msgspec.Struct, frozen=True):
    """Where chords lie: from `low` up to below the melody, but the top no lower and no higher than given."""

    low: int
    lowest_top: int
    highest_top: int

    def top(self, context: SectionContext) -> int:
        """Return the highest pitch in a section."""
        return max(self.lowest_top, min(context.ceiling, self.highest_top))


class HeldChords(msgspec.Struct, frozen=True, kw_only=True):
    """Each chord as one long sound, its voices led smoothly."""

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
        rhythms: Places in the bar, 0..1, to choose from; each is moved to the nearest eighth.
        strum: Beats from one note of a chord to the next.
        accent: Velocity of a chord's first stroke.
        velocity: And of the others.
        from_energy: Where the rhythm begins.
    """

    register: Register
    rhythms: tuple[tuple[float, ...], ...]
    voices: int
    strum: float
    accent: float
    velocity: float
    from_energy: float

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        rhythm = choices.choice(self.rhythms)
        top = self.register.top(context)
        voicings = lead_voices(context.harmonies, self.register.low, top, voices=self.voices, rootless=True)
        return [
            NoteEvent(start + self.strum * index, beats, pitch, context.dynamic(self._velocity(start, chord)))
            for chord, voicing in zip(context.chords, voicings, strict=True)
            for start, beats in self._strokes(context, chord, rhythm)
            for index, pitch in enumerate(voicing)
        ]

    def _velocity(self, start: float, chord: TimedChord) -> float:
        return self.accent if start < chord.start + 0.01 else self.velocity

    def _strokes(
        self, context: SectionContext, chord: TimedChord, rhythm: tuple[float, ...]
    ) -> list[tuple[float, float]]:
        """Return when a chord is struck and for how long."""
        bar, step = context.meter.bar, context.meter.step
        starts = {round(chord.start, 6)}
        for line in context.groove_bars if context.energy >= self.from_energy else ():
            places = [line + round(place * bar / step) * step for place in rhythm]
            starts |= {round(place, 6) for place in places if chord.start <= place < chord.end - step + 1e-6}
        if context.final_bar is not None and chord.start < context.final_bar < chord.end:
            starts.add(round(context.final_bar, 6))
        ordered = sorted(starts)
        return [(start, after - start) for start, after in zip(ordered, (*ordered[1:], chord.end), strict=True)]


class Accent(Enum):
    """Which notes of a figure are accented: each bar's first, one in every two eighths, or one in every four notes."""

    BAR = "bar"
    EIGHTH_PAIR = "eighth pair"
    FOUR_NOTES = "four notes"


class Doubling(msgspec.Struct, frozen=True):
    """When a figure runs in sixteenths: from an energy, if eighths are longer than so many seconds."""

    from_energy: float
    over_seconds: float


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Chord notes one after another on the eighths: broken chords, ostinatos, arpeggios.

    Attributes:
        orders: Orders of the chord's notes, from the lowest, to choose from.
        gate: How long a note sounds, as a share of the grid.
        accent: Velocity of accented notes.
        velocity: And of the others.
        halved_below: Energy below which every other note is left out and the rest sound twice as long.
        octave_under: Add the lowest note's octave to the chord where it is no higher than this, or than the top.
        below_energy: The energy from which it rests.
        rings_out: Whether the piece's last bar holds the chord over its bass.
    """

    register: Register
    orders: tuple[tuple[int, ...], ...]
    gate: float
    accent: float
    velocity: float
    accented: Accent
    doubled: Doubling = Doubling(NEVER, 0.0)
    halved_below: float = ALWAYS
    octave_under: int | None = None
    from_energy: float = ALWAYS
    below_energy: float = NEVER
    rings_out: bool = False

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        order = choices.choice(self.orders)
        if not self.from_energy <= context.energy < self.below_energy:
            return []
        per_step = 2 if self._is_doubled(context) else 1
        halved = context.energy < self.halved_below
        beats = self.gate * ((2 if halved else 1) * context.meter.step / per_step)
        top = self.register.top(context)
        events = []
        for beat, index in context.grid(per_step):
            if not (halved and index % 2):
                notes = self._notes(context.chord_at(beat), top)
                velocity = self.accent if self._is_accented(index, per_step) else self.velocity
                events.append(NoteEvent(beat, beats, notes[order[index % 4] % len(notes)], context.dynamic(velocity)))
        return events + self._ending(context, top)

    def _is_doubled(self, context: SectionContext) -> bool:
        return context.energy >= self.doubled.from_energy and context.step_seconds > self.doubled.over_seconds

    def _is_accented(self, index: int, per_step: int) -> bool:
        match self.accented:
            case Accent.BAR:
                return index == 0
            case Accent.EIGHTH_PAIR:
                return index % (2 * per_step) == 0
            case Accent.FOUR_NOTES:
                return index % 4 == 0

    def _notes(self, chord: Harmony, top: int) -> tuple[int, ...]:
        notes = chord_notes(chord, self.register.low, top)
        if self.octave_under is None:
            return notes
        octave = notes[0] + OCTAVE
        return (*notes, octave if octave <= max(top, self.octave_under) else notes[1 % len(notes)])

    def _ending(self, context: SectionContext, top: int) -> list[NoteEvent]:
        if not self.rings_out or context.final_bar is None:
            return []
        chord = context.last_chord
        notes = (bass_note(chord, _ENDING_BASS), *chord_notes(chord, self.register.low, top))
        return [NoteEvent(context.final_bar, context.meter.bar, pitch, _ENDING_VELOCITY) for pitch in notes]


_ENDING_BASS: Final = 40
_ENDING_VELOCITY: Final = 0.5


class MelodyDouble(msgspec.Struct, frozen=True, kw_only=True):
    """The lead's melody again, some semitones away, at a share of its velocity."""

    semitones: int
    scale: float
    from_energy: float

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        return melody_events(context.melody, self.semitones, self.scale) if context.energy >= self.from_energy else []


class ThemeQuote(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of the theme, in sections that do not state it."""

    semitones: int
    scale: float

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        return melody_events(context.quote, self.semitones, self.scale)


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """A few soft notes of the chord where the melody rests.

    Attributes:
        notes: How many at most.
        rest_steps: Eighths that the melody must rest for.
        delay_steps: Eighths from its last note to the answer.
        note_steps: Eighths that a note of the answer lasts.
    """

    register: Register
    velocity: float
    from_energy: float
    notes: int = 3
    rest_steps: int = 5
    delay_steps: int = 2
    note_steps: int = 3

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        if not context.melody or context.energy < self.from_energy:
            return []
        step, bars = context.meter.step, context.groove_bars
        ends = [note.start + note.beats for note in context.melody]
        starts = [*(note.start for note in context.melody[1:]), bars[-1] + context.meter.bar if bars else 0.0]
        events = []
        for end, start in zip(ends, starts, strict=True):
            if start - end >= self.rest_steps * step:
                first = (int(end / step + 1e-6) + self.delay_steps) * step
                events += self._answer(context, first)
        return events

    def _answer(self, context: SectionContext, first: float) -> list[NoteEvent]:
        step, velocity = context.meter.step, context.dynamic(self.velocity)
        pitches = chord_notes(context.chord_at(first), self.register.low, self.register.top(context))
        return [
            NoteEvent(first + index * step, self.note_steps * step, pitch, velocity)
            for index, pitch in enumerate(pitches[: self.notes])
        ]

"""What basses play: stacked roots, lines in eighths, and a bass that walks, as data.

Every class here is a `Player` (see `section_context`). `low` is the lowest root, a MIDI number.
"""

from random import Random
from typing import ClassVar, Final

import msgspec

from domain.music.score import PartGroup
from domain.music.styles.section_context import NoteEvent, SectionContext, rotated
from domain.music.theory.chords import Harmony, TimedChord
from domain.music.theory.pitch import OCTAVE
from domain.music.theory.voicing import bass_note

FIFTH: Final = 7
FLAT_FIFTH: Final = 6


class StackedRoots(msgspec.Struct, frozen=True, kw_only=True):
    """Held roots with their octave, and from an energy with the fifth between them."""

    group: ClassVar[PartGroup] = PartGroup.BASS

    low: int
    velocity: float
    fifth_from: float

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        velocity = context.dynamic(self.velocity)
        return [
            NoteEvent(chord.start, chord.beats, bass_note(chord.harmony, self.low) + interval, velocity)
            for chord in context.chords
            for interval in self._intervals(chord.harmony, context.energy)
        ]

    def _intervals(self, chord: Harmony, energy: float) -> tuple[int, ...]:
        if energy < self.fifth_from:
            return (0, OCTAVE)
        return (0, FIFTH if FIFTH in chord.intervals and not chord.bass else OCTAVE, OCTAVE)


class EighthBass(msgspec.Struct, frozen=True, kw_only=True):
    """Eighths over the root; held roots while it is quiet and in the piece's last bar.

    Attributes:
        lines: Semitones above the bass note, an eighth each and over again from each bar line, that take turns.
        gate: How long a note sounds, as a share of an eighth.
        accent: Velocity of every other eighth, beginning with the bar's first.
        velocity: And of the others.
        held_velocity: Of held roots.
        from_energy: Where the line begins.
    """

    group: ClassVar[PartGroup] = PartGroup.BASS

    low: int
    lines: tuple[tuple[int, ...], ...]
    gate: float
    accent: float
    velocity: float
    held_velocity: float
    from_energy: float

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        lines = choices.sample(self.lines, len(self.lines))
        if context.energy < self.from_energy:
            held = context.dynamic(self.held_velocity)
            return [
                NoteEvent(chord.start, chord.beats, bass_note(chord.harmony, self.low), held)
                for chord in context.chords
            ]
        events = [
            NoteEvent(
                beat,
                self.gate * context.meter.step,
                bass_note(context.chord_at(beat), self.low) + self._above(lines, context, beat, index),
                context.dynamic(self.velocity if index % 2 else self.accent),
            )
            for beat, index in context.grid()
        ]
        if context.final_bar is not None:
            root, loud = bass_note(context.last_chord, self.low), context.dynamic(self.accent)
            events.append(NoteEvent(context.final_bar, context.meter.bar, root, loud))
        return events

    @staticmethod
    def _above(lines: list[tuple[int, ...]], context: SectionContext, beat: float, index: int) -> int:
        line = lines[rotated(context.bar_of(beat), len(lines))]
        return line[index % len(line)]


class WalkingBass(msgspec.Struct, frozen=True, kw_only=True):
    """Root, fifth late in the bar, and a semitone step into the next root.

    Attributes:
        approach_chance: 0..1, how likely a piece has the steps into the next root.
        from_energy: Where it plays at all; it always plays the piece's ending.
        fifth_from: Energy from which bars have a fifth.
        approach_from: Energy from which it steps into the next root.
    """

    group: ClassVar[PartGroup] = PartGroup.BASS

    low: int
    approach_chance: float
    root_velocity: float
    fifth_velocity: float
    approach_velocity: float
    from_energy: float
    fifth_from: float
    approach_from: float

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        approaches = choices.random() < self.approach_chance and context.energy >= self.approach_from
        if context.energy < self.from_energy and not context.closing:
            return []
        following = [chord.harmony for chord in context.chords[1:]]
        events = []
        for chord, after in zip(context.chords, [*following, None], strict=True):
            events += self._chord(context, chord, after if approaches else None)
        return events

    def _chord(self, context: SectionContext, chord: TimedChord, after: Harmony | None) -> list[NoteEvent]:
        """Write a chord, and the step into the one after it where there is time."""
        step, events = context.meter.step, []
        approached = after if chord.beats >= 3 * step else None
        for line in _lines(context, chord):
            until = min(line + context.meter.bar, chord.end)
            events += self._bar(context, chord, line, until - step if approached and until == chord.end else until)
        if approached:
            leading = _leading_note(context, chord.end - step, bass_note(approached, self.low))
            events.append(NoteEvent(chord.end - step, step, leading, context.dynamic(self.approach_velocity)))
        return events

    def _bar(self, context: SectionContext, chord: TimedChord, start: float, end: float) -> list[NoteEvent]:
        """Write the bass note, and for the last third of a long enough bar the chord's fifth, or the note's octave."""
        step, root = context.meter.step, bass_note(chord.harmony, self.low)
        steps, loud = round((end - start) / step), context.dynamic(self.root_velocity)
        if steps < 3 or start not in context.groove_bars or context.energy < self.fifth_from:
            return [NoteEvent(start, end - start, root, loud)]
        turn = start + 2 * round(steps / 3) * step
        fifth = root + (_fifth(chord.harmony) - chord.harmony.bass) % OCTAVE
        return [
            NoteEvent(start, turn - start, root, loud),
            NoteEvent(turn, end - turn, fifth, context.dynamic(self.fifth_velocity)),
        ]


def _fifth(chord: Harmony) -> int:
    """Return the chord's own fifth, or the root above it where it has none or stands on it."""
    fifth = next((interval for interval in chord.intervals if interval in {FLAT_FIFTH, FIFTH}), OCTAVE)
    return OCTAVE if fifth == chord.bass else fifth


def _leading_note(context: SectionContext, beat: float, goal: int) -> int:
    """Return the step into the next bass note: from below, unless that grinds under what is sung."""
    sung = {note.pitch % OCTAVE for note in context.melody if note.start - 1e-6 <= beat < note.start + note.beats}
    steps = (goal - 1, goal + 2, goal - 2, goal + 1)
    return next((step for step in steps if (step + 1) % OCTAVE not in sung), goal)


def _lines(context: SectionContext, chord: TimedChord) -> list[float]:
    """Return the chord's start and the bar lines inside it."""
    bars = [context.start + bar * context.meter.bar for bar in range(context.bars)]
    inside = [line for line in bars if chord.start + 1e-6 < line < chord.end - 1e-6]
    return [chord.start, *inside]

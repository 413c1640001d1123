"""Textures that one style lives by: notes that drift, arpeggios too fast to count, drum rolls on a pitch, as data.

Every class here is a `Player` (see `section_context`).
"""

from random import Random
from typing import ClassVar, Final

import msgspec

from domain.music.score import PartGroup
from domain.music.styles.patterns import Register
from domain.music.styles.section_context import ALWAYS, NoteEvent, SectionContext, rotated
from domain.music.styles.steps import Step, beats_of
from domain.music.theory.pitch import OCTAVE
from domain.music.theory.voicing import bass_note, chord_notes

_FRAME_SECONDS: Final = 0.07
"""The longest note of an arpeggio that is heard as a chord: four pictures of television."""


class DriftingNotes(msgspec.Struct, frozen=True, kw_only=True):
    """Single notes of the chord, here and there, each left to ring.

    Attributes:
        per_bar: How many to a bar at full energy, at least one in two bars.
        beats: How long each is held.
    """

    group: ClassVar[PartGroup] = PartGroup.OTHER

    register: Register
    per_bar: float
    beats: float
    velocity: float
    from_energy: float = ALWAYS

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        count = max(1, round(context.bars * self.per_bar * (0.4 + 0.6 * context.energy)))
        steps = round(context.bars * context.meter.bar / context.meter.step)
        places = sorted(choices.sample(range(steps), min(count, steps)))
        picks = [choices.random() for _ in places]
        if context.energy < self.from_energy:
            return []
        return [self._note(context, place, pick) for place, pick in zip(places, picks, strict=True)]

    def _note(self, context: SectionContext, place: int, pick: float) -> NoteEvent:
        beat = context.start + place * context.meter.step
        chord = next(each for each in context.chords if beat < each.end - 1e-6)
        notes = chord_notes(chord.harmony, self.register.low, self.register.top(context))
        until = min(beat + self.beats, chord.end, context.end)
        return NoteEvent(beat, until - beat, notes[int(pick * len(notes))], context.dynamic(self.velocity))


class FastArpeggio(msgspec.Struct, frozen=True, kw_only=True):
    """A chord as one voice plays it: its notes in turn, so fast that they are heard together.

    Attributes:
        orders: Orders of the chord's notes, from the lowest, that take turns; 3 is the lowest note's octave.
        gates: Eighths of a bar, over and over, in which it sounds (`x`) or rests (`-`), in turn.
    """

    group: ClassVar[PartGroup] = PartGroup.CHORDS

    register: Register
    orders: tuple[tuple[int, ...], ...]
    gates: tuple[str, ...]
    velocity: float
    from_energy: float = ALWAYS

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        orders = choices.sample(self.orders, len(self.orders))
        gates = choices.sample(self.gates, len(self.gates))
        if context.energy < self.from_energy:
            return []
        per_step = next(
            count for count in (2, 3, 4, 6, 8, 12, 16) if context.step_seconds / count < _FRAME_SECONDS or count == 16
        )
        beats, top = context.meter.step / per_step, self.register.top(context)
        events = []
        for beat, index in context.grid(per_step):
            bar = context.bar_of(beat)
            gate, order = gates[rotated(bar, len(gates))], orders[rotated(bar, len(orders))]
            if gate[index // per_step % len(gate)] == "x":
                notes = chord_notes(context.chord_at(beat), self.register.low, top)
                events.append(
                    NoteEvent(beat, beats, _note_of(notes, order[index % len(order)]), context.dynamic(self.velocity))
                )
        if context.final_bar is not None:
            notes = chord_notes(context.last_chord, self.register.low, top)
            events += [
                NoteEvent(context.final_bar, context.meter.bar, each, context.dynamic(self.velocity)) for each in notes
            ]
        return events


def _note_of(notes: tuple[int, ...], index: int) -> int:
    return notes[index] if index < len(notes) else notes[0] + OCTAVE


class Timpani(msgspec.Struct, frozen=True, kw_only=True):
    """The bass note on strong beats, a roll into livelier sections, and a last stroke.

    Attributes:
        low: Lowest drum.
        beats: Where it plays, by the bar's count modulo four: steps for every bar of four in turn.
    """

    group: ClassVar[PartGroup] = PartGroup.DRUMS

    low: int
    beats: tuple[tuple[Step, ...], ...]
    velocity: float
    from_energy: float

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        turn = choices.randrange(len(self.beats))
        events = []
        for index, bar in enumerate(context.groove_bars if context.energy >= self.from_energy else ()):
            for step in self.beats[(index + turn) % len(self.beats)]:
                events += [
                    self._stroke(context, beat, 1.0, self.velocity) for beat in beats_of(step, bar, context.meter)
                ]
        events += self._roll(context)
        if context.final_bar is not None:
            events.append(self._stroke(context, context.final_bar, context.meter.bar, self.velocity))
        return events

    def _roll(self, context: SectionContext) -> list[NoteEvent]:
        step = context.meter.step / 4
        beats = [beat + part * step for beat in context.build_beats for part in range(round(1 / step))]
        return [
            self._stroke(context, beat, step, self.velocity * (0.35 + 0.5 * index / len(beats)))
            for index, beat in enumerate(beats)
        ]

    def _stroke(self, context: SectionContext, beat: float, beats: float, velocity: float) -> NoteEvent:
        return NoteEvent(beat, beats, bass_note(context.chord_at(beat), self.low), context.dynamic(velocity))

"""Figures of chord notes on the eighths: broken chords, ostinatos and arpeggios, as data."""

from enum import Enum
from random import Random
from typing import ClassVar, Final

import msgspec

from domain.music.score import PartGroup
from domain.music.styles.patterns import Register
from domain.music.styles.section_context import ALWAYS, NEVER, NoteEvent, SectionContext, rotated
from domain.music.theory.chords import Harmony
from domain.music.theory.pitch import OCTAVE
from domain.music.theory.voicing import bass_note, chord_notes

_ENDING_BASS: Final = 40  # lowest bass note under the last chord, MIDI number
_ENDING_VELOCITY: Final = 0.5


class Accent(Enum):
    """Which notes of a figure are accented: each bar's first, one in every two eighths, or one in every four notes."""

    BAR = "bar"
    EIGHTH_PAIR = "eighth pair"
    FOUR_NOTES = "four notes"


class Sixteenths(msgspec.Struct, frozen=True):
    """When a figure runs in sixteenths: from an energy, if eighths are longer than so many seconds."""

    from_energy: float
    over_seconds: float


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Chord notes one after another on the eighths: a `Player`.

    Attributes:
        orders: Orders of the chord's notes, from the lowest, that take turns.
        gate: How long a note sounds, as a share of the grid.
        accent: Velocity of accented notes.
        velocity: And of the others.
        accented: Which notes those are.
        sixteenths: When it runs in sixteenths; never without.
        halved_below: Energy below which every other note is left out and the rest sound twice as long.
        octave_under: Add the lowest note's octave to the chord where it is no higher than this, or than the top.
        below_energy: The energy from which it rests.
        rings_out: Whether the piece's last bar holds the chord over its bass.
    """

    group: ClassVar[PartGroup] = PartGroup.CHORDS

    register: Register
    orders: tuple[tuple[int, ...], ...]
    gate: float
    accent: float
    velocity: float
    accented: Accent
    sixteenths: Sixteenths | None = None
    halved_below: float = ALWAYS
    octave_under: int | None = None
    from_energy: float = ALWAYS
    below_energy: float = NEVER
    rings_out: bool = False

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        orders = choices.sample(self.orders, len(self.orders))
        if not self.from_energy <= context.energy < self.below_energy:
            return []
        per_step = 2 if self._is_in_sixteenths(context) else 1
        halved = context.energy < self.halved_below
        beats = self.gate * ((2 if halved else 1) * context.meter.step / per_step)
        top = self.register.top(context)
        events = []
        for beat, index in context.grid(per_step):
            if not (halved and index % 2):
                order = orders[rotated(context.bar_of(beat), len(orders))]
                notes = self._notes(context.chord_at(beat), top)
                velocity = self.accent if self._is_accented(index, per_step) else self.velocity
                events.append(
                    NoteEvent(beat, beats, notes[order[index % len(order)] % len(notes)], context.dynamic(velocity))
                )
        return events + self._ending(context, top)

    def _is_in_sixteenths(self, context: SectionContext) -> bool:
        when = self.sixteenths
        return when is not None and context.energy >= when.from_energy and context.step_seconds > when.over_seconds

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

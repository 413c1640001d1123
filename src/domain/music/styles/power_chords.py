"""What electric guitars play under a song: power chords, muted by the palm or held, as data."""

from random import Random
from typing import ClassVar, Final

import msgspec

from domain.music.score import PartGroup
from domain.music.styles.guitars import letter_of
from domain.music.styles.section_context import ALWAYS, NoteEvent, SectionContext
from domain.music.theory.pitch import OCTAVE

_FIFTH: Final = 7


class PowerChords(msgspec.Struct, frozen=True, kw_only=True):
    """Roots and fifths, with the octave in lively sections: palm-muted eighths, or chords that are held.

    The last chord of a piece has its third.

    Attributes:
        low: Lowest root.
        riffs: A letter an eighth, over and over from each bar line: `X` rings until the next letter, `x` is muted by
            the palm, `-` nothing new. They take turns.
        held_riffs: The same from the energy `held_from`.
        muted: How long a muted chord sounds, as a share of an eighth.
    """

    group: ClassVar[PartGroup] = PartGroup.CHORDS

    low: int
    riffs: tuple[str, ...]
    held_riffs: tuple[str, ...]
    velocity: float
    muted: float = 0.45
    from_energy: float = ALWAYS
    held_from: float = 0.7

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        riffs, held = (choices.sample(each, len(each)) for each in (self.riffs, self.held_riffs))
        plays = context.energy >= self.from_energy
        chosen = held if context.energy >= self.held_from else riffs
        strokes = [
            (beat, letter)
            for beat, index in (context.grid() if plays else ())
            if (letter := letter_of(chosen, context.bar_of(beat), index)) != "-"
        ]
        if context.final_bar is not None:
            strokes.append((context.final_bar, "X"))
        ends = sorted({beat for beat, _ in strokes} | {chord.start for chord in context.chords} | {context.end})
        events = []
        for beat, letter in strokes:
            ringing = next(after for after in ends if after > beat + 1e-6) - beat
            beats = self.muted * context.meter.step if letter == "x" else 0.97 * ringing
            loud = context.dynamic(self.velocity * (0.8 if letter == "x" else 1.0))
            events += [NoteEvent(beat, beats, pitch, loud) for pitch in self._notes(context, beat)]
        return events

    def _notes(self, context: SectionContext, beat: float) -> tuple[int, ...]:
        chord = context.chord_at(beat)
        root = self.low + (chord.root - self.low) % OCTAVE
        fifth = (root + _FIFTH,) if _FIFTH in chord.intervals else ()
        octave = (root + OCTAVE,) if context.energy >= self.held_from or not fifth else ()
        third = (root + OCTAVE + chord.intervals[1],) if beat == context.final_bar else ()
        return (root, *fifth, *octave, *third)

"""What acoustic guitars play: strummed chords in open position, and broken chords over the thumb, as data.

Every class here is a `Player` (see `section_context`). Lengths are beats, velocities 0..1 before the section's energy
scales them.
"""

from random import Random
from typing import ClassVar, Final

import msgspec

from domain.music.score import PartGroup
from domain.music.styles.section_context import ALWAYS, NEVER, NoteEvent, SectionContext, rotated
from domain.music.theory.chords import Harmony
from domain.music.theory.pitch import OCTAVE
from domain.music.theory.voicing import bass_note

OPEN_STRINGS: Final = (40, 45, 50, 55, 59, 64)
"""A guitar's strings, MIDI numbers: E A D G B E."""

_FRETS: Final = 4
"""As far as a hand reaches in open position."""

_SPREAD_SECONDS: Final = 0.03
"""From the first string of a stroke to the last."""


def fingering(chord: Harmony, top: int) -> tuple[int, ...]:
    """Return a chord as a hand takes it in open position, from the bass up: each string's lowest note of the chord.

    Strings below the bass note are not played, nor notes above `top`.
    """
    lowest = bass_note(chord, OPEN_STRINGS[0])
    found: list[int] = [lowest]
    for string in (each for each in OPEN_STRINGS if each > lowest):
        frets = range(max(string, found[-1] + 2), string + _FRETS + 1)
        fretted = next((pitch for pitch in frets if pitch % OCTAVE in chord.classes), None)
        if fretted is not None and fretted <= top:
            found.append(fretted)
    return tuple(found)


class Strumming(msgspec.Struct, frozen=True, kw_only=True):
    """Chords strummed in eighths.

    Attributes:
        patterns: A letter an eighth, over and over from each bar line: `D` a stroke down over all strings, `d` a soft
            one, `u` a stroke up over the highest strings, `-` lets the chord ring. They take turns.
        quiet_pattern: Where the energy is below `from_energy`.
        top: The highest note.
    """

    group: ClassVar[PartGroup] = PartGroup.CHORDS

    patterns: tuple[str, ...]
    quiet_pattern: str
    velocity: float
    top: int
    from_energy: float = 0.5
    silent_below: float = ALWAYS

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        patterns = choices.sample(self.patterns, len(self.patterns))
        if context.energy < self.silent_below and not context.closing:
            return []
        lively = context.energy >= self.from_energy
        strokes = [
            (beat, letter)
            for beat, index in (context.grid() if context.energy >= self.silent_below else ())
            if (letter := letter_of(patterns if lively else [self.quiet_pattern], context.bar_of(beat), index)) != "-"
        ]
        if context.final_bar is not None:
            strokes.append((context.final_bar, "D"))
        starts = sorted({beat for beat, _ in strokes} | {chord.start for chord in context.chords} | {context.end})
        return [
            event
            for beat, letter in strokes
            for event in self._stroke(context, beat, next(after for after in starts if after > beat + 1e-6), letter)
        ]

    def _stroke(self, context: SectionContext, beat: float, until: float, letter: str) -> list[NoteEvent]:
        notes = fingering(context.chord_at(beat), min(self.top, context.ceiling))
        if letter == "u":
            notes = notes[:-4:-1]
        velocity = self.velocity * {"D": 1.0, "d": 0.75, "u": 0.62}[letter]
        return strum(context, beat, until, notes, velocity)


class Fingerpicking(msgspec.Struct, frozen=True, kw_only=True):
    """Broken chords in eighths: the thumb on the bass strings, fingers on the others; all ring on within their chord.

    Attributes:
        patterns: An index into the fingering for each eighth, negative from the top; they take turns.
    """

    group: ClassVar[PartGroup] = PartGroup.CHORDS

    patterns: tuple[tuple[int, ...], ...]
    velocity: float
    thumb: float
    top: int
    from_energy: float = ALWAYS
    below_energy: float = NEVER

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        patterns = choices.sample(self.patterns, len(self.patterns))
        if not self.from_energy <= context.energy < self.below_energy:
            return []
        events = [
            self._note(context, beat, patterns[rotated(context.bar_of(beat), len(patterns))], index)
            for beat, index in context.grid()
        ]
        if context.final_bar is not None:
            events += strum(
                context, context.final_bar, context.end, fingering(context.last_chord, self.top), self.thumb
            )
        return events

    def _note(self, context: SectionContext, beat: float, pattern: tuple[int, ...], index: int) -> NoteEvent:
        chord = next(each for each in context.chords if beat < each.end - 1e-6)
        notes = fingering(chord.harmony, min(self.top, context.ceiling))
        place = pattern[index % len(pattern)]
        pitch = notes[min(place, len(notes) - 1)] if place >= 0 else notes[max(place, -len(notes))]
        velocity = context.dynamic(self.thumb if place in {0, 1} else self.velocity)
        return NoteEvent(beat, min(4 * context.meter.step, chord.end - beat), pitch, velocity)


def strum(
    context: SectionContext, beat: float, until: float, notes: tuple[int, ...], velocity: float
) -> list[NoteEvent]:
    """Return a stroke over some strings, in their order."""
    between = _SPREAD_SECONDS / context.beat_seconds / max(1, len(notes) - 1)
    return [
        NoteEvent(
            beat + index * between, until - beat - index * between, pitch, context.dynamic(velocity) * 0.96**index
        )
        for index, pitch in enumerate(notes)
        if beat + index * between < until  # a chord that changes at once leaves no time for the other strings
    ]


def letter_of(patterns: list[str], bar: int, index: int) -> str:
    """Return a pattern's letter at an eighth of a bar; patterns take turns."""
    pattern = patterns[rotated(bar, len(patterns))]
    return pattern[index % len(pattern)]

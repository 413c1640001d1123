"""Bossa nova: a guitar that comps in the clave, and a bass that plays the surdo's root and fifth, as data.

After João Gilberto's batida as transcribed in N. Faria, "The Brazilian Guitar Book", 1995: chords on a syncopated line
of two bars over a thumb that keeps root and fifth on the half notes.
"""

from random import Random
from typing import ClassVar

import msgspec

from domain.music.score import PartGroup
from domain.music.styles.patterns import Register
from domain.music.styles.section_context import ALWAYS, NoteEvent, SectionContext
from domain.music.theory.chords import Harmony
from domain.music.theory.pitch import OCTAVE
from domain.music.theory.voicing import bass_note, lead_voices

Cell = tuple[float, ...]
"""Places of strokes in a bar, as shares of it."""


class ClaveComping(msgspec.Struct, frozen=True, kw_only=True):
    """Rootless chords on a line of several bars.

    Attributes:
        claves: Lines of one cell a bar; they take turns every four bars.
        gate: The share of the time to the next stroke for which a chord sounds.
        quiet_cell: The strokes of each bar where the energy is below `from_energy`.
    """

    group: ClassVar[PartGroup] = PartGroup.CHORDS

    register: Register
    claves: tuple[tuple[Cell, ...], ...]
    velocity: float
    voices: int = 4
    gate: float = 0.75
    from_energy: float = 0.4
    quiet_cell: Cell = (0.0,)

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        claves = choices.sample(self.claves, len(self.claves))
        top = self.register.top(context)
        voicings = lead_voices(context.harmonies, self.register.low, top, voices=self.voices, rootless=True)
        strokes = self._strokes(context, claves)
        events = []
        for start, after in zip(strokes, (*strokes[1:], context.end), strict=True):
            chord = next(index for index, each in enumerate(context.chords) if start < each.end - 1e-6)
            until = min(after, context.chords[chord].end)
            sounds = (until - start) * (1.0 if start == context.final_bar else self.gate)
            loud = context.dynamic(self.velocity * (1.0 if start % context.meter.bar == 0 else 0.85))
            events += [NoteEvent(start, sounds, pitch, loud) for pitch in voicings[chord]]
        return events

    def _strokes(self, context: SectionContext, claves: list[tuple[Cell, ...]]) -> list[float]:
        """Return when chords are struck; one that a chord change would cut short is left out."""
        bar, step, strokes = context.meter.bar, context.meter.step, set[float]()
        for index, line in enumerate(context.groove_bars):
            clave = claves[index // 4 % len(claves)]
            lively = context.energy >= self.from_energy
            cell = clave[index % len(clave)] if lively else self.quiet_cell
            strokes |= {round(line + round(place * bar / step) * step, 6) for place in cell}
        if context.final_bar is not None:
            strokes.add(context.final_bar)
        inside = {beat for beat in strokes if beat < context.end - step / 2}
        return sorted(inside | {context.start})


class SurdoBass(msgspec.Struct, frozen=True, kw_only=True):
    """Root on the bar line, fifth in the middle, each with a pick-up an eighth before it.

    Attributes:
        low: Lowest bass note.
        pickups_from: Energy from which there are pick-ups.
        from_energy: Where it plays at all; it always plays the piece's ending.
    """

    group: ClassVar[PartGroup] = PartGroup.BASS

    low: int
    velocity: float
    pickup: float
    pickups_from: float = 0.35
    from_energy: float = ALWAYS

    def __call__(self, context: SectionContext, _choices: Random) -> list[NoteEvent]:
        """Write a section."""
        if context.energy < self.from_energy and not context.closing:
            return []
        events = [event for line in context.groove_bars for event in self._bar(context, line)]
        if context.final_bar is not None:
            root = bass_note(context.last_chord, self.low)
            events.append(NoteEvent(context.final_bar, context.meter.bar, root, context.dynamic(self.velocity)))
        return events

    def _bar(self, context: SectionContext, line: float) -> list[NoteEvent]:
        end, step, half = line + context.meter.bar, context.meter.step, context.meter.half
        starts = [line] if half is None else [line, line + half]
        events = []
        for start, until in zip(starts, (*starts[1:], end), strict=True):
            held = context.chord_at(start) == context.chord_at(line)
            pickup = step if context.energy >= self.pickups_from and until - start > 2 * step else 0.0
            pitch = self._pitch(context.chord_at(start), second=start > line and held)
            events.append(NoteEvent(start, until - start - pickup, pitch, context.dynamic(self.velocity)))
            if pickup:
                ahead = self._pitch(context.chord_at(until - step), second=start == line)
                events.append(NoteEvent(until - step, step, ahead, context.dynamic(self.pickup)))
        return events

    def _pitch(self, chord: Harmony, *, second: bool) -> int:
        """Return the bass note, or for the second half the chord's fifth below or above it."""
        low = bass_note(chord, self.low)
        fifth = next((each for each in chord.intervals if each in {6, 7}), None)
        if not second or fifth is None or chord.bass:
            return low
        above = low + fifth
        return above - OCTAVE if above - OCTAVE >= self.low - 3 else above

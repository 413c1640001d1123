"""What drums play: step grids with energy tiers, crashes, fills and endings, as data.

A row of a grid names its steps relative to the meter (`steps`). Velocities are 0..1; those of bars are scaled by the
section's energy, and a row plays in the tier of energies that it names.
"""

from collections.abc import Callable
from random import Random
from typing import ClassVar, Protocol

import msgspec

from domain.music.instruments import Drum
from domain.music.score import PartGroup
from domain.music.styles.section_context import ALWAYS, NEVER, NoteEvent, SectionContext, rotated
from domain.music.styles.steps import Step, beats_of


class Hits(msgspec.Struct, frozen=True):
    """One drum's row of the grid.

    Attributes:
        drum: What is struck.
        step: Where.
        velocities: Of the row's strokes in turn, over and over.
        beats: Length of a stroke.
        from_energy: The tier from which the row plays.
        below_energy: The tier from which it rests.
    """

    drum: Drum
    step: Step
    velocities: tuple[float, ...]
    beats: float = 0.5
    from_energy: float = ALWAYS
    below_energy: float = NEVER

    def events(self, context: SectionContext, bar: float) -> list[NoteEvent]:
        """Write a bar."""
        if not self.from_energy <= context.energy < self.below_energy:
            return []
        velocities = [context.dynamic(velocity) for velocity in self.velocities]
        return [
            NoteEvent(beat, self.beats, self.drum, velocities[index % len(velocities)])
            for index, beat in enumerate(beats_of(self.step, bar, context.meter, half_time=context.half_time))
        ]


class FreeHit(msgspec.Struct, frozen=True):
    """A stroke off the beat, at places that take turns.

    Attributes:
        places: Shares of the bar, 0..1; each is moved to the nearest sixteenth.
    """

    drum: Drum
    places: tuple[float, ...]
    velocity: float
    beats: float = 0.5
    from_energy: float = ALWAYS

    def events(self, context: SectionContext, bar: float, place: float) -> list[NoteEvent]:
        """Write a bar with the chosen place."""
        meter, step = context.meter, context.meter.step
        beat = round(place * meter.bar / step * 2) * step / 2
        plays = context.energy >= self.from_energy
        return [NoteEvent(bar + beat, self.beats, self.drum, context.dynamic(self.velocity))] if plays else []


class Row(Protocol):
    """What a drum plays in every bar of a groove."""

    def events(self, context: SectionContext, bar: float, /) -> list[NoteEvent]:
        """Write a bar."""
        ...


class Crash(msgspec.Struct, frozen=True):
    """A cymbal on the first beat of a section that has at least this energy, and no less than the one before."""

    velocity: float
    from_energy: float
    beats: float = 4.0

    def events(self, context: SectionContext) -> list[NoteEvent]:
        """Write a section's first beat."""
        if context.energy < self.from_energy or context.arrival < 0:
            return []
        return [NoteEvent(context.start, self.beats, Drum.CRASH, context.dynamic(self.velocity))]


class FinalHit(msgspec.Struct, frozen=True):
    """A stroke on the piece's last bar line; one with a `from_energy` also plays where the energy has fallen."""

    drum: Drum
    beats: float
    velocity: float
    from_energy: float = ALWAYS

    def events(self, context: SectionContext, final_bar: float) -> list[NoteEvent]:
        """Write the last bar."""
        plays = context.arrival < 0 or context.energy >= self.from_energy
        return [NoteEvent(final_bar, self.beats, self.drum, self.velocity)] if plays else []


class Turn(msgspec.Struct, frozen=True):
    """A small fill at the end of a bar: strokes as (drum, sixteenths before the next bar line, velocity)."""

    strokes: tuple[tuple[Drum, int, float], ...]

    def events(self, context: SectionContext, bar: float) -> list[NoteEvent]:
        """Write the end of a bar."""
        end, sixteenth = bar + context.meter.bar, context.meter.step / 2
        return [
            NoteEvent(end - before * sixteenth, sixteenth, drum, context.dynamic(velocity))
            for drum, before, velocity in self.strokes
        ]


Fill = Callable[[SectionContext], list[NoteEvent]]
"""Writes what leads into the next section."""


class Groove(msgspec.Struct, frozen=True, kw_only=True):
    """A style's drums: a `Player`.

    Attributes:
        rows: The grid of a bar.
        from_energy: Where the grid begins.
        free: A stroke whose place differs from bar to bar.
        crash: Marks arrivals.
        fill: Leads into livelier sections.
        turns: Small fills at the end of every fourth bar, in turn.
        ending: Strokes on the piece's last bar line.
    """

    group: ClassVar[PartGroup] = PartGroup.DRUMS

    rows: tuple[Row, ...]
    from_energy: float
    free: FreeHit | None = None
    crash: Crash | None = None
    fill: Fill | None = None
    turns: tuple[Turn, ...] = ()
    ending: tuple[FinalHit, ...] = ()

    def __call__(self, context: SectionContext, choices: Random) -> list[NoteEvent]:
        """Write a section."""
        places = choices.sample(self.free.places, len(self.free.places)) if self.free else [0.0]
        turns = choices.sample(self.turns, len(self.turns))
        events = self.crash.events(context) if self.crash else []
        for index, bar in enumerate(context.groove_bars if context.energy >= self.from_energy else ()):
            events += [event for row in self.rows for event in row.events(context, bar)]
            events += self.free.events(context, bar, places[rotated(index, len(places))]) if self.free else []
            if turns and index % 4 == 3:
                events += turns[index // 4 % len(turns)].events(context, bar)
        if context.final_bar is not None:
            events += [event for hit in self.ending for event in hit.events(context, context.final_bar)]
        return events + (self.fill(context) if self.fill else [])

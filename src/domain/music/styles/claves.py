"""Rows of a groove that go over several bars, such as claves and kicks that answer each other, as data."""

import msgspec

from domain.music.instruments import Drum
from domain.music.styles.section_context import ALWAYS, NEVER, NoteEvent, SectionContext


class Clave(msgspec.Struct, frozen=True):
    """One drum's strokes over several bars: a row of a groove, as `grooves.Hits` is.

    Attributes:
        drum: What is struck.
        cells: For each bar in turn, places as shares of the bar, 0..1; each is moved to the nearest sixteenth.
        velocities: Of a bar's strokes in turn, over and over.
        beats: Length of a stroke.
        from_energy: The tier from which the row plays.
        below_energy: The tier from which it rests.
    """

    drum: Drum
    cells: tuple[tuple[float, ...], ...]
    velocities: tuple[float, ...]
    beats: float = 0.5
    from_energy: float = ALWAYS
    below_energy: float = NEVER

    def events(self, context: SectionContext, bar: float) -> list[NoteEvent]:
        """Write a bar."""
        if not self.from_energy <= context.energy < self.below_energy:
            return []
        length, sixteenth = context.meter.bar, context.meter.step / 2
        cell = self.cells[context.bar_of(bar) % len(self.cells)]
        places = sorted({min(round(place * length / sixteenth) * sixteenth, length - sixteenth) for place in cell})
        kept = places[::2] if context.half_time else places
        return [
            NoteEvent(bar + place, self.beats, self.drum, context.dynamic(self.velocities[i % len(self.velocities)]))
            for i, place in enumerate(kept)
        ]

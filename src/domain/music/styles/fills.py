"""Drum fills: what leads into a livelier section. Every class here is a `grooves.Fill`."""

from typing import Final

import msgspec

from domain.music.instruments import Drum
from domain.music.styles.section_context import NoteEvent, SectionContext

_SOFTEST: Final = 0.35
_GROWTH: Final = 0.5
"""Velocity before the first beat of a crescendo, and what its last beat adds."""


def _crescendo(index: int, count: int) -> float:
    """Return the velocity of a beat of a fill."""
    return _SOFTEST + _GROWTH * (index + 1) / count


class TomRoll(msgspec.Struct, frozen=True):
    """Eighths that go round some drums and grow for a bar."""

    drums: tuple[Drum, ...]

    def __call__(self, context: SectionContext) -> list[NoteEvent]:
        """Write the fill."""
        beats, step = context.build_beats, context.meter.step
        return [
            NoteEvent(
                beat + part * step, 0.5, self.drums[(index + part) % len(self.drums)], _crescendo(index, len(beats))
            )
            for index, beat in enumerate(beats)
            for part in range(round(1 / step))
        ]


class SnareBuild(msgspec.Struct, frozen=True):
    """Snares that grow for a bar and double their speed half-way, and a beat of toms at the end."""

    toms: tuple[Drum, ...]

    def __call__(self, context: SectionContext) -> list[NoteEvent]:
        """Write the fill."""
        beats, step = context.build_beats, context.meter.step
        events = []
        for index, beat in enumerate(beats):
            velocity = _crescendo(index, len(beats))
            per_step = 2 if index >= len(beats) / 2 else 1
            drum = self.toms[index % len(self.toms)] if index == len(beats) - 1 else Drum.SNARE
            count = round(per_step / step)
            events += [NoteEvent(beat + part * step / per_step, 0.25, drum, velocity) for part in range(count)]
        return events


class SnarePickup(msgspec.Struct, frozen=True, kw_only=True):
    """Three snares in sixteenths and an open hat at the end of the last bar, where the next section is livelier.

    Attributes:
        over_rise: How much more energy the next section must have.
        from_energy: The energy that this section must have.
        velocity: What the next downbeat would have; each sixteenth before it is softer by `softer`.
        hat_velocity: Of the hat, scaled by the section's energy.
    """

    over_rise: float
    from_energy: float
    velocity: float = 0.55
    softer: float = 0.1
    hat_velocity: float = 0.4

    def __call__(self, context: SectionContext) -> list[NoteEvent]:
        """Write the fill."""
        if context.energy < self.from_energy or context.rise <= self.over_rise or not context.groove_bars:
            return []
        bar, meter, step = context.groove_bars[-1], context.meter, context.meter.step
        snares = [
            NoteEvent(bar + meter.bar - part * step / 2, 0.25, Drum.SNARE, self.velocity - self.softer * part)
            for part in (1, 2, 3)
        ]
        hat = NoteEvent(bar + meter.bar - step, 0.5, Drum.OPEN_HAT, context.dynamic(self.hat_velocity))
        return [*snares, hat]

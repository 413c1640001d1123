"""Modulators of a SoundFont that depend on the note: its velocity and its key. Controllers do not move here.

Source: "SoundFont Technical Specification 2.04", section 8.2. The default from velocity to the filter is left out, as
FluidSynth does: the sets of today are made for that.
"""

import math
from typing import Final, NamedTuple

from adapters.audio.sampling.generators import Gen

_NONE, _VELOCITY, _KEY = 0, 2, 3
_CONTROLLER, _DOWN, _BIPOLAR = 0x80, 0x100, 0x200
_LINEAR, _CONCAVE, _CONVEX, _SWITCH = range(4)
_ABSOLUTE = 2


class Modulator(NamedTuple):
    """One record of the file."""

    source: int
    target: int
    amount: int
    scale: int
    transform: int

    @property
    def identity(self) -> tuple[int, int, int, int]:
        """What a more local modulator must share to replace this one."""
        return (self.source, self.target, self.scale, self.transform)

    def value(self, key: int, velocity: int) -> float:
        """Return what it adds to its target; nothing if it depends on a controller."""
        if not (_is_of_note(self.source) and _is_of_note(self.scale)) or not self.amount:
            return 0.0
        factor = 1.0 if self.scale == _NONE else _level(self.scale, key, velocity)
        value = _level(self.source, key, velocity) * factor * self.amount
        return abs(value) if self.transform == _ABSOLUTE else value


DEFAULT_MODULATORS: Final = (Modulator(_DOWN | _CONCAVE << 10 | _VELOCITY, Gen.ATTENUATION, 960, _NONE, 0),)


def _is_of_note(source: int) -> bool:
    return not source & _CONTROLLER and source & 0x7F in {_NONE, _VELOCITY, _KEY}


def _level(source: int, key: int, velocity: int) -> float:
    """Return the level of a source, 0..1, or −1..1 where it is bipolar."""
    number = source & 0x7F
    if number == _NONE:
        return 1.0
    at = (velocity if number == _VELOCITY else key) / 128
    at = 127 / 128 - at if source & _DOWN else at
    level = _curve(source >> 10, max(at, 0.0))
    return 2 * level - 1 if source & _BIPOLAR else level


def _curve(kind: int, at: float) -> float:
    if kind == _CONCAVE:
        return min(-40 / 96 * math.log10(max(1 - at * 128 / 127, 1e-3)), 1.0)
    if kind == _CONVEX:
        return 1 - _curve(_CONCAVE, 127 / 128 - at)
    if kind == _SWITCH:
        return float(at >= 0.5)
    return at

"""How metre and bar lines are judged.

2/4 and 4/4 are both duple, as in studies of metre finding (Temperley, "An Evaluation System for Metrical Models",
Computer Music Journal 28(3), 2004, judges levels, not signatures), because no sound tells bars of two from four. Bar
lines are right where at least three quarters of the found ones are true within 100 ms, or of the true ones found, and a
third of the others: bars of twice or half the length may be right.
"""

from collections.abc import Sequence

from domain.music.hum import HummedNote
from domain.music.theory.meter import Meter

TOLERANCE = 0.1


def same_metre(found: str, true: str) -> bool:
    """Return whether two time signatures are the same, or both duple."""
    return found == true or {found, true} == {"2/4", "4/4"}


def bars_of(beats: Sequence[float], signature: str) -> list[float]:
    """Return the bar lines of beats that begin with one, in seconds."""
    return list(beats[:: max(1, int(Meter.of(signature).bar))])


def same_bars(found: Sequence[float], true: Sequence[float], notes: Sequence[HummedNote]) -> bool:
    """Return whether bar lines are the true ones where there are notes."""
    first, last = notes[0].onset - TOLERANCE, notes[-1].onset + TOLERANCE
    here, there = ([time for time in some if first <= time <= last] for some in (found, true))
    shares = sorted([share_met(here, there, TOLERANCE), share_met(there, here, TOLERANCE)])
    return shares[1] >= 0.75 and shares[0] >= 0.33


def share_met(some: Sequence[float], others: Sequence[float], tolerance: float) -> float:
    """Return the share of times that are within a tolerance of one of the others."""
    return sum(any(abs(one - other) < tolerance for other in others) for one in some) / max(1, len(some))

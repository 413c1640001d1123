"""How metre and bar lines are judged.

2/4 and 4/4 are both duple, as in studies of metre finding (Temperley, "An Evaluation System for Metrical Models",
Computer Music Journal 28(3), 2004, judges levels, not signatures), because no sound tells bars of two from four.
Bar lines are right where at least three quarters of the found ones are true within 100 ms, or of the true ones found,
and a third of the others: bars of twice or half the length may be right.
"""

from collections.abc import Sequence

from domain.music.theory.meter import Meter
from training.tunes.performance import Performance

TOLERANCE = 0.1


def same_metre(found: str, true: str) -> bool:
    """Return whether two time signatures are the same, or both duple."""
    duple = {"2/4", "4/4"}
    return found == true or {found, true} == duple


def bars_of(beats: Sequence[float], signature: str) -> list[float]:
    """Return the bar lines of beats that begin with one, in seconds."""
    return list(beats[:: max(1, int(Meter.of(signature).bar))])


def same_bars(found: Sequence[float], take: Performance) -> bool:
    """Return whether bar lines are those of a performance, where it has notes."""
    first, last = take.notes[0].onset - TOLERANCE, take.notes[-1].onset + TOLERANCE
    heard = [time for time in found if first <= time <= last]
    true = [take.beats[index] for index in take.downbeats if first <= take.beats[index] <= last]
    shares = sorted([_met(heard, true), _met(true, heard)])
    return shares[1] >= 0.75 and shares[0] >= 0.33


def _met(some: Sequence[float], others: Sequence[float]) -> float:
    return sum(any(abs(one - other) < TOLERANCE for other in others) for one in some) / max(1, len(some))

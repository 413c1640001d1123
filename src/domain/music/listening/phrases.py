"""Phrase boundaries: where a melody pauses or breathes.

A phrase ends in a rest or on a note that is long for this tune: the proximity and change rules of Cambouropoulos, "The
Local Boundary Detection Model" (ICMC 2001), without pitch.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from domain.music.hum import HummedNote

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_CLEAR_REST: Final = 0.2
"""Seconds in which a person can breathe in."""

_LONG: Final = 1.9
"""Times the median distance between onsets from which a note, with a short rest after it, ends a phrase."""

_SHORTEST: Final = 3
"""Notes in a phrase."""


def phrase_starts(notes: Sequence[HummedNote]) -> tuple[int, ...]:
    """Return the index of the first note of each phrase, ascending, starting with 0.

    A phrase has at least three notes, the last one at least two.
    """
    if len(notes) < 2 * _SHORTEST:
        return (0,)
    steps = [after.onset - before.onset for before, after in pairwise(notes)]
    rests = [step - before.duration for step, before in zip(steps, notes, strict=False)]
    usual = median(steps)
    clear = max(_CLEAR_REST, 0.3 * usual, 2.5 * median(rests))  # some people hum everything short
    starts = [0]
    for index in range(1, len(notes)):
        breathes = rests[index - 1] > clear or (rests[index - 1] > 0.1 and steps[index - 1] > _LONG * usual)
        if breathes and index - starts[-1] >= _SHORTEST and len(notes) - index >= 2:
            starts.append(index)
    return tuple(starts)

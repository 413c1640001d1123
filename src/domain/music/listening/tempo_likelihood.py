"""How likely a tempo is for a hum: the probability of the distances between its onsets.

Common distances are probable, odd ones are not. Distances say nothing of where beats lie, so that a tempo which changes
spoils little. Times are seconds, tempi beats per minute, likelihoods in nats.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log, sqrt, tau
from typing import Final

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_SLOWEST: Final = 42.0
_FASTEST: Final = 208.0
_STEP: Final = 1.02  # ratio of one candidate to the next
_SLACK: Final = 0.035  # standard deviation of a distance in seconds
_STRAY: Final = 0.03  # density, per beat, of a distance that is none of the usual ones
_APART: Final = 4  # candidates are local maxima among so many neighbours on each side
_HABIT: Final = 0.8
_TAPPED: Final = 100.0
_TAPPED_SPREAD: Final = 0.4

_LENGTHS: Final = {
    2: {0.25: 0.03, 0.5: 0.25, 0.75: 0.02, 1.0: 0.38, 1.5: 0.08, 2.0: 0.13, 2.5: 0.01, 3.0: 0.05, 4.0: 0.03},
    3: {1 / 3: 0.33, 2 / 3: 0.22, 1.0: 0.24, 1 / 6: 0.02, 4 / 3: 0.03, 5 / 3: 0.02, 2.0: 0.08, 3.0: 0.02, 4.0: 0.02},
}
"""How often notes are so many beats apart, by the parts into which beats divide."""


def likely_tempi(onsets: Sequence[float], parts: int, count: int) -> list[float]:
    """Return the likeliest tempi, best first: at most `count`, each a local maximum."""
    steps = [after - before for before, after in pairwise(onsets)]
    tempi = [_SLOWEST * _STEP**index for index in range(int(log(_FASTEST / _SLOWEST) / log(_STEP)) + 1)]
    scores = [sum(log(_density(step, 60 / tempo, parts)) for step in steps) + _prior(tempo) for tempo in tempi]
    peaks = [
        (score, tempi[index])
        for index, score in enumerate(scores)
        if score == max(scores[max(0, index - _APART) : index + _APART + 1])
    ]
    return [tempo for _, tempo in sorted(peaks, reverse=True)[:count]]


def _prior(tempo: float) -> float:
    """Return the log-likelihood that people would tap a tempo (Parncutt, Music Perception 11(4), 1994)."""
    return -_HABIT * 0.5 * (log(tempo / _TAPPED) / _TAPPED_SPREAD) ** 2


def _density(seconds: float, beat: float, parts: int) -> float:
    """Return the density, per second, of a distance between onsets."""
    beats, slack = seconds / beat, _SLACK / beat
    near = sum(
        share * exp(-0.5 * ((beats - length) / slack) ** 2)
        for length, share in _LENGTHS[parts].items()
        if abs(beats - length) < 3 * slack
    )
    return (near / (slack * sqrt(tau)) + _STRAY) / beat

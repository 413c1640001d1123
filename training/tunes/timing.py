"""Beats in time: a tempo that drifts, and phrases that slow down at their ends."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.tunes.manner import Manner

_ARCH: Final = 0.06
"""Change of the logarithm of tempo over a phrase of full rubato, beside the lengthening of its end."""

_PULL_BACK: Final = 0.85  # share of a tempo's deviation that is left a beat later


def beat_times(
    rng: np.random.Generator, manner: Manner, tempo_bpm: float, accents: NDArray[np.float64], phrases: Sequence[int]
) -> NDArray[np.float64]:
    """Return the seconds of the beats, the first at 0.

    Args:
        rng: Source of every choice.
        manner: How steady the performer is.
        tempo_bpm: About which the tempo drifts.
        accents: Metrical strength of each beat; full ones are sung longer.
        phrases: The beats with which phrases begin.
    """
    count = len(accents)
    log_periods = manner.agogic * (accents >= 1.0)
    walk = 0.0
    for beat in range(count):
        walk = _PULL_BACK * walk + float(rng.normal(0, manner.drift))
        log_periods[beat] += walk - manner.trend * (beat / max(count - 1, 1) - 0.5)
    extra = np.zeros(count)
    for first, after in pairwise((*phrases, count)):
        place = np.linspace(-1, 1, max(after - first, 2))[: after - first]
        log_periods[first:after] += manner.rubato * _ARCH * (2 * place**2 - 1)
        slow = min(3, after - first)
        log_periods[after - slow : after] += manner.rubato * np.array([0.05, 0.12, 0.25])[-slow:]
        if after < count:
            extra[after - 1] = manner.pause * float(rng.uniform(0, 1))
    periods = 60 / tempo_bpm * (np.exp(log_periods) + extra)
    return np.concatenate([[0.0], np.cumsum(periods)[:-1]])

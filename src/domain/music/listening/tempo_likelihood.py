"""How likely a tempo is for a hum: the probability of its onsets, and of the distances between them, under a pulse.

Common rhythms are probable, odd ones are not, and so is a pulse that people would tap: moderate tempi, near 100 beats a
minute (Parncutt, "A Perceptual Model of Pulse Salience and Metrical Accent in Musical Rhythms", Music Perception 11(4),
1994). Times are seconds, tempi beats per minute, likelihoods in nats.
"""

from cmath import phase as angle
from cmath import rect
from collections.abc import Sequence
from itertools import pairwise
from math import exp, log, sqrt, tau
from statistics import median
from typing import Final, NamedTuple, Self

from domain.music.model import HummedNote

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
SLACK: Final = 0.04
"""Seconds by which people miss the beat: standard deviation, breath and drift included."""

_GRID_SHARE: Final = 0.4
"""Weight of the onsets' places: distances between onsets indicate the length of the beat better, places its phase."""

_HABIT: Final = 3.0
"""Weight of the tempi that people tap."""

_USUAL: Final = (60.0, 140.0)
"""Tempi outside of which the prior falls steeply."""

_TAPPED: Final = 100.0  # the tempo that people tap most readily
_TAPPED_SPREAD: Final = 0.4  # standard deviation of the logarithm of tapped tempi
_OUTSIDE: Final = 8.0  # additional loss per unit of log tempo outside the usual ones
_LENGTH_SLACK: Final = 1.3  # times the slack: a distance has two ends
_STRAY: Final = 0.03  # probability density of an onset that belongs to no place

_PLACES: Final = {0.0: 0.62, 0.5: 0.27, 0.25: 0.03, 0.75: 0.04}
_COMPOUND_PLACES: Final = {0.0: 0.6, 1 / 3: 0.17, 2 / 3: 0.2}
"""How often notes begin at a place in the beat."""

_LENGTHS: Final = {
    0.25: 0.02, 0.5: 0.24, 0.75: 0.015, 1.0: 0.4, 1.5: 0.08, 2.0: 0.14, 2.5: 0.01, 3.0: 0.05, 3.5: 0.005, 4.0: 0.03,
}  # fmt: skip
_COMPOUND_LENGTHS: Final = {1 / 3: 0.3, 2 / 3: 0.2, 1.0: 0.3, 4 / 3: 0.03, 5 / 3: 0.02, 2.0: 0.1, 3.0: 0.03, 4.0: 0.02}
"""How often notes are so many beats apart."""


class Onsets(NamedTuple):
    """Onsets in seconds, each one's weight, and how many parts a beat divides into."""

    times: tuple[float, ...]
    weights: tuple[float, ...]
    parts: int

    @classmethod
    def of(cls, notes: Sequence[HummedNote], parts: int) -> Self:
        """Return the onsets of notes; loud and long ones mark the beat and weigh more. The mean weight is 1."""
        usual = median(note.duration for note in notes)
        raw = [(0.5 + note.loudness) * min(1.6, max(0.6, (note.duration / usual) ** 0.5)) for note in notes]
        weights = tuple(value * len(raw) / sum(raw) for value in raw)
        return cls(tuple(note.onset for note in notes), weights, parts)


def best_phase(onsets: Onsets, tempo: float) -> tuple[float, float, float]:
    """Return a tempo's log-likelihood at its best phase, the tempo, and that phase in seconds."""
    beat, parts = 60 / tempo, onsets.parts
    lengths = _COMPOUND_LENGTHS if parts == 3 else _LENGTHS
    rhythm = sum(log(_length_odds(after - before, beat, lengths)) for before, after in pairwise(onsets.times))
    turn = sum(rect(weight, tau * parts * onset / beat) for onset, weight in zip(*onsets[:2], strict=True))
    phases = [(angle(turn) / tau + part) * beat / parts for part in range(parts)]
    grid, phase = max((_grid_score(onsets, beat, phase), phase) for phase in phases)
    return rhythm + _GRID_SHARE * grid + prior(tempo), tempo, phase


def prior(tempo: float) -> float:
    """Return the log-likelihood that people would tap a tempo."""
    outside = max(log(_USUAL[0] / tempo), log(tempo / _USUAL[1]), 0.0)
    return _HABIT * (-0.5 * (log(tempo / _TAPPED) / _TAPPED_SPREAD) ** 2 - _OUTSIDE * outside)


def _length_odds(seconds: float, beat: float, lengths: dict[float, float]) -> float:
    """Return the density, per second, of a distance between onsets."""
    beats, slack = seconds / beat, _LENGTH_SLACK * SLACK / beat
    return (sum(share * _bell(beats - length, slack) for length, share in lengths.items()) + _STRAY) / beat


def _grid_score(onsets: Onsets, beat: float, phase: float) -> float:
    """Return the log-likelihood of the onsets' places in the beat."""
    places, slack = (_COMPOUND_PLACES if onsets.parts == 3 else _PLACES), SLACK / beat
    total = 0.0
    for onset, weight in zip(*onsets[:2], strict=True):
        at = (onset - phase) / beat % 1
        near = sum(share * _bell((at - place + 0.5) % 1 - 0.5, slack) for place, share in places.items())
        total += weight * log(near + _STRAY)
    return total


def _bell(distance: float, slack: float) -> float:
    return exp(-0.5 * (distance / slack) ** 2) / (slack * sqrt(tau)) if abs(distance) < 4 * slack else 0.0

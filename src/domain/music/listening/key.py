"""Key finding: the likeliest of 24 keys for a hummed melody.

A key's score is the correlation of the melody's pitch classes, weighted by length, with the key's profile
(Krumhansl & Schmuckler's algorithm with Temperley's profiles), plus bonuses for the degrees on which the melody begins,
pauses and ends.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, sqrt
from typing import Final

import msgspec

from domain.music.listening.tuning import tempered
from domain.music.model import HummedNote
from domain.music.theory.scale import Scale

_MAJOR: Final = (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0)
_MINOR: Final = (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0)
"""Temperley, "What's Key for Key? The Krumhansl-Schmuckler Key-Finding Algorithm Reconsidered", Music Perception 17(1),
1999."""

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_SUBTONIC: Final = 2.5
"""People hum natural minor more than harmonic: the seventh below the tonic counts more than in Temperley's profile."""

_FINAL: Final = {0: 0.42, 7: 0.1, 4: 0.16, 3: 0.16}
_FIRST: Final = {0: 0.1, 7: 0.08, 4: 0.04, 3: 0.04}
_REST: Final = {0: 0.06, 7: 0.04, 4: 0.03, 3: 0.03, 2: 0.01}
"""Bonuses, in correlation, for degrees (semitones above the tonic) at the end, the start and the ends of phrases."""

_SHARPNESS: Final = 14.0
"""Inverse temperature of the softmax that turns scores into a confidence."""

_DOUBT: Final = 0.6  # by how much another key may score better than a hint that is followed
_INSIDE: Final = 0.9  # share of the sung time that must be in a hint's scale
_LENGTH_POWER: Final = 0.75  # long notes count more, but a fermata is not a vote for a key


class KeyEstimate(msgspec.Struct, frozen=True):
    """A key and its confidence, 0..1."""

    scale: Scale
    confidence: float


def find_key(
    notes: Sequence[HummedNote], tuning_cents: float, phrases: Sequence[int] = (0,), *, hint: Scale | None = None
) -> KeyEstimate:
    """Return the likeliest key of a hum with at least one note.

    A hint is followed where it fits: nearly all of the hum is in its scale, and no other key is far likelier.
    """
    scores = {scale: _score(scale, notes, tuning_cents, phrases) for scale in _KEYS}
    best = max(scores, key=scores.__getitem__)
    if hint and _sung_in(hint, notes, tuning_cents) >= _INSIDE:
        near = hint.relative_major == best.relative_major or scores[best] - scores[hint] < _DOUBT
        best, scores = (hint, {hint: scores[hint]}) if near else (best, scores)
    odds = sum(exp(_SHARPNESS * (score - scores[best])) for score in scores.values())
    return KeyEstimate(best, 1 / odds)


_KEYS: Final = tuple(Scale(tonic, minor) for minor in (False, True) for tonic in range(12))


def _sung_in(scale: Scale, notes: Sequence[HummedNote], tuning_cents: float) -> float:
    """Return the share of the sung time that is in a scale."""
    inside = sum(note.duration for note in notes if scale.fits_melody(tempered(note, tuning_cents)))
    return inside / sum(note.duration for note in notes)


def _score(scale: Scale, notes: Sequence[HummedNote], tuning_cents: float, phrases: Sequence[int]) -> float:
    degrees = [(tempered(note, tuning_cents) - scale.tonic) % 12 for note in notes]
    weights = [0.0] * 12
    for degree, note in zip(degrees, notes, strict=True):
        weights[degree] += note.duration**_LENGTH_POWER
    ends = [last - 1 for _, last in pairwise((*phrases, len(notes)))]
    rests = sum(_degree(_REST, degrees[end], scale) for end in ends[:-1])
    final, first = _degree(_FINAL, degrees[-1], scale), _degree(_FIRST, degrees[0], scale)
    return _correlation(weights, _profile(scale)) + final + first + rests


def _profile(scale: Scale) -> tuple[float, ...]:
    return (*_MINOR[:10], _SUBTONIC, _MINOR[11]) if scale.minor else _MAJOR


def _degree(bonuses: dict[int, float], degree: int, scale: Scale) -> float:
    return 0.0 if degree in {3, 4} and not scale.contains(scale.tonic + degree) else bonuses.get(degree, 0.0)


def _correlation(left: Sequence[float], right: Sequence[float]) -> float:
    centred = [[value - sum(side) / len(side) for value in side] for side in (left, right)]
    norms = [sqrt(sum(value * value for value in side)) for side in centred]
    product = sum(a * b for a, b in zip(*centred, strict=True))
    return product / (norms[0] * norms[1]) if all(norms) else 0.0

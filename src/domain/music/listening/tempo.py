"""The beat of a hum: the pulse under which its onsets are the likeliest.

Every pulse (length and phase) is scored by how probable the onsets and the distances between them are under it; common
rhythms are probable, odd ones are not, and so is a pulse that people tap (Parncutt 1994: near 100 beats a minute).
"""

from cmath import phase as angle
from cmath import rect
from collections.abc import Sequence
from itertools import pairwise
from math import exp, log, sqrt, tau
from statistics import median
from typing import Final, NamedTuple

import msgspec

from domain.music.model import HummedNote

_SLOWEST: Final = 42.0
_FASTEST: Final = 208.0
_USUAL: Final = (60.0, 140.0)
_STEP: Final = 1.009
_GRID_SHARE: Final = 0.4
"""Distances between onsets tell the beat's length better than their places, which tell its phase."""

_HABIT: Final = 3.0
"""Weight of the tempi that people tap, in log-likelihood."""

_PLACES: Final = {0.0: 0.62, 0.5: 0.27, 0.25: 0.03, 0.75: 0.04}
_COMPOUND_PLACES: Final = {0.0: 0.6, 1 / 3: 0.17, 2 / 3: 0.2}
_LENGTHS: Final = {
    0.25: 0.02, 0.5: 0.24, 0.75: 0.015, 1.0: 0.4, 1.5: 0.08, 2.0: 0.14, 2.5: 0.01, 3.0: 0.05, 3.5: 0.005, 4.0: 0.03,
}  # fmt: skip
_COMPOUND_LENGTHS: Final = {1 / 3: 0.3, 2 / 3: 0.2, 1.0: 0.3, 4 / 3: 0.03, 5 / 3: 0.02, 2.0: 0.1, 3.0: 0.03, 4.0: 0.02}
_SLACK: Final = 0.04
"""Seconds by which people miss the beat (standard deviation, breath and drift included)."""

_STRAY: Final = 0.03
_FALLBACK: Final = 90.0
_FEWEST: Final = 3
_SAME: Final = 0.015
_DOUBT: Final = 0.7
"""Nats per onset by which a tempo may be less likely than the best and still be what was hummed; tempi that are 3 % off
cost that much, unrelated ones more than 1.3.
"""


class Pulse(msgspec.Struct, frozen=True):
    """Beats: beat n lies at `first_beat + n * 60 / tempo_bpm` seconds; `confidence` is 0..1."""

    tempo_bpm: float
    first_beat: float
    confidence: float


def find_pulse(notes: Sequence[HummedNote], *, tempo_hint: float | None = None, compound: bool = False) -> Pulse:
    """Return the pulse of a hum with at least one note; beat zero is the beat nearest the first note.

    Args:
        notes: In order of onset.
        tempo_hint: Beats per minute that the musician fixed. Where the hum can be counted so, only the phase is
            searched; where its onsets contradict it, it is a wish for the piece and says nothing about the hum.
        compound: Whether beats divide by three.
    """
    if len(notes) < _FEWEST:
        return Pulse(tempo_hint or _FALLBACK, notes[0].onset, 0.0)
    heard = _Onsets(tuple(note.onset for note in notes), _weights(notes), 3 if compound else 2)
    ranked = sorted((_best_phase(heard, tempo) for tempo in _candidates()), reverse=True)
    score, tempo, phase = ranked[0]
    tempo, phase = _refined(heard, tempo, phase)
    rivals = [rival for rival, other, _ in ranked if abs(log(other / tempo)) > 0.06]
    confidence = 1 / (1 + exp(max(rivals, default=score) - score))
    if tempo_hint and _countable(heard, tempo, tempo_hint):
        _, tempo, phase = _best_phase(heard, tempo_hint)
        confidence = 1.0
    beat = 60 / tempo
    first = phase + beat * round((notes[0].onset - phase) / beat)
    return Pulse(tempo, first, confidence * _steadiness(heard, tempo, first))


class _Onsets(NamedTuple):
    """Onsets in seconds, each one's say, and how many parts a beat divides into."""

    times: tuple[float, ...]
    weights: tuple[float, ...]
    parts: int


def _candidates() -> list[float]:
    count = int(log(_FASTEST / _SLOWEST) / log(_STEP))
    return [_SLOWEST * _STEP**index for index in range(count + 1)]


def _countable(heard: _Onsets, tempo: float, wanted: float) -> bool:
    """Whether the hum can be counted at the tempo that is wanted: a multiple of the best, or nearly as likely."""
    if any(abs(log(wanted * multiple / tempo)) < _SAME for multiple in (1 / 3, 1 / 2, 1, 2, 3)):
        return True
    scores = [_best_phase(heard, one)[0] - _prior(one) for one in (tempo, wanted)]
    return scores[0] - scores[1] < _DOUBT * len(heard.times)


def _weights(notes: Sequence[HummedNote]) -> tuple[float, ...]:
    """Return each onset's say: loud and long notes mark the beat. Their mean is 1."""
    usual = median(note.duration for note in notes)
    raw = [(0.5 + note.loudness) * min(1.6, max(0.6, (note.duration / usual) ** 0.5)) for note in notes]
    return tuple(value * len(raw) / sum(raw) for value in raw)


def _best_phase(heard: _Onsets, tempo: float) -> tuple[float, float, float]:
    """Return a tempo's log-likelihood at its best phase, the tempo, and that phase in seconds."""
    beat, parts = 60 / tempo, heard.parts
    lengths = _COMPOUND_LENGTHS if parts == 3 else _LENGTHS
    rhythm = sum(log(_length_odds(after - before, beat, lengths)) for before, after in pairwise(heard.times))
    turn = sum(rect(weight, tau * parts * onset / beat) for onset, weight in zip(*heard[:2], strict=True))
    phases = [(angle(turn) / tau + part) * beat / parts for part in range(parts)]
    grid, phase = max((_grid_score(heard, beat, phase), phase) for phase in phases)
    return rhythm + _GRID_SHARE * grid + _prior(tempo), tempo, phase


def _prior(tempo: float) -> float:
    outside = max(log(_USUAL[0] / tempo), log(tempo / _USUAL[1]), 0.0)
    return _HABIT * (-0.5 * (log(tempo / 100) / 0.4) ** 2 - 8 * outside)


def _length_odds(seconds: float, beat: float, lengths: dict[float, float]) -> float:
    """Return the density, per second, of a distance between onsets."""
    beats, slack = seconds / beat, 1.3 * _SLACK / beat
    return (sum(share * _bell(beats - length, slack) for length, share in lengths.items()) + _STRAY) / beat


def _grid_score(heard: _Onsets, beat: float, phase: float) -> float:
    places, slack = (_COMPOUND_PLACES if heard.parts == 3 else _PLACES), _SLACK / beat
    total = 0.0
    for onset, weight in zip(*heard[:2], strict=True):
        at = (onset - phase) / beat % 1
        near = sum(share * _bell((at - place + 0.5) % 1 - 0.5, slack) for place, share in places.items())
        total += weight * log(near + _STRAY)
    return total


def _bell(distance: float, slack: float) -> float:
    return exp(-0.5 * (distance / slack) ** 2) / (slack * sqrt(tau)) if abs(distance) < 4 * slack else 0.0


def _refined(heard: _Onsets, tempo: float, phase: float) -> tuple[float, float]:
    """Fit beats to onsets by least squares, onsets that miss the grid left out."""
    for _ in range(3):
        beat = 60 / tempo
        places = [round((onset - phase) / beat * heard.parts) / heard.parts for onset in heard.times]
        fits = [
            (place, onset, weight)
            for place, onset, weight in zip(places, *heard[:2], strict=True)
            if abs(onset - phase - place * beat) < 3 * _SLACK
        ]
        slope, origin = _line(fits, beat)
        if not 0.94 < slope / beat < 1.06:
            break
        tempo, phase = 60 / slope, origin
    return tempo, phase


def _line(fits: Sequence[tuple[float, float, float]], slope: float) -> tuple[float, float]:
    """Return slope and origin of the weighted regression of (x, y, weight); `slope` where x does not vary."""
    weight = sum(w for *_, w in fits) or 1.0
    x, y = (sum(fit[axis] * fit[2] for fit in fits) / weight for axis in (0, 1))
    spread = sum(w * (at - x) ** 2 for at, _, w in fits)
    if spread > 1e-9:
        slope = sum(w * (at - x) * (onset - y) for at, onset, w in fits) / spread
    return slope, y - slope * x


def _steadiness(heard: _Onsets, tempo: float, first: float) -> float:
    """Return the share of onsets that lie within 60 ms of the grid."""
    line = 60 / tempo / heard.parts
    misses = [abs((onset - first) / line - round((onset - first) / line)) * line for onset in heard.times]
    met = sum(weight for miss, weight in zip(misses, heard.weights, strict=True) if miss < 0.06)
    return met / sum(heard.weights)

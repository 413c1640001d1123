"""Beat tracking: the steady pulse of a hum.

Every pulse, a tempo and a phase, is scored by how likely the onsets are under it (`tempo_likelihood`); the best one is
refined by least squares, because a hum is short enough for one tempo throughout.
"""

from collections.abc import Sequence
from math import exp, log
from typing import Final

import msgspec

from domain.music.listening.tempo_likelihood import SLACK, Onsets, best_phase, prior
from domain.music.model import HummedNote

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_SLOWEST: Final = 42.0
_FASTEST: Final = 208.0
_STEP: Final = 1.009  # ratio of one candidate to the next
_FALLBACK: Final = 90.0  # beats per minute of a hum with too few notes
_FEWEST: Final = 3  # notes in which a beat can be found
_RIVAL: Final = 0.06  # log ratio from which another tempo counts as a different answer
_SAME: Final = 0.015  # log ratio within which two tempi are the same
_DOUBT: Final = 0.7
"""Nats per onset by which a tempo may be less likely than the best and still be what was hummed; tempi that are 3 % off
cost that much, unrelated ones more than 1.3.
"""

_REFINEMENTS: Final = 3  # rounds of least squares
_MISSED: Final = 3 * SLACK  # seconds from the grid beyond which an onset is left out of them
_DRIFT: Final = (0.94, 1.06)  # ratio of a refined beat to the one before within which it is believed
_MET: Final = 0.06  # seconds from the grid within which an onset is steady


class Pulse(msgspec.Struct, frozen=True):
    """Beats: beat n lies at `first_beat + n * 60 / tempo_bpm` seconds; `confidence` is 0..1."""

    tempo_bpm: float
    first_beat: float
    confidence: float


def find_pulse(notes: Sequence[HummedNote], *, tempo_hint: float | None = None, compound: bool = False) -> Pulse:
    """Return the pulse of a hum with at least one note; beat zero is the beat nearest the first note.

    Args:
        notes: In order of onset.
        tempo_hint: Beats per minute that the musician fixed. Where the hum can be counted at that tempo, only the phase
            is searched. Where its onsets contradict it, the hint applies to the piece only and is ignored here.
        compound: Whether beats divide by three.
    """
    if len(notes) < _FEWEST:
        return Pulse(tempo_hint or _FALLBACK, notes[0].onset, 0.0)
    onsets = Onsets.of(notes, parts=3 if compound else 2)
    ranked = sorted((best_phase(onsets, tempo) for tempo in _candidates()), reverse=True)
    score, tempo, phase = ranked[0]
    tempo, phase = _refined(onsets, tempo, phase)
    rivals = [rival for rival, other, _ in ranked if abs(log(other / tempo)) > _RIVAL]
    confidence = 1 / (1 + exp(max(rivals, default=score) - score))
    if tempo_hint and _countable(onsets, tempo, tempo_hint):
        _, tempo, phase = best_phase(onsets, tempo_hint)
        confidence = 1.0
    beat = 60 / tempo
    first = phase + beat * round((notes[0].onset - phase) / beat)
    return Pulse(tempo, first, confidence * _steadiness(onsets, tempo, first))


def _candidates() -> list[float]:
    count = int(log(_FASTEST / _SLOWEST) / log(_STEP))
    return [_SLOWEST * _STEP**index for index in range(count + 1)]


def _countable(onsets: Onsets, tempo: float, wanted: float) -> bool:
    """Return whether the hum can be counted at a wanted tempo: a multiple of the best, or nearly as likely."""
    if any(abs(log(wanted * multiple / tempo)) < _SAME for multiple in (1 / 3, 1 / 2, 1, 2, 3)):
        return True
    scores = [best_phase(onsets, one)[0] - prior(one) for one in (tempo, wanted)]
    return scores[0] - scores[1] < _DOUBT * len(onsets.times)


def _refined(onsets: Onsets, tempo: float, phase: float) -> tuple[float, float]:
    """Fit beats to onsets by least squares, onsets that miss the grid left out."""
    for _ in range(_REFINEMENTS):
        beat = 60 / tempo
        places = [round((onset - phase) / beat * onsets.parts) / onsets.parts for onset in onsets.times]
        fits = [
            (place, onset, weight)
            for place, onset, weight in zip(places, *onsets[:2], strict=True)
            if abs(onset - phase - place * beat) < _MISSED
        ]
        slope, origin = _line(fits, beat)
        if not _DRIFT[0] < slope / beat < _DRIFT[1]:
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


def _steadiness(onsets: Onsets, tempo: float, first: float) -> float:
    """Return the share of onsets close to the grid."""
    line = 60 / tempo / onsets.parts
    misses = [abs((onset - first) / line - round((onset - first) / line)) * line for onset in onsets.times]
    met = sum(weight for miss, weight in zip(misses, onsets.weights, strict=True) if miss < _MET)
    return met / sum(onsets.weights)

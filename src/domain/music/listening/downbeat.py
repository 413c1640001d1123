"""Downbeats: where the bars of a hum begin, and whether they have three beats or four.

A bar line is likely where notes are long, loud, first or last in a phrase, and bars are likely as long as the distance
after which the rhythm recurs (Temperley & Sleator, "Modeling Meter and Harmony", Computer Music Journal 23(1), 1999).
"""

from collections.abc import Sequence
from math import ceil, floor
from typing import Final

import msgspec

from domain.music.listening.tempo import Pulse
from domain.music.model import HummedNote

# The numbers below are evaluated, and can be fitted again, by training/listening_weights.py.
_LONG: Final = 0.5  # accent of a beat of length
_LOUD: Final = 1.6  # accent of full loudness
_USUAL_LOUDNESS: Final = 0.7
_PHRASE: Final = 0.5  # accent of a phrase's first note
_LAST: Final = 0.3  # accent of a phrase's last note, if it is long
_LONG_LAST: Final = 1.2  # beats
_LONGEST: Final = 3.0  # beats of a note that count
_BARE: Final = -0.5  # score of a downbeat without an onset
_REPEATS: Final = 1.2  # weight of rhythmic recurrence
_CLEAR: Final = 0.45
"""By how much three beats must explain a hum better than four to be chosen."""


class Bars(msgspec.Struct, frozen=True):
    """Bars: the time in the recording of beat zero, the likeliest downbeat, and beats in a bar."""

    first_beat: float
    beats: float


def find_bars(notes: Sequence[HummedNote], pulse: Pulse, phrases: Sequence[int], beats: float | None = None) -> Bars:
    """Return the bars of a hum; `beats` fixes their length. Notes before beat zero are a pick-up."""
    accents = _accents(notes, pulse, phrases)
    lengths = [beats] if beats else [4.0, 3.0]
    scored = {length: _best_offset(accents, length) for length in lengths}
    chosen = lengths[0]
    if len(lengths) > 1:
        evidence = scored[3.0][0] - scored[4.0][0] + _REPEATS * (_recurrence(accents, 3) - _recurrence(accents, 4))
        chosen = 3.0 if evidence > _CLEAR else 4.0
    offset = scored[chosen][1]
    first = min(accents, default=0.0)
    start = offset + chosen * round((first - offset) / chosen)
    if start - first > 0.5 * chosen:
        start -= chosen
    return Bars(pulse.first_beat + start * 60 / pulse.tempo_bpm, chosen)


def _accents(notes: Sequence[HummedNote], pulse: Pulse, phrases: Sequence[int]) -> dict[float, float]:
    """Return the accent of each note by its place in beats, rounded to halves; about 0..3."""
    places = [round((note.onset - pulse.first_beat) * pulse.tempo_bpm / 30) / 2 for note in notes]
    accents = dict[float, float]()
    for index, (note, place) in enumerate(zip(notes, places, strict=True)):
        until = places[index + 1] if index + 1 < len(notes) else place + note.duration * pulse.tempo_bpm / 60
        length = min(_LONGEST, until - place)
        last = index + 1 in phrases or index + 1 == len(notes)
        accents[place] = (
            _LONG * length
            + _LOUD * (note.loudness - _USUAL_LOUDNESS)
            + _PHRASE * (index in phrases)
            + _LAST * last * (length > _LONG_LAST)
        )
    return accents


def _best_offset(accents: dict[float, float], length: float) -> tuple[float, float]:
    """Return how well the best offset of bars of a length explains the accents, and that offset."""
    return max((_bar_score(accents, length, float(offset)), -offset) for offset in range(ceil(length)))


def _bar_score(accents: dict[float, float], length: float, offset: float) -> float:
    first, last = min(accents), max(accents)
    bars = range(ceil((first + offset) / length), floor((last + offset) / length) + 1)
    return sum(accents.get(bar * length - offset, _BARE) for bar in bars) / max(len(bars), 1)


def _recurrence(accents: dict[float, float], length: int) -> float:
    """Return how much the rhythm at each half-beat resembles the one one, two and four bars later: −1..1."""
    first, last = min(accents), max(accents)
    count = int((last - first) * 2) + 1
    rhythm = [accents.get(first + index / 2, -0.3) for index in range(count)]
    mean = sum(rhythm) / count
    rhythm = [value - mean for value in rhythm]
    power = sum(value * value for value in rhythm) / count or 1.0
    best = [
        sum(a * b for a, b in zip(rhythm, rhythm[lag:], strict=False)) / (count - lag) / power
        for lag in (2 * length, 4 * length)
        if count - lag > 4
    ]
    return sum(best) / len(best) if best else 0.0

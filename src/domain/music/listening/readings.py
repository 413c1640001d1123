"""Readings of a hum: a pulse, a time signature and where bars begin, described by what speaks for them.

A reading's features are sums, over the notes, of each accent at each metrical level, with what is known of tempi,
rhythms and recurrence. Their weights are those of a log-linear model (Temperley, "Music and Probability", 2007, has the
generative counterpart), fitted by training/metre_weights.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil, floor, log
from typing import Final, NamedTuple

from domain.music.listening.accents import ACCENTS
from domain.music.listening.beat_tracking import Track
from domain.music.listening.recurrence import recurring_onsets, recurring_steps

BARS: Final[Mapping[int, Mapping[str, float]]] = {
    2: {"2/4": 2.0, "3/4": 3.0, "4/4": 4.0, "5/4": 5.0},
    3: {"6/8": 2.0},
}
"""The time signatures that are heard, with the beats of their bars, by the parts into which beats divide."""

_STRONG: Final = {4.0: (4,), 5.0: (4, 6), 3.5: (4,), 6.0: (6,), 7.0: (8,), 8.0: (8,)}
"""Half-beats of the bar that are strong beside its first, by the beats of the bar."""

_LEVELS: Final = ("down", "strong", "beat", "off")
_MANY: Final = 50  # notes beyond which evidence is averaged, not summed
_COUNTS: Final = {0.25: 0, 0.5: 1, 0.75: 2, 1.0: 3, 1.5: 4, 2.0: 5, 3.0: 6, 4.0: 7}

FEATURES: Final = (
    *(f"{accent} {level}" for level in _LEVELS for accent in ("note", *ACCENTS)),
    "empty down", "empty beat", "fit", "stray", "half", "fine", "steps", "tempo", "tempo²", "density", "density²",
    "compound", "compound tempo", "compound tempo²", "compound density", "2/4", "3/4", "5/4", "phrases",
    "rhythm", "rhythm 2", "rhythm 4", "contour", "contour 2", "contour 4",
)  # fmt: skip
"""The names of a reading's features, in order."""


class Heard(NamedTuple):
    """What is known of the notes before they are counted.

    Attributes:
        accents: Of each note, in the order of `ACCENTS`.
        phrases: Index of the first note of each phrase.
        pitches: Written MIDI numbers.
    """

    accents: Sequence[tuple[float, ...]]
    phrases: Sequence[int]
    pitches: Sequence[int]


class Reading(NamedTuple):
    """A way to count a track: bars of a time signature begin on the beats `first + n * bar`."""

    time_signature: str
    bar: float
    first: float
    features: tuple[float, ...]


def readings_of(heard: Heard, track: Track, parts: int, tempo: float, bars: Mapping[str, float]) -> Iterator[Reading]:
    """Yield every way to count a track.

    Args:
        heard: The notes.
        track: Their places.
        parts: Into which beats divide.
        tempo: Beats per minute.
        bars: The time signatures to consider, with the beats of their bars.
    """
    halves = [_half(place) if met else None for place, met in zip(track.places, track.met, strict=True)]
    scale = min(1.0, _MANY / len(halves))
    pulse = _pulse(track, parts, tempo, scale)
    for signature, bar in bars.items():
        size = round(2 * bar)
        sums, counts = _by_place(halves, heard.accents, size)
        metre = _metre(heard, track, halves, signature, bar)
        for first in range(0, size, 2 if bar.is_integer() else 1):
            levels = _levels(sums, first, bar)
            empty = _empty(halves, counts, first, size)
            beats = [scale * value for value in (*levels, *empty)]
            yield Reading(signature, bar, first / 2, (*beats, *pulse, *metre))


def _half(place: float) -> int | None:
    """Return a place in half-beats, None where it lies between them."""
    nearest = round(2 * place)
    return nearest if abs(2 * place - nearest) < 0.04 else None


def _by_place(
    halves: Sequence[int | None], accents: Sequence[tuple[float, ...]], size: int
) -> tuple[list[list[float]], list[int]]:
    """Return the sums of the accents at each half-beat of the bar, last between them, and how many are taken."""
    rows: list[list[tuple[float, ...]]] = [[] for _ in range(size + 1)]
    taken = [set[int]() for _ in range(size + 1)]
    for half, row in zip(halves, accents, strict=True):
        place = size if half is None else half % size
        rows[place].append((1.0, *row))
        taken[place].add(half or 0)
    nothing = [0.0] * (len(ACCENTS) + 1)
    return [list(map(sum, zip(*found, strict=True))) or nothing for found in rows], [len(places) for places in taken]


def _levels(sums: Sequence[Sequence[float]], first: int, bar: float) -> list[float]:
    """Return the sums of the accents at each level, one level after the other."""
    size = len(sums) - 1
    strong = {(first + half) % size for half in _STRONG.get(bar, ())}
    members: dict[str, list[Sequence[float]]] = {"down": [sums[first]], "strong": [], "beat": [], "off": [sums[size]]}
    for place in range(size):
        if place != first:
            even = (place - first) % size % 2 == 0
            members["strong" if place in strong else "beat" if even else "off"].append(sums[place])
    nothing = [0.0] * len(sums[0])
    return [value for level in _LEVELS for value in map(sum, zip(nothing, *members[level], strict=True))]


def _empty(halves: Sequence[int | None], counts: Sequence[int], first: int, size: int) -> tuple[float, float]:
    """Return how many bar lines, and how many beats, have no onset."""
    placed = [half for half in halves if half is not None] or [0]
    low, high = placed[0], placed[-1]
    bars = floor((high - first) / size) - ceil((low - first) / size) + 1
    beats = high // 2 - (low + 1) // 2 + 1
    return max(0.0, bars - counts[first]), max(0.0, beats - sum(counts[place] for place in range(0, size, 2)))


def _pulse(track: Track, parts: int, tempo: float, scale: float) -> list[float]:
    """Return the features that do not depend on the bars."""
    places = track.places
    parts_of = [place % 1.0 for place, met in zip(places, track.met, strict=True) if met]
    half = sum(0.2 < part < 0.8 for part in parts_of)
    fine = sum(min(abs(part * parts - round(part * parts)), 1) > 0.04 for part in parts_of)
    steps = sum(_STEP_PRICE.get(round(12 * (after - before)), -3.5) for before, after in pairwise(places))
    beats = max(places[-1] - places[0], 1.0)
    speed, density, compound = log(tempo / 100), log(len(places) / beats), float(parts == 3)
    summed = [scale * value for value in (track.score, sum(not met for met in track.met), half, fine, steps)]
    simple = 1 - compound
    return [
        *summed, simple * speed, simple * speed**2, simple * density, density**2,
        compound, compound * speed, compound * speed**2, compound * density,
    ]  # fmt: skip


_STEP_PRICE: Final = {
    round(12 * beats): log(share)
    for beats, share in {
        1 / 6: 0.02, 0.25: 0.05, 1 / 3: 0.15, 0.5: 0.25, 2 / 3: 0.12, 0.75: 0.03, 1.0: 0.35, 4 / 3: 0.03, 1.5: 0.08,
        5 / 3: 0.03, 2.0: 0.13, 2.5: 0.02, 3.0: 0.05, 4.0: 0.04,
    }.items()
}  # fmt: skip


def _metre(heard: Heard, track: Track, halves: Sequence[int | None], signature: str, bar: float) -> list[float]:
    """Return the features that depend on the length of the bar, not on where bars begin."""
    names = [float(signature == name) for name in ("2/4", "3/4", "5/4")]
    starts = [round(2 * track.places[index]) % round(2 * bar) for index in heard.phrases]
    regular = max(map(starts.count, starts)) / len(starts) if len(starts) > 1 else 0.5
    rhythm = {half for half in halves if half is not None}
    moves = {
        (half, after - before)
        for half, (before, after) in zip(halves, pairwise(heard.pitches), strict=False)
        if half is not None
    }
    lags = [round(2 * bar * bars) for bars in (1, 2, 4)]
    return [
        *names,
        regular,
        *(recurring_onsets(rhythm, lag) for lag in lags),
        *(recurring_steps(moves, lag) for lag in lags),
    ]

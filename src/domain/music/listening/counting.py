"""Counting: every way to count a hum at its likely tempi, each with its score."""

from collections.abc import Iterator, Mapping, Sequence
from math import log
from operator import mul
from statistics import median
from typing import Final, NamedTuple

from domain.music.hum import HummedNote
from domain.music.listening.beat_smoothing import Point
from domain.music.listening.beat_tracking import Track, track_beats
from domain.music.listening.reading_weights import WEIGHTS
from domain.music.listening.readings import BARS, FEATURES, Heard, Reading, readings_of
from domain.music.listening.tempo_likelihood import likely_tempi

_TEMPI: Final = {2: 4, 3: 3}  # likeliest tempi that are tracked, by the parts into which beats divide
_DOUBLED: Final = 2  # of these, how many are tracked at half and double tempo too
_SLOWEST: Final = 40.0
_FASTEST: Final = 220.0
_SPAN: Final = 1.5  # beats over which tempo is measured, at least
_WEIGHTS: Final = tuple(WEIGHTS[name] for name in FEATURES)
_SAME: Final = 0.045  # log ratio within which two tempi are the same

Bars = Mapping[int, Mapping[str, float]]
"""Time signatures with the beats of their bars, by the parts into which beats divide."""


class Counted(NamedTuple):
    """A reading of a track with its score and tempo."""

    score: float
    tempo: float
    track: Track
    reading: Reading


def count_all(
    notes: Sequence[HummedNote], heard: Heard, bars: Bars = BARS, tempo: float | None = None
) -> Iterator[Counted]:
    """Yield every reading of the tracks at likely tempi, or at a given one; the notes are at least two."""
    onsets = [note.onset for note in notes]
    breaths = [index in heard.phrases for index in range(len(notes))]
    seen = set[tuple[int, tuple[float, ...]]]()
    for parts, signatures in bars.items():
        for start in [tempo] if tempo else _tempi(onsets, parts):
            for track in track_beats(onsets, 60 / start, parts, breaths):
                if (parts, track.places) in seen:
                    continue  # two tempi led to the same beats
                seen.add((parts, track.places))
                tracked = _tempo(onsets, track) or start
                for reading in readings_of(heard, track, parts, tracked, signatures):
                    yield Counted(sum(map(mul, _WEIGHTS, reading.features)), tracked, track, reading)


def _tempi(onsets: Sequence[float], parts: int) -> list[float]:
    """Return the tempi to track: the likeliest ones, and half and double the very likeliest."""
    tempi = likely_tempi(onsets, parts, _TEMPI[parts])
    for tempo in tempi[:_DOUBLED]:
        for other in (tempo / 2, tempo * 2):
            if _SLOWEST < other < _FASTEST and not any(same_tempo(other, known) for known in tempi):
                tempi.append(other)
    return tempi


def same_tempo(tempo: float, other: float) -> bool:
    """Return whether two tempi are the same, within some percent."""
    return abs(log(tempo / other)) < _SAME


def _tempo(onsets: Sequence[float], track: Track) -> float | None:
    """Return the median tempo of a track, None if it is too short."""
    points = [Point(place, onset) for place, onset, met in zip(track.places, onsets, track.met, strict=True) if met]
    periods = [
        (after.onset - point.onset) / (after.place - point.place)
        for index, point in enumerate(points)
        for after in points[index + 1 : index + 8]
        if after.place - point.place >= _SPAN
    ]
    return 60 / median(periods) if periods and median(periods) > 0.05 else None

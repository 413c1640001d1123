"""Metres as tunes use them: beats in a bar, how strong each is, and the rhythm cells that fill them.

Accents follow the metrical grid of Lerdahl and Jackendoff, "A Generative Theory of Tonal Music" (1983): 1 on the bar
line, less on the beats that divide the bar, least between beats.
"""

from typing import Final

import msgspec
import numpy as np


class Metre(msgspec.Struct, frozen=True):
    """A time signature.

    Attributes:
        beats: In a bar; a beat of 6/8 is a dotted quarter.
        parts: Into which a beat divides: 2 or 3.
        accents: Strength of each beat, 0..1.
        share: How often tunes are in it.
        tempi: Beats per minute of the slowest tunes, of most, and of the fastest.
    """

    beats: int
    parts: int
    accents: tuple[float, ...]
    share: float
    tempi: tuple[float, float, float]

    def strength(self, beat: float) -> float:
        """Return the metrical strength of a place, 0..1; `beat` counts from a bar line and may be negative."""
        whole = round(beat)
        if abs(beat - whole) < 1e-6:
            return self.accents[whole % self.beats]
        return 0.15 if abs(beat * self.parts - round(beat * self.parts)) < 1e-6 else 0.0


METRES: Final = {
    "2/4": Metre(2, 2, (1.0, 0.4), 0.14, (60, 105, 140)),
    "3/4": Metre(3, 2, (1.0, 0.4, 0.4), 0.22, (60, 115, 180)),
    "4/4": Metre(4, 2, (1.0, 0.4, 0.7, 0.4), 0.4, (50, 105, 170)),
    "6/8": Metre(2, 3, (1.0, 0.6), 0.16, (45, 72, 112)),
    "5/4": Metre(5, 2, (1.0, 0.4, 0.4, 0.7, 0.4), 0.08, (80, 130, 180)),
}

_SIMPLE: Final = {
    (1.0,): 9.0, (0.5, 0.5): 7.0, (2.0,): 3.5, (1.5, 0.5): 3.0, (0.75, 0.25): 1.4, (0.5, 0.25, 0.25): 0.5,
    (0.25, 0.25, 0.5): 0.4, (0.25, 0.25, 0.25, 0.25): 0.5, (3.0,): 0.8, (0.5, 1.0, 0.5): 0.7,
    (1 / 3, 1 / 3, 1 / 3): 0.3, (0.25, 0.75): 0.15, (1.0, 0.5, 0.5): 2.0,
}  # fmt: skip
_COMPOUND: Final = {
    (1.0,): 4.0, (2 / 3, 1 / 3): 8.0, (1 / 3, 1 / 3, 1 / 3): 6.0, (2.0,): 1.5, (1 / 3, 2 / 3): 0.6,
    (1 / 2, 1 / 6, 1 / 3): 0.7, (5 / 3, 1 / 3): 1.0,
}  # fmt: skip

_FASTEST: Final = 0.13  # seconds of the shortest notes that people sing in time

Rhythm = tuple[float, ...]
"""Lengths in beats."""


def bar_rhythm(rng: np.random.Generator, metre: Metre, tempo_bpm: float, note_seconds: float) -> Rhythm:
    """Return the notes of a bar, of about a wanted mean length in seconds."""
    lengths, at = list[float](), 0.0
    while at < metre.beats - 1e-6:
        cells = [cell for cell in _cells(metre) if at + sum(cell) <= metre.beats + 1e-6]
        weights = np.array([_weight(cell, metre, at, note_seconds * tempo_bpm / 60) for cell in cells])
        weights *= [1.0 if min(cell) * 60 / tempo_bpm > _FASTEST else 0.01 for cell in cells]
        cell = cells[int(rng.choice(len(cells), p=weights / weights.sum()))]
        lengths += cell
        at += sum(cell)
    return tuple(lengths)


def _cells(metre: Metre) -> dict[Rhythm, float]:
    return _COMPOUND if metre.parts == 3 else _SIMPLE


def _weight(cell: Rhythm, metre: Metre, at: float, usual_beats: float) -> float:
    """Return how likely a cell is at a place: long notes begin on strong beats, and the singer can sing it."""
    fit = np.log(sum(cell) / len(cell) / usual_beats)
    shortest = min(cell) / usual_beats
    strong = metre.strength(at) ** 1.5 if max(cell) > 1.0 else 1.0
    return float(_cells(metre)[cell] * strong * np.exp(-1.2 * fit**2) * min(1.0, (shortest / 0.3) ** 2))

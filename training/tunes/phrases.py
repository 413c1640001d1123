"""The pitch of a phrase: a line on the steps of a scale that moves by gestures and follows a harmony.

Steps are most common, leaps are mostly followed by a step back, strong beats prefer the tones of the bar's chord, and
the line is drawn to the middle of the voice (Huron, "Sweet Anticipation", 2006; Temperley, "Music and Probability",
2007).
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from training.tunes.metres import Metre

MODES: Final = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
}
"""Semitones above the tonic."""

_MOVES: Final = (-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5)
_GESTURES: Final = {
    "steps": ((0.5, 1, 3, 9, 34, 11, 34, 9, 3, 1, 0.5), 0.5),
    "repeats": ((0.5, 1, 2, 4, 14, 45, 14, 4, 2, 1, 0.5), 0.17),
    "arpeggio": ((1, 6, 8, 30, 4, 3, 4, 30, 8, 6, 1), 0.14),
    "leaps": ((3, 6, 10, 14, 18, 6, 18, 14, 10, 6, 3), 0.08),
    "run": ((0, 0, 0, 3, 44, 1, 44, 3, 0, 0, 0), 0.12),
}
"""How likely a gesture moves by so many steps of the scale, and how common it is."""

_CHORDS: Final = {0: (0, 2, 4), 3: (3, 5, 0), 4: (4, 6, 1), 5: (5, 0, 2), 1: (1, 3, 5)}
"""Scale steps of the chords on some roots."""


class Voice(msgspec.Struct, frozen=True):
    """The scale on which a line moves: semitones of a mode, the tonic's MIDI number, and the range in steps."""

    steps: tuple[int, ...]
    home: int
    lowest: int
    highest: int

    def pitch(self, place: int) -> int:
        """Return the MIDI number of a step counted from the tonic."""
        octave, step = divmod(place, len(self.steps))
        return self.home + 12 * octave + self.steps[step]

    def nearest(self, place: int, degrees: Sequence[int]) -> int:
        """Return the closest step in range whose degree is one of some."""
        size = len(self.steps)
        inside = [step for step in range(self.lowest, self.highest + 1) if step % size in {d % size for d in degrees}]
        return min(inside or [place], key=lambda step: abs(step - place))


def line(
    rng: np.random.Generator, voice: Voice, metre: Metre, starts: Sequence[float], *, begin: int, end: Sequence[int]
) -> list[int]:
    """Return the steps of a phrase.

    Args:
        rng: Source of every choice.
        voice: The scale and the range.
        metre: Strong beats take tones of the bar's chord.
        starts: Of the notes, in beats from a bar line.
        begin: The step near which it begins.
        end: Degrees, one of which the last note takes.
    """
    places, place, leap = list[int](), begin, 0
    chords = {bar: _chord(rng) for bar in {int(start // metre.beats) for start in starts}}
    gestures = {bar: _gesture(rng) for bar in chords}
    direction = int(rng.choice([-1, 1]))
    for index, start in enumerate(starts):
        bar = int(start // metre.beats)
        if index:
            weights = _move_weights(voice, gestures[bar], place, leap, direction)
            move = int(rng.choice(_MOVES, p=weights / weights.sum()))
            direction, leap, place = (int(np.sign(move)) or direction), move, place + move
        if metre.strength(start) > 0.5 and rng.random() < 0.65:
            place = voice.nearest(place, chords[bar])
        places.append(place)
    places[-1] = voice.nearest(place, end)
    return places


def _chord(rng: np.random.Generator) -> tuple[int, ...]:
    return _CHORDS[int(rng.choice([0, 0, 0, 4, 4, 3, 3, 5, 1]))]


def _gesture(rng: np.random.Generator) -> str:
    shares = np.array([share for _, share in _GESTURES.values()])
    return str(rng.choice(list(_GESTURES), p=shares / shares.sum()))


def _move_weights(voice: Voice, gesture: str, place: int, leap: int, direction: int) -> NDArray[np.float64]:
    """Return the weights of the moves: inside the range, back after a leap, on in a run."""
    moves = np.array(_MOVES)
    weights = np.array(_GESTURES[gesture][0], dtype=np.float64)
    to = place + moves
    middle, half = (voice.lowest + voice.highest) / 2, (voice.highest - voice.lowest) / 2
    weights *= np.where((to < voice.lowest) | (to > voice.highest), 1e-9, np.exp(-0.9 * ((to - middle) / half) ** 2))
    if abs(leap) >= 3:
        weights *= np.where(np.sign(moves) == -np.sign(leap), 3.0, 1.0)
    if gesture in {"run", "arpeggio"}:
        weights *= np.where(np.sign(moves) == direction, 4.0, 1.0)
    return weights

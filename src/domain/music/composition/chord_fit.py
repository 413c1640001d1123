"""How well chords fit a melody: chord notes and their accents count for a chord, clashes against it."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from domain.music.score import MelodyNote
from domain.music.theory.chords import Harmony
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

_ACCENTS: Final = (1.6, 1.1, 0.8)
"""Weight of notes on a chord's first beat, on any beat, and between beats."""

_ON_BEAT: Final = 0.1  # beats from a beat within which a note is on it
_CHORD_NOTE: Final = 1.0
_CHORD_FIFTH: Final = 0.9
_PASSING: Final = -0.4
_CLASH: Final = -1.5
"""Fit of a note: in the chord, its fifth, in the scale only; or a semitone above a chord note, or outside the scale."""


def pitch_class_weights(melody: tuple[MelodyNote, ...], start: float, beats: float, meter: Meter) -> dict[int, float]:
    """Return the accented beats of each pitch class while a chord would sound."""
    weights: dict[int, float] = {}
    for note in melody:
        overlap = min(note.start + note.beats, start + beats) - max(note.start, start)
        if overlap > 1e-6:
            weights[note.pitch % 12] = weights.get(note.pitch % 12, 0.0) + overlap * _accent(note, start, meter)
    return weights


def melodic_fit(chord: Harmony, weights: Mapping[int, float], key: Scale) -> float:
    """Return the sum of the pitch classes' fits to a chord, by their weights."""
    return sum(weight * _fit(chord, pitch, key) for pitch, weight in weights.items())


def _accent(note: MelodyNote, chord_start: float, meter: Meter) -> float:
    """Return the weight of a note's beats: most on the chord's first beat, least between beats."""
    first, on_beat, between = _ACCENTS
    if note.start <= chord_start + _ON_BEAT:
        return first
    beat = note.start % meter.bar
    return on_beat if min(abs(beat - accent) for accent in (*meter.accents, meter.bar)) < _ON_BEAT else between


@cache
def _fit(chord: Harmony, pitch: int, key: Scale) -> float:
    if pitch in chord.classes:
        return _CHORD_FIFTH if pitch == (chord.root + 7) % 12 else _CHORD_NOTE
    clash = (pitch - 1) % 12 in chord.classes or not key.contains(pitch)
    return _CLASH if clash else _PASSING

"""Notation of a hum: its notes quantised to beats, its pitches corrected to the key, in full bars.

Written time is beats from the theme's first bar line. Pitches are those that `spelling` found. In analyses
from before it, they are corrected where the singer is likelier to have missed a note of the scale than to have meant a
chromatic one.
"""

from math import ceil, floor
from typing import Final

import msgspec

from domain.music.hum import Analysis, HummedNote
from domain.music.listening.pace import bar_pace
from domain.music.listening.rhythm import best_grid, hummed_beats, quantise
from domain.music.score import MelodyNote
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

_LEGATO: Final = 0.3  # beats: a shorter gap inside a phrase is the singer's consonant, not a rest
_IN_TUNE: Final = 0.3  # semitones from a chromatic pitch within which it is intended
_INTENDED: Final = 0.18  # seconds: shorter chromatic notes are slides
_SURE: Final = 0.25  # below this confidence the key is a guess, and no reason to correct notes


class Theme(msgspec.Struct, frozen=True):
    """A melody in full bars.

    Attributes:
        notes: In order of start, not overlapping; bar lines at multiples of the meter's bar.
        phrases: Index of the first note of each phrase, ascending, starting with 0.
        bars: Played bars until the theme may begin again.
        pace: The length of each bar as it was hummed, against the usual one; empty where all are alike.
    """

    notes: tuple[MelodyNote, ...]
    phrases: tuple[int, ...]
    bars: int
    pace: tuple[float, ...] = ()


def write_theme(analysis: Analysis, key: Scale, tempo_bpm: float, meter: Meter) -> Theme:
    """Return the hum as a theme in the wanted key, tempo and meter.

    The rhythm in beats is kept where the tempo differs from the hum's, except for metrical multiples (60 hummed, 120
    wanted), which keep the rhythm in seconds. The hum must have at least one note.
    """
    onsets, lengths, rate = hummed_beats(analysis, tempo_bpm)
    grid = best_grid(onsets, 1 / rate, meter)
    starts = quantise(onsets, lengths, analysis.phrases, grid, rate=rate, meter=meter)
    first_bar = floor(starts[0] / meter.bar + 1e-9) * meter.bar
    starts = [start - first_bar for start in starts]
    beats = _lengths(starts, lengths, analysis.phrases, grid)
    hummed = Scale.of(analysis.key)
    pitches = [hummed.transpose(pitch, key) for pitch in intended_pitches(analysis)]
    notes = tuple(
        MelodyNote(starts[index], beats[index], pitches[index], 0.5 + 0.5 * min(1.0, note.loudness), index)
        for index, note in enumerate(analysis.notes)
    )
    bars = full_bars(notes, meter)
    return Theme(notes, analysis.phrases, bars, bar_pace(analysis, tempo_bpm, meter, first_bar, bars))


def full_bars(notes: tuple[MelodyNote, ...], meter: Meter) -> int:
    """Return how many bars the notes fill, rounded up."""
    return max(1, ceil((notes[-1].start + notes[-1].beats) / meter.bar - 1e-6))


def _lengths(starts: list[float], hummed: list[float], phrases: tuple[int, ...], grid: float) -> list[float]:
    """Return written lengths: legato inside phrases, whole grid lines elsewhere, never into the next note."""
    borders = set(phrases)
    lengths = []
    for index, start in enumerate(starts):
        room = starts[index + 1] - start if index + 1 < len(starts) else 1e9
        legato = index + 1 not in borders and room - hummed[index] < max(_LEGATO, 0.2 * room)
        lengths.append(room if legato else min(room, grid * max(1, round(hummed[index] / grid))))
    return lengths


def intended_pitches(analysis: Analysis) -> tuple[int, ...]:
    """Return the MIDI numbers that the singer meant; in an analysis without them, pitches corrected to the key."""
    if len(analysis.written) == len(analysis.notes):
        return analysis.written
    hummed = Scale.of(analysis.key)
    return tuple(_corrected(analysis, note, hummed) for note in analysis.notes)


def _corrected(analysis: Analysis, note: HummedNote, hummed: Scale) -> int:
    pitch = note.pitch - analysis.tuning_cents / 100
    closest = round(pitch)
    intended = abs(pitch - closest) <= _IN_TUNE and note.duration >= _INTENDED
    kept = hummed.fits_melody(closest) or intended or analysis.key_confidence < _SURE
    return closest if kept else hummed.nearest(pitch)

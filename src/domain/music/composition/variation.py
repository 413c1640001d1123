"""Variation: what a theme becomes when it is stated again, and what is made of its head.

The means are those of any textbook on form (Schoenberg, "Fundamentals of Musical Composition", on the motive): passing
and neighbour notes, anticipations, sequences. Contour and length stay, so that the theme is recognised.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import Final

import msgspec

from domain.music.score import MelodyNote
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

_ORNAMENTED: Final = 0.6  # chance of a place that can have an ornament
_ANTICIPATED: Final = 0.45  # chance of a note that can come early
_ROOMY: Final = 1.0  # beats of a note that an ornament can be taken from
_SOFTER: Final = 0.8  # velocity of an ornament, as a share
_THIRD: Final = 2  # diatonic steps that a passing note fills
_STEPS: Final = (0, 1, 2, 1)  # of a sequence, bar by bar


def varied(
    notes: tuple[MelodyNote, ...], statement: int, key: Scale, meter: Meter, chance: Random
) -> tuple[MelodyNote, ...]:
    """Return a theme as it is stated for the nth time, 0 is the first: plain, syncopated, ornamented, then both."""
    if statement == 0:
        return notes
    syncopates, ornaments = statement != 2, statement >= 2
    notes = _syncopated(notes, meter, chance) if syncopates else notes
    return tuple(_ornamented(notes, key, meter, chance)) if ornaments else notes


def sequence(head: Sequence[MelodyNote], bars: int, key: Scale, meter: Meter) -> tuple[MelodyNote, ...]:
    """Return the first bar of a theme on one degree of the scale after another, a bar each; every fourth rests."""
    if not head:
        return ()
    opening = [note for note in head if 0 <= note.start < meter.bar - meter.step]
    motif = [msgspec.structs.replace(note, beats=min(note.beats, meter.bar - note.start)) for note in opening] or [
        msgspec.structs.replace(head[0], start=0.0)
    ]
    return tuple(note for bar in range(bars) for note in _at_degree(motif, bar, key, meter))


def _at_degree(motif: Sequence[MelodyNote], bar: int, key: Scale, meter: Meter) -> Iterator[MelodyNote]:
    steps, start = _STEPS[bar % len(_STEPS)], bar * meter.bar
    rests = bar % 4 == 3  # the last of four
    for note in motif[:1] if rests else motif:
        length = meter.bar - note.start - meter.step if rests else note.beats
        yield msgspec.structs.replace(
            note, start=start + note.start, beats=max(meter.step, length), pitch=key.move(note.pitch, steps)
        )


def _syncopated(notes: tuple[MelodyNote, ...], meter: Meter, chance: Random) -> tuple[MelodyNote, ...]:
    """Return a theme in which some notes on a beat come half a beat early; bar lines stay where they are."""
    moved = list(notes)
    for index, (before, note) in enumerate(pairwise(notes), start=1):
        on_beat = abs(note.start - round(note.start)) < 1e-6 and note.start % meter.bar > 1e-6
        room = note.start - before.start > 2 * meter.step - 1e-6
        if on_beat and room and chance.random() < _ANTICIPATED:
            early = note.start - meter.step
            moved[index] = msgspec.structs.replace(note, start=early, beats=note.beats + meter.step)
            cut = min(moved[index - 1].beats, early - moved[index - 1].start)
            moved[index - 1] = msgspec.structs.replace(moved[index - 1], beats=cut)
    return tuple(moved)


def _ornamented(notes: tuple[MelodyNote, ...], key: Scale, meter: Meter, chance: Random) -> Iterator[MelodyNote]:
    """Yield a theme with passing notes in its thirds and neighbours between repeated notes."""
    for note, after in pairwise(notes):
        pitch = _between(note.pitch, after.pitch, key)
        joined = after.start - note.start - note.beats < meter.step
        if pitch is None or not joined or note.beats < _ROOMY or chance.random() >= _ORNAMENTED:
            yield note
            continue
        turn = max(note.start + meter.step, after.start - meter.step)
        yield msgspec.structs.replace(note, beats=turn - note.start)
        yield msgspec.structs.replace(
            note, start=turn, beats=after.start - turn, pitch=pitch, velocity=note.velocity * _SOFTER
        )
    yield notes[-1]


def _between(pitch: int, after: int, key: Scale) -> int | None:
    """Return the passing note of a third, the upper neighbour of a repeated note, else None."""
    if pitch == after:
        return key.move(pitch, 1)
    for direction in (1, -1):
        if key.move(pitch, direction * _THIRD) == after:
            return key.move(pitch, direction)
    return None

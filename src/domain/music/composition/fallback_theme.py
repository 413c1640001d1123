"""A fallback theme, made up from the seed, for blueprints without a hum.

Four pairs of bars, ABAC: a motif, its answer on the dominant, the motif again, and a close on the tonic.
"""

from itertools import pairwise
from random import Random
from typing import Final

from domain.music.listening.melody import Theme
from domain.music.score import MelodyNote
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

_FORM: Final = "ABAC"  # two bars each
_LOW, _HIGH = 60, 76  # MIDI numbers beyond which the line turns back
_DEGREES: Final = {"A": 0, "B": 4, "C": 0}  # diatonic steps above the tonic on which each pair of bars is centred
_VELOCITY: Final = 0.75
_PATTERNS: Final = ((2, 1, 1), (1, 1, 2), (3, 1), (2, 2), (1, 1, 1, 1))  # quarters of a bar, roughly


def invent_theme(key: Scale, meter: Meter, seed: int) -> Theme:
    """Return a singable theme of eight bars in the key: stepwise, in a small range, ending on the tonic."""
    chance = Random(f"{seed}/theme")  # noqa: S311 - music, not cryptography; a text seeds alike in every process
    motifs = {name: _motif(chance, key, meter, degree) for name, degree in _DEGREES.items()}
    notes: list[MelodyNote] = []
    phrases = []
    for index, name in enumerate(_FORM):
        phrases.append(len(notes))
        origin = index * 2 * meter.bar
        notes += [MelodyNote(origin + start, beats, pitch, _VELOCITY) for start, beats, pitch in motifs[name]]
    return Theme((*notes[:-1], _home(notes[-1], key)), tuple(phrases), 2 * len(_FORM))


def _motif(chance: Random, key: Scale, meter: Meter, degree: int) -> list[tuple[float, float, int]]:
    """Return two bars as (start, beats, pitch): a rhythm, then a long note."""
    home = key.move(key.tonic + 60 + (12 if key.tonic < 4 else 0), degree - 7 if degree else 0)
    rhythm = _rhythm(chance.choice(_PATTERNS), meter)
    pitch = key.move(home, chance.choice((0, 2, 4)))
    motif = []
    for start, beats in rhythm:
        motif.append((start, beats, pitch))
        pitch = _within(key, key.move(pitch, chance.choice((-2, -1, -1, 1, 1, 2))))
    last = min((key.move(home, step) for step in (0, 2, 4)), key=lambda chord_note: abs(chord_note - pitch))
    return [*motif, (meter.bar, meter.bar * 0.75, last)]


def _rhythm(pattern: tuple[int, ...], meter: Meter) -> list[tuple[float, float]]:
    """Return starts and lengths that fill a bar, on its eighths."""
    whole, lines, reached = sum(pattern), [0.0], 0
    for part in pattern:
        reached += part
        lines.append(round(reached / whole * meter.bar / meter.step) * meter.step)
    return [(start, end - start) for start, end in pairwise(lines) if end > start]


def _within(key: Scale, pitch: int) -> int:
    if pitch > _HIGH:
        return key.move(pitch, -3)
    return key.move(pitch, 3) if pitch < _LOW else pitch


def _home(note: MelodyNote, key: Scale) -> MelodyNote:
    """Return the note on the tonic that is closest to it."""
    down = (note.pitch - key.tonic) % 12
    return MelodyNote(note.start, note.beats, note.pitch - down if down <= 6 else note.pitch + 12 - down, note.velocity)

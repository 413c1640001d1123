"""Harmony: the likeliest chords under a melody, by the Viterbi algorithm over bars or half bars.

The states are the chords of the key; they are scored by how the melody fits them, by what usually follows what
(Piston, "Harmony", the table of usual root progressions), by the style's own loops, and by the cadence at the end.
"""

from functools import cache
from typing import Final

import msgspec

from domain.music.model import MelodyNote
from domain.music.theory.chords import Harmony, TimedChord, vocabulary
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

_HALF_BARS: Final = 2.4  # seconds: chords may change twice in bars that last longer
_STAY: Final = -0.7  # a chord for a second bar
_STAY_IN_BAR: Final = 0.5
_UNUSUAL: Final = -0.3
_FIT: Final = 3.2
_CADENCE: Final = 4.0

_MAJOR_MOVES: Final = {
    "I": {"IV": 0.5, "V": 0.4, "vi": 0.5, "ii": 0.2, "iii": 0.1, "bVII": 0.3, "V/vi": 0.2, "V/ii": 0.1},
    "ii": {"V": 0.9, "IV": 0.0, "vi": 0.0, "vii": 0.3, "I": -0.2},
    "iii": {"vi": 0.5, "IV": 0.5, "ii": 0.1},
    "IV": {"V": 0.7, "I": 0.5, "ii": 0.2, "vi": 0.2, "iv": 0.6, "bVII": 0.2, "V/V": 0.2},
    "V": {"I": 1.0, "vi": 0.6, "IV": -0.2, "ii": -0.5, "V/vi": 0.1},
    "vi": {"IV": 0.7, "ii": 0.5, "V": 0.4, "iii": 0.2, "I": 0.0, "V/V": 0.2},
    "vii": {"I": 0.8, "vi": 0.2, "V/vi": 0.3},
    "bVII": {"IV": 0.6, "I": 0.5},
    "iv": {"I": 1.0, "V": 0.4},
    "V/V": {"V": 1.2},
    "V/vi": {"vi": 1.3, "IV": 0.5},
    "V/ii": {"ii": 1.3},
}
_MINOR_MOVES: Final = {
    "i": {"VI": 0.6, "iv": 0.5, "VII": 0.5, "III": 0.2, "v": 0.1, "V": 0.3, "IV": 0.1, "V/iv": 0.1},
    "ii": {"V": 0.9, "v": 0.2, "i": 0.0},
    "III": {"VII": 0.7, "VI": 0.5, "iv": 0.4, "i": 0.1},
    "iv": {"V": 0.7, "i": 0.5, "VII": 0.5, "VI": 0.2, "v": 0.2},
    "v": {"i": 0.6, "VI": 0.5, "iv": 0.2},
    "VI": {"VII": 0.8, "III": 0.6, "iv": 0.3, "V": 0.5, "i": 0.2},
    "VII": {"i": 0.8, "III": 0.6, "VI": 0.3, "iv": 0.1},
    "V": {"i": 1.1, "VI": 0.5},
    "IV": {"i": 0.5, "VII": 0.4, "V": 0.2},
    "V/iv": {"iv": 1.3},
}


class Cadence(msgspec.Struct, frozen=True):
    """How a section ends.

    Attributes:
        open: On the dominant, to lead on, rather than on the tonic.
        last: The piece ends here: on the tonic, whatever the melody does, for the whole of the last bar.
    """

    open: bool = False
    last: bool = False


def harmonise(
    key: Scale,
    melody: tuple[MelodyNote, ...],
    bars: int,
    meter: Meter,
    *,
    loop: tuple[str, ...],
    beat_seconds: float,
    cadence: Cadence,
) -> tuple[TimedChord, ...]:
    """Return the chords of a section that begins at beat 0, one or two a bar, equal neighbours joined.

    Args:
        key: The key.
        melody: In beats from the start of the section.
        bars: The section's length.
        meter: Its meter.
        loop: Numerals that the style likes, a bar each, over and over.
        beat_seconds: Seconds of a beat.
        cadence: How it ends.
    """
    slots = _slots(bars, meter, beat_seconds, last=cadence.last)
    chords = vocabulary(key)
    fits = [_fits(chords, slot, melody=melody, meter=meter, loop=loop, key=key) for slot in slots]
    _shape(fits, chords, key, cadence)
    path = _viterbi(fits, slots, chords, key, meter)
    return _joined([TimedChord(start, beats, chords[state]) for (start, beats), state in zip(slots, path, strict=True)])


def _slots(bars: int, meter: Meter, beat_seconds: float, *, last: bool) -> list[tuple[float, float]]:
    half = meter.half if meter.bar * beat_seconds >= _HALF_BARS else None
    slots: list[tuple[float, float]] = []
    for bar in range(bars):
        start = bar * meter.bar
        if half is None or (last and bar == bars - 1):
            slots.append((start, meter.bar))
        else:
            slots += [(start, half), (start + half, meter.bar - half)]
    return slots


def _fits(
    chords: tuple[Harmony, ...],
    slot: tuple[float, float],
    *,
    melody: tuple[MelodyNote, ...],
    meter: Meter,
    loop: tuple[str, ...],
    key: Scale,
) -> list[float]:
    """Return for each chord how well it stands under the melody of a slot, and in the style's loop."""
    start, beats = slot
    weights: dict[int, float] = {}
    for note in melody:
        overlap = min(note.start + note.beats, start + beats) - max(note.start, start)
        if overlap > 1e-6:
            weights[note.pitch % 12] = weights.get(note.pitch % 12, 0.0) + overlap * _accent(note, start, meter)
    wanted = loop[int(start / meter.bar + 1e-6) % len(loop)]
    return [
        chord.reluctance
        + (0.9 if chord.numeral == wanted else 0.0)
        + _FIT * sum(weight * _fit(chord, pitch, key) for pitch, weight in weights.items()) / beats
        for chord in chords
    ]


def _accent(note: MelodyNote, slot: float, meter: Meter) -> float:
    """Return the weight of a note's beats: more on the slot's first beat, and on any beat than between beats."""
    if note.start <= slot + 0.1:
        return 1.6
    beat = note.start % meter.bar
    return 1.1 if min(abs(beat - accent) for accent in (*meter.accents, meter.bar)) < 0.1 else 0.8


@cache
def _fit(chord: Harmony, pitch: int, key: Scale) -> float:
    if pitch in chord.classes:
        return 0.9 if pitch == (chord.root + 7) % 12 else 1.0
    clash = (pitch - 1) % 12 in chord.classes or not key.contains(pitch)
    return -1.0 if clash else -0.4


def _shape(fits: list[list[float]], chords: tuple[Harmony, ...], key: Scale, cadence: Cadence) -> None:
    """Reward a start on the tonic and a cadence at the end."""
    goal = "V" if cadence.open else chords[0].numeral
    before = {"iv", "IV", "ii", "VI", "vi"} if cadence.open else {"V", "VII" if key.minor else "vii"}
    for state, chord in enumerate(chords):
        fits[0][state] += 0.8 if state == 0 else 0.0
        if len(fits) > 1 and chord.numeral in before:
            fits[-2][state] += 0.8
        if chord.numeral == goal:
            fits[-1][state] += _CADENCE + (1000.0 if cadence.last else 0.0)


def _viterbi(
    fits: list[list[float]],
    slots: list[tuple[float, float]],
    chords: tuple[Harmony, ...],
    key: Scale,
    meter: Meter,
) -> list[int]:
    moves, states = _moves(key), range(len(chords))
    scores, back = fits[0], []
    for fit, (start, _) in zip(fits[1:], slots[1:], strict=True):
        stay = _STAY_IN_BAR if _inside_bar(start, meter) else _STAY
        arrivals = [
            max((score + (stay if old == new else moves[old][new]), -old) for old, score in enumerate(scores))
            for new in states
        ]
        scores = [score + own for (score, _), own in zip(arrivals, fit, strict=True)]
        back.append([-old for _, old in arrivals])
    path = [max(states, key=scores.__getitem__)]
    for best in reversed(back):
        path.append(best[path[-1]])
    return path[::-1]


def _inside_bar(start: float, meter: Meter) -> bool:
    return 1e-6 < start % meter.bar < meter.bar - 1e-6


@cache
def _moves(key: Scale) -> tuple[tuple[float, ...], ...]:
    usual: dict[str, dict[str, float]] = _MINOR_MOVES if key.minor else _MAJOR_MOVES
    chords = vocabulary(key)
    return tuple(tuple(usual[old.numeral].get(new.numeral, _resolved(old.numeral)) for new in chords) for old in chords)


def _resolved(numeral: str) -> float:
    """Return the price of an unusual move; a secondary dominant that does not resolve pays more."""
    return -1.5 if "/" in numeral else _UNUSUAL


def _joined(chords: list[TimedChord]) -> tuple[TimedChord, ...]:
    joined = chords[:1]
    for chord in chords[1:]:
        last = joined[-1]
        if chord.harmony == last.harmony:
            joined[-1] = msgspec.structs.replace(last, beats=last.beats + chord.beats)
        else:
            joined.append(chord)
    return tuple(joined)

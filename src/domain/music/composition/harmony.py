"""Harmonisation: the likeliest chords under a melody, by the Viterbi algorithm over bars or half bars.

The states are the chords of the key. They are scored by how the melody fits them, by what usually follows what
(`progressions`), by the style's preferred loop, and by the cadence at the end; compare Simon, Morris & Basu, "MySong:
Automatic Accompaniment Generation for Vocal Melodies" (CHI 2008), who learn the same two scores from songs.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from domain.music.composition.chord_fit import melodic_fit, pitch_class_weights
from domain.music.composition.progressions import moves
from domain.music.score import MelodyNote
from domain.music.theory.chords import Harmony, Numeral, TimedChord, vocabulary
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

_HALF_BARS: Final = 1.5  # seconds: chords may change twice in bars that last longer
_STAY: Final = -0.7  # score of a chord for a second bar
_STAY_IN_BAR: Final = 0.5  # and for the second half of a bar
_FIT: Final = 4.5  # weight of the melody
_LOOP: Final = 0.9  # score of the chord that the loop has here
_OPENING: Final = 0.8  # of the tonic at the start
_APPROACH: Final = 0.8  # of a usual chord before the last
_CADENCE: Final = 4.0  # of the last chord
_REPEATED: Final = 1.2  # cost of a chord that an earlier statement had here
_MUST: Final = 1000.0  # more than every other score together


class Cadence(msgspec.Struct, frozen=True):
    """How a section ends harmonically.

    Attributes:
        open: On the dominant, to lead on, rather than on the tonic.
        last: The piece ends here: the last bar is the tonic, whatever the melody does.
    """

    open: bool = False
    last: bool = False


def harmonise(
    key: Scale,
    melody: tuple[MelodyNote, ...],
    bars: int,
    meter: Meter,
    *,
    loop: tuple[Numeral, ...],
    beat_seconds: float,
    cadence: Cadence,
    unlike: tuple[TimedChord, ...] = (),
) -> tuple[TimedChord, ...]:
    """Return the chords of a section that begins at beat 0, one or two a bar, equal neighbours joined.

    Args:
        key: The key.
        melody: In beats from the start of the section.
        bars: The section's length.
        meter: Its meter.
        loop: Numerals that the style prefers, a bar each, over and over.
        beat_seconds: Seconds of a beat.
        cadence: How it ends.
        unlike: Chords of an earlier statement of the melody: others that fit as well are preferred.
    """
    slots = _slots(bars, meter, beat_seconds, last=cadence.last)
    chords = vocabulary(key)
    fits = [_fits(chords, slot, melody=melody, meter=meter, loop=loop, key=key) for slot in slots]
    _reward_opening_and_cadence(fits, chords, key, cadence)
    _charge_repetition(fits, slots, chords, unlike)
    path = _viterbi(fits, slots, chords, key, meter)
    return joined(TimedChord(start, beats, chords[state]) for (start, beats), state in zip(slots, path, strict=True))


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
    loop: tuple[Numeral, ...],
    key: Scale,
) -> list[float]:
    """Return for each chord how well it fits the melody of a slot, and the style's loop."""
    start, beats = slot
    weights = pitch_class_weights(melody, start, beats, meter)
    expected = loop[int(start / meter.bar + 1e-6) % len(loop)]
    return [
        chord.reluctance
        + (_LOOP if chord.numeral == expected else 0.0)
        + _FIT * melodic_fit(chord, weights, key) / beats
        for chord in chords
    ]


def _reward_opening_and_cadence(
    fits: list[list[float]], chords: tuple[Harmony, ...], key: Scale, cadence: Cadence
) -> None:
    """Reward a start on the tonic and a cadence at the end."""
    goal = "V" if cadence.open else chords[0].numeral
    before = {"iv", "IV", "ii", "VI", "vi"} if cadence.open else {"V", "VII" if key.minor else "vii"}
    for state, chord in enumerate(chords):
        fits[0][state] += _OPENING if state == 0 else 0.0
        if len(fits) > 1 and chord.numeral in before:
            fits[-2][state] += _APPROACH
        if chord.numeral == goal:
            fits[-1][state] += _CADENCE + (_MUST if cadence.last else 0.0)


def _charge_repetition(
    fits: list[list[float]],
    slots: list[tuple[float, float]],
    chords: tuple[Harmony, ...],
    unlike: tuple[TimedChord, ...],
) -> None:
    """Charge each chord where it sounded before."""
    for fit, (start, _) in zip(fits, slots, strict=True):
        before = next((chord.harmony.numeral for chord in unlike if chord.start - 1e-6 <= start < chord.end - 1e-6), "")
        for state, chord in enumerate(chords):
            fit[state] -= _REPEATED if chord.numeral == before else 0.0


def _viterbi(
    fits: list[list[float]],
    slots: list[tuple[float, float]],
    chords: tuple[Harmony, ...],
    key: Scale,
    meter: Meter,
) -> list[int]:
    preferences, states = moves(key), range(len(chords))
    scores, back = fits[0], []
    for fit, (start, _) in zip(fits[1:], slots[1:], strict=True):
        stay = _STAY_IN_BAR if _inside_bar(start, meter) else _STAY
        arrivals = [
            max((score + (stay if old == new else preferences[old][new]), -old) for old, score in enumerate(scores))
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


def joined(chords: Iterable[TimedChord]) -> tuple[TimedChord, ...]:
    """Return chords in order with equal neighbours as one."""
    whole: list[TimedChord] = []
    for chord in chords:
        if whole and chord.harmony == whole[-1].harmony:
            whole[-1] = msgspec.structs.replace(whole[-1], beats=whole[-1].beats + chord.beats)
        else:
            whole.append(chord)
    return tuple(whole)

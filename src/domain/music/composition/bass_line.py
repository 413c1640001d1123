"""The bass line: which note of each chord lies lowest, by the Viterbi algorithm over a piece's chords.

Roots are preferred; thirds and fifths are taken where they let the bass move by step, or keep it from moving in
parallel fifths or octaves with the melody (Aldwell & Schachter, "Harmony and Voice Leading", on the outer voices).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from domain.music.score import MelodyNote
from domain.music.theory.chords import Harmony, TimedChord

_RELUCTANCE: Final = {0: 0.0, 3: 0.9, 4: 0.9, 7: 1.9}
"""Cost of each interval between root and bass."""

_MOVES: Final = (0.6, -0.5, -0.5, 0.3, 0.3, 0.0, 0.9)
"""Cost of a move by so many semitones, by the shortest way: steps are smooth, a tritone is not."""

_PARALLEL: Final = 6.0  # cost of parallel fifths or octaves with the melody
_DOUBLED_THIRD: Final = 0.7  # of a third that bass and melody both have
_LATE: Final = 0.15  # beats by which a note may come after its chord and still be heard with its bass
_PERFECT: Final = frozenset({0, 7})  # semitones above the bass


class _Lowest(NamedTuple):
    """A choice: semitones of the bass above the root, and its pitch class."""

    interval: int
    pitch: int


def with_basses(chords: Sequence[TimedChord], melody: Sequence[MelodyNote]) -> tuple[TimedChord, ...]:
    """Return a piece's chords with their lowest notes; it begins and ends on a root.

    Args:
        chords: In order, at least one.
        melody: On the same time line; pitches are MIDI numbers.
    """
    tops = [_sung_at(chord.start, melody) for chord in chords]
    options = [_options(chord.harmony) for chord in chords]
    options[0], options[-1] = options[0][:1], options[-1][:1]
    return tuple(
        msgspec.structs.replace(chord, harmony=msgspec.structs.replace(chord.harmony, bass=lowest.interval))
        for chord, lowest in zip(chords, _cheapest(options, tops), strict=True)
    )


def _options(chord: Harmony) -> list[_Lowest]:
    """Return what may lie lowest: the root first, then the third and the fifth where the chord has them."""
    return [_Lowest(each, (chord.root + each) % 12) for each in _RELUCTANCE if each in chord.intervals]


def _cheapest(options: list[list[_Lowest]], tops: list[int | None]) -> list[_Lowest]:
    costs = [_own_cost(lowest, tops[0]) for lowest in options[0]]
    back: list[list[int]] = []
    for before, here, old_top, top in zip(options, options[1:], tops, tops[1:], strict=False):
        paid = list(enumerate(zip(costs, before, strict=True)))
        arrivals = [min((cost + _move_cost(old, new, old_top, top), at) for at, (cost, old) in paid) for new in here]
        costs = [cost + _own_cost(lowest, top) for (cost, _), lowest in zip(arrivals, here, strict=True)]
        back.append([at for _, at in arrivals])
    path = [min(range(len(costs)), key=costs.__getitem__)]
    for best in reversed(back):
        path.append(best[path[-1]])
    return [choices[at] for choices, at in zip(options, reversed(path), strict=True)]


def _own_cost(lowest: _Lowest, top: int | None) -> float:
    doubled = lowest.interval in {3, 4} and top is not None and top % 12 == lowest.pitch
    return _RELUCTANCE[lowest.interval] + (_DOUBLED_THIRD if doubled else 0.0)


def _move_cost(old: _Lowest, new: _Lowest, old_top: int | None, top: int | None) -> float:
    up = (new.pitch - old.pitch) % 12
    cost = _MOVES[min(up, 12 - up)]
    if old_top is None or top is None or old_top == top or not up:
        return cost
    interval = (top - new.pitch) % 12
    parallel = interval in _PERFECT and (old_top - old.pitch) % 12 == interval
    return cost + (_PARALLEL if parallel else 0.0)


def _sung_at(beat: float, melody: Sequence[MelodyNote]) -> int | None:
    soon = beat + _LATE
    return next((note.pitch for note in melody if note.start <= soon < note.start + note.beats), None)

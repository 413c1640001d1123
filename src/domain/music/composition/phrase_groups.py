"""Phrase groups: the parts of a theme that sections are made of, whole phrases that fill even numbers of bars.

A group is what theory calls a period or a sentence (Caplin, "Classical Form", 1998): phrases that belong together.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from math import ceil, floor
from typing import Final

import msgspec

from domain.music.listening.melody import Theme
from domain.music.score import MelodyNote
from domain.music.theory.meter import Meter

_LONGEST: Final = 22.0
"""Seconds that a group lasts at most, so that one fits a preview."""

_LONG_BAR: Final = 3.5  # seconds: such bars are not rounded to pairs


class PhraseGroup(msgspec.Struct, frozen=True):
    """A part of a theme that can stand by itself.

    Attributes:
        notes: In beats from the group's first bar line; a pick-up has negative beats.
        bars: Until it may begin again, its own pick-up allowed for.
        pace: The length of each bar as it was hummed, against the usual one; bars without one are as usual.
    """

    notes: tuple[MelodyNote, ...]
    bars: int
    pace: tuple[float, ...] = ()

    @property
    def pickup(self) -> float:
        """Beats sung before the first bar line."""
        return max(0.0, -self.notes[0].start)


def phrase_groups(theme: Theme, meter: Meter, beat_seconds: float) -> tuple[PhraseGroup, ...]:
    """Return the theme's phrase groups in order: at least one, and no note is lost."""
    bar_seconds = meter.bar * beat_seconds
    longest = max(1, int(_LONGEST / bar_seconds))
    paired = longest > 1 and bar_seconds < _LONG_BAR
    longest -= longest % 2 if paired else 0
    ranges = list(_grouped(theme, _short_phrases(theme, longest * meter.bar), longest, meter))
    return tuple(_phrase_group(theme, theme.notes[first:last], meter, paired=paired) for first, last in ranges)


def hook_index(groups: tuple[PhraseGroup, ...]) -> int:
    """Return the index of the group for the chorus: the busiest, highest one after the first, if there is one."""
    if len(groups) == 1:
        return 0
    return max(range(1, len(groups)), key=lambda index: (_lift(groups[index]), -index))


def _lift(group: PhraseGroup) -> float:
    sung = sum(note.beats for note in group.notes)
    height = sum(note.beats * note.pitch for note in group.notes) / sung
    return height + 2 * min(8.0, sung) + 4 * max(note.velocity for note in group.notes)


def _short_phrases(theme: Theme, longest: float) -> list[int]:
    """Return the phrases' first notes and the end; phrases longer than `longest` beats are divided."""
    borders = [0]
    for first, last in pairwise((*theme.phrases, len(theme.notes))):
        origin = theme.notes[first].start
        while theme.notes[last - 1].start - origin >= longest:
            later = borders[-1] + 1  # than the last border, whatever the numbers are
            cut = bisect_left(theme.notes, origin + longest, lo=later, hi=last - 1, key=lambda note: note.start)
            borders.append(cut)
            origin = theme.notes[cut].start
        borders.append(last)
    return borders


def _grouped(theme: Theme, borders: list[int], longest: int, meter: Meter) -> Iterator[tuple[int, int]]:
    first = 0
    for cut, last in pairwise(borders):
        end = theme.notes[last - 1].start + theme.notes[last - 1].beats
        if cut > first and end - _bar_line(theme.notes[first].start, meter) > longest * meter.bar + 1e-6:
            yield first, cut
            first = cut
    yield first, len(theme.notes)


def _bar_line(start: float, meter: Meter) -> float:
    """Return the bar line that notes starting here belong to: the next one where they begin late in the bar."""
    bars, beat = floor(start / meter.bar + 1e-6), start % meter.bar
    late = meter.bar - beat > 1e-6 and beat >= meter.bar / 2
    return (bars + late) * meter.bar


def _phrase_group(theme: Theme, notes: tuple[MelodyNote, ...], meter: Meter, *, paired: bool) -> PhraseGroup:
    origin = _bar_line(notes[0].start, meter)
    if notes[-1].start < origin + meter.bar / 2:  # all of it is a pick-up: nothing would stand on a bar line
        origin = floor(notes[0].start / meter.bar + 1e-6) * meter.bar
    moved = tuple(msgspec.structs.replace(note, start=note.start - origin) for note in notes)
    last, pickup = moved[-1], max(0.0, -moved[0].start)
    held = last.start + min(1.0, last.beats) + pickup  # the next pick-up may cut the last note, but not to nothing
    spilt = last.start + last.beats - 1.0  # a beat may ring into the bar after
    bars = max(1, ceil(max(held, spilt) / meter.bar - 1e-6))
    bars += bars % 2 if paired else 0
    first = round(origin / meter.bar)
    return PhraseGroup(moved, bars, theme.pace[first : first + bars])

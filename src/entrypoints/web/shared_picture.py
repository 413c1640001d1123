"""What a link to music looks like: its notes as a piano roll, over its sections, in the colours of its style."""

from collections.abc import Iterator
from typing import Final
from zlib import crc32

from application.moments.shared_moment import SharedMoment
from entrypoints.web.drawing import Box, Drawing, mixed

WIDTH: Final = 1200
HEIGHT: Final = 630
"""Pixels that those expect who preview links (Open Graph)."""

_COLOURS: Final = {
    "cinematic": ("#1a1430", "#e0a63c"),
    "acoustic": ("#241a10", "#e2a265"),
    "ambient": ("#0d2230", "#7fd0d6"),
    "bossa": ("#0f2a22", "#f2c14e"),
    "chiptune": ("#131a3a", "#6ee06e"),
    "lofi": ("#2a1f2d", "#e8a598"),
    "orchestral": ("#2b1118", "#e6c98a"),
    "pop": ("#2a1038", "#ff7ab8"),
    "rock": ("#1d1416", "#f0553c"),
    "synthwave": ("#1a0f38", "#ff5fd2"),
}
"""Of each style: the ground, and the notes."""

_OTHERS: Final = tuple(_COLOURS.values())

_MARGIN: Final = 60
_ROLL: Final = (90, 430)
"""Where the highest and the lowest note may be, in pixels from the top."""

_FLOOR: Final = 570
_TALLEST: Final = 110
"""Where the sections stand, and how high one of full energy is."""

_THICKEST: Final = 26
_THINNEST: Final = 12
_SHORTEST: Final = 8
_GRID: Final = 8
_SHORTEST_TUNE: Final = 0.1


def picture_of(moment: SharedMoment) -> Drawing:
    """Return the drawing of what may be told of a moment; without notes and sections, one of its style alone."""
    ground, bright = _COLOURS.get(moment.style) or _OTHERS[crc32(moment.style.encode()) % len(_OTHERS)]
    boxes = (*_sky(ground, bright), *_sections(moment, ground, bright), *_notes(moment, bright))
    return Drawing(WIDTH, HEIGHT, ground, boxes)


def _sky(ground: str, bright: str) -> Iterator[Box]:
    """Yield bands that grow lighter, and lines between which the notes stand."""
    bands = 14
    for band in range(bands):
        height = HEIGHT / bands
        yield Box(0, round(band * height), WIDTH, round(height) + 1, mixed(ground, bright, 0.012 * band))
    for line in range(_GRID):
        top = _ROLL[0] + line * (_ROLL[1] - _ROLL[0]) / (_GRID - 1)
        yield Box(_MARGIN, round(top), WIDTH - 2 * _MARGIN, 1, mixed(ground, bright, 0.25))


def _sections(moment: SharedMoment, ground: str, bright: str) -> Iterator[Box]:
    ends = moment.sections[-1].end if moment.sections else 0.0
    for section in moment.sections if ends > 0 else ():
        left, right = (_x(at / ends) for at in (section.start, section.end))
        height = 16 + _TALLEST * section.energy
        colour = mixed(ground, bright, 0.25 + 0.45 * section.energy)
        yield Box(left, round(_FLOOR - height), max(right - left - 4, 1), round(height), colour, 6)


def _notes(moment: SharedMoment, bright: str) -> Iterator[Box]:
    """Yield the notes, from the first to the last as wide as the picture; the louder, the lighter."""
    if not moment.notes:
        return
    begin = moment.notes[0].start
    seconds = max(*(note.start + note.duration - begin for note in moment.notes), _SHORTEST_TUNE)
    low, high = (choose(note.pitch for note in moment.notes) for choose in (min, max))
    rows = max(high - low, 12)
    thick = min(max((_ROLL[1] - _ROLL[0]) / rows, _THINNEST), _THICKEST)
    middle = (high + low) / 2
    for note in moment.notes:
        left, right = (_x((at - begin) / seconds) for at in (note.start, note.start + note.duration))
        centre = (_ROLL[0] + _ROLL[1]) / 2 - (note.pitch - middle) / rows * (_ROLL[1] - _ROLL[0])
        colour = mixed(bright, "#ffffff", 0.1 * round(6 * note.loudness))
        width = max(right - left - 3, _SHORTEST)
        yield Box(left, round(centre - thick / 2), width, round(thick), colour, min(thick, width) // 2)


def _x(share: float) -> int:
    """Return the column of a moment in time, 0..1."""
    return round(_MARGIN + share * (WIDTH - 2 * _MARGIN))

"""The picture of what was heard: the notes as a piano roll over the pitch of the hum, with beats, bars and phrases.

Heights are in the singer's own tuning, so that a line is inside a note where it was hummed in tune with the others.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import ceil, floor
from typing import Final, NamedTuple

import numpy as np

from adapters.audio.arrays import Flags, Floats
from adapters.audio.pictures.rows import Row
from adapters.audio.pictures.svg import FAINT, LEFT, RIGHT, Drawing
from adapters.audio.pictures.words import text_width
from domain.music.hum import Analysis
from domain.music.listening.melody import intended_pitches
from domain.music.theory.beat_map import BeatMap
from domain.music.theory.meter import Meter
from domain.music.theory.pitch import scientific
from domain.music.theory.scale import Scale

LONGEST_ROW: Final = 30.0
_HEIGHT: Final = 190  # pixels of a row's piano roll, about
_ROW_HEIGHTS: Final = (2.0, 15.0)  # pixels of a semitone
_AROUND: Final = 2  # semitones above and below the notes
_HEADER: Final = 54
_BRACKET, _AXIS, _GAP = 20, 18, 12  # pixels above, below and between the rolls
_CLOSEST: Final = 5.0  # pixels between lines of beats or bars; closer ones are left out
_NARROWEST: Final = 4.0  # pixels of a phrase's bracket
_NAMES: Final = 64  # notes that the description names
_BLACK_KEYS: Final = frozenset({1, 3, 6, 8, 10})

PITCH, NOTE, NOTE_INK, KEY, BEAT, BAR = "#c2410c", "#fdba74", "#7c2d12", "#f6f7f9", "#e5e7eb", "#94a3b8"


class HeardPitch(NamedTuple):
    """The pitch of a hum, by frames: seconds, MIDI numbers, and whether there is one; shape (frames,) each."""

    times: Floats
    pitch: Floats
    voiced: Flags


class _Roll(NamedTuple):
    """What all rows have in common.

    Attributes:
        written: MIDI numbers of the notes.
        tuned: The pitch of each frame in the singer's tuning.
        low: The lowest semitone that is drawn.
        step: Pixels of a semitone.
    """

    analysis: Analysis
    heard: HeardPitch
    written: tuple[int, ...]
    tuned: Floats
    low: int
    high: int
    step: float

    @property
    def height(self) -> float:
        return (self.high - self.low + 1) * self.step

    def name(self, pitch: int) -> str:
        return scientific(Scale.of(self.analysis.key).spell(pitch), pitch)


def draw(analysis: Analysis, heard: HeardPitch, duration: float) -> Drawing:
    """Return the picture of a hum of so many seconds."""
    roll = _roll(analysis, heard)
    rows = Row.all_of(duration, LONGEST_ROW)
    each = _BRACKET + roll.height + _AXIS + _GAP
    facts = f"{len(analysis.notes)} notes, {analysis.key}, {analysis.tempo_bpm:.0f} bpm, {analysis.time_signature}"
    drawing = Drawing(_HEADER + each * len(rows), f"The melody that was heard: {facts}", _description(roll))
    drawing.text(LEFT, 26, "The melody that was heard", size=16)
    drawing.text(RIGHT, 26, facts, size=13, fill=FAINT, anchor="end")
    _legend(drawing)
    for index, row in enumerate(rows):
        top = _HEADER + index * each + _BRACKET
        _keys(drawing, roll, top)
        drawing.seconds(row.x, row.start, row.end, top + roll.height, top + roll.height + 3)
        _beats(drawing, roll, row, top)
        _phrases(drawing, roll, row, top)
        _notes(drawing, roll, row, top)
        _line(drawing, roll, row, top)
    return drawing


def _roll(analysis: Analysis, heard: HeardPitch) -> _Roll:
    written = intended_pitches(analysis)
    low, high = min(written, default=60) - _AROUND, max(written, default=60) + _AROUND
    step = min(max(_HEIGHT / (high - low + 1), _ROW_HEIGHTS[0]), _ROW_HEIGHTS[1])
    onsets = [note.onset for note in analysis.notes]
    curve = analysis.tuning_curve or (analysis.tuning_cents,) * len(onsets)
    tuning = np.interp(heard.times, onsets, curve) if onsets else np.zeros(len(heard.times))
    return _Roll(analysis, heard, written, heard.pitch - tuning / 100, low, high, step)


def _description(roll: _Roll) -> str:
    names = " ".join(roll.name(pitch) for pitch in roll.written[:_NAMES])
    more = " …" if len(roll.written) > _NAMES else ""
    return f"Phrases: {len(roll.analysis.phrases)}. Notes: {names}{more}"


def _legend(drawing: Drawing) -> None:
    drawing.line([(LEFT, 41), (LEFT + 18, 41)], PITCH, width=1.8)
    drawing.text(LEFT + 23, 45, "pitch of the voice", size=11, fill=FAINT)
    drawing.box(LEFT + 130, 37, 18, 8, NOTE)
    drawing.text(LEFT + 153, 45, "notes", size=11, fill=FAINT)
    drawing.line([(LEFT + 200, 36), (LEFT + 200, 47)], BAR)
    drawing.text(LEFT + 206, 45, "bars and beats", size=11, fill=FAINT)


def _keys(drawing: Drawing, roll: _Roll, top: float) -> None:
    """Draw the keys of the piano: black ones as shaded rows, and the names of as many white ones as there is room."""
    pitches = {pitch: top + (roll.high - pitch + 0.5) * roll.step for pitch in range(roll.low, roll.high + 1)}
    black = [[(LEFT, y), (RIGHT, y)] for pitch, y in pitches.items() if pitch % 12 in _BLACK_KEYS]
    drawing.lines(black, KEY, width=roll.step)
    shown = {0} if roll.step < 8 else set(range(12)) - _BLACK_KEYS
    names = [(LEFT - 6, y + 3.5, roll.name(pitch)) for pitch, y in pitches.items() if pitch % 12 in shown]
    drawing.texts(names, size=10, fill=FAINT, anchor="end")


def _beats(drawing: Drawing, roll: _Roll, row: Row, top: float) -> None:
    """Draw the bar lines, and the beats between them, where there is room for them."""
    bars, beats = _lines(roll.analysis, row)
    for places, colour in ((beats, BEAT), (bars, BAR)):
        apart = min((after - before for before, after in pairwise(places)), default=_CLOSEST)
        if apart >= _CLOSEST:
            drawing.lines([[(x, top), (x, top + roll.height)] for x in places], colour)


def _lines(analysis: Analysis, row: Row) -> tuple[list[float], list[float]]:
    """Return the pixels of the bar lines in a row, and those of all beats."""
    meter, bars, beats = Meter.of(analysis.time_signature), list[float](), list[float]()
    first = analysis.first_beat
    grid = BeatMap(analysis.beats if len(analysis.beats) > 1 else (first, first + 60 / analysis.tempo_bpm))
    for bar in range(floor(grid.beat(row.start) / meter.bar), ceil(grid.beat(row.end) / meter.bar) + 1):
        for accent in meter.accents:
            if row.start <= (at := grid.time(bar * meter.bar + accent)) <= row.end:
                beats.append(row.x(at))
                bars += [row.x(at)] if accent == 0 else []
    return bars, beats


def _phrases(drawing: Drawing, roll: _Roll, row: Row, top: float) -> None:
    """Draw a bracket over each phrase, with its number where there is room."""
    y, brackets, names = top - 6, list[list[tuple[float, float]]](), list[tuple[float, float, str]]()
    for number, (start, end) in enumerate(_spans(roll.analysis), start=1):
        left, right = row.x(start), row.x(end)
        if right - left < _NARROWEST:
            continue
        brackets.append([(left, y), (right, y)])
        brackets += [[(row.x(at), y), (row.x(at), y + 4)] for at in (start, end) if row.start <= at <= row.end]
        fitting = (name for name in (f"phrase {number}", f"{number}") if text_width(name, 10) < right - left)
        names.append(((left + right) / 2, y - 4, next(fitting, "")))
    drawing.lines(brackets, FAINT)
    drawing.texts(names, size=10, fill=FAINT, anchor="middle")


def _spans(analysis: Analysis) -> Iterator[tuple[float, float]]:
    """Yield where each phrase begins and ends, in seconds."""
    for first, after in pairwise([*analysis.phrases, len(analysis.notes)]):
        last = analysis.notes[after - 1]
        yield analysis.notes[first].onset, last.onset + last.duration


def _notes(drawing: Drawing, roll: _Roll, row: Row, top: float) -> None:
    """Draw the notes as thick lines of one element, and the names of those that are long enough."""
    lines, names = dict[tuple[int, float], float](), list[tuple[float, float, str]]()
    for note, pitch in zip(roll.analysis.notes, roll.written, strict=True):
        if row.overlaps(note.onset, note.onset + note.duration):
            left, right = row.x(note.onset), max(row.x(note.onset + note.duration), row.x(note.onset) + 1)
            y = top + (roll.high - pitch + 0.5) * roll.step
            lines[round(left), y] = right  # of several in a pixel, the last
            name = roll.name(pitch)
            if roll.step >= 8 and text_width(name, 9) < right - left:
                names.append((left, y - roll.step / 2 - 2, name))
    drawing.lines([[(x, y), (right, y)] for (x, y), right in lines.items()], NOTE, width=max(roll.step - 1, 2))
    drawing.texts(names, size=9, fill=NOTE_INK)


def _line(drawing: Drawing, roll: _Roll, row: Row, top: float) -> None:
    """Draw the pitch wherever there is one, with a point for each pixel at most."""
    pieces = [
        [(row.x(roll.heard.times[at]), top + (roll.high - roll.tuned[at] + 0.5) * roll.step) for at in piece]
        for piece in _pieces(roll, row)
    ]
    drawing.lines([piece for piece in pieces if len(piece) > 1], PITCH, width=1.5)


def _pieces(roll: _Roll, row: Row) -> Iterator[list[int]]:
    """Yield the frames of each stretch of a row that has a pitch inside of the roll."""
    times = roll.heard.times
    inside = (times >= row.start) & (times <= row.end) & (roll.tuned > roll.low - 0.5) & (roll.tuned < roll.high + 0.5)
    frames = np.flatnonzero(inside & roll.heard.voiced)
    every = max(1, ceil(len(np.flatnonzero((times >= row.start) & (times <= row.end))) / (RIGHT - LEFT)))
    for run in np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1):
        yield [int(frame) for frame in run[::every]]

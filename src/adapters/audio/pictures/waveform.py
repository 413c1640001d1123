"""The picture of the finished music: its waveform, the sections that it is made of, and their chords."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import msgspec
import numpy as np

from adapters.audio.arrays import Stereo
from adapters.audio.pictures.rows import Row
from adapters.audio.pictures.svg import FAINT, LEFT, RIGHT, Drawing
from adapters.audio.pictures.words import clock, fitted, text_width
from application.ports.mastering import MasterReport, WaveformPicture
from domain.music.score import Chord, SectionSpan

LONGEST_ROW: Final = 45.0
_HEADER: Final = 44
_SECTION, _LANE, _HALF, _AXIS, _GAP = 22, 14, 44, 18, 10  # pixels of a row's parts
_LANES: Final = 2  # of chord symbols, where they would touch in one
_SYMBOL: Final = 11  # size of chord symbols
_BEYOND: Final = 8  # pixels of a symbol that may lie beyond a row, whose next one repeats it
_SOON: Final = 0.2  # seconds after the beginning of a row that count as its beginning
_SHADE: Final = "#f59e0b"
_DESCRIBED: Final = 32  # sections
_DESCRIBED_CHARS: Final = 40  # of a section's name


def draw(picture: WaveformPicture, sound: Stereo, rate: int, report: MasterReport) -> Drawing:
    """Return the picture of a finished sound."""
    duration = sound.shape[1] / rate
    rows, chords = Row.all_of(duration, LONGEST_ROW), _changes(picture.chords)
    body = (_SECTION + _LANE * _LANES if picture.sections else 0) + 2 * _HALF
    each = body + _AXIS + _GAP
    facts = f"{clock(duration)}, {report.lufs:.1f} LUFS, {report.true_peak_dbtp:.1f} dBTP".replace("-", "−")
    title = f"{picture.title}, {facts}"
    drawing = Drawing(_HEADER + each * len(rows), title, _description(picture.sections))
    drawing.text(LEFT, 26, picture.title, size=16)
    drawing.text(RIGHT, 26, facts, size=13, fill=FAINT, anchor="end")
    mono = np.maximum(sound.max(axis=0), -sound.min(axis=0))
    full = float(mono.max(initial=0.0))
    for index, row in enumerate(rows):
        top = _HEADER + index * each
        _sections(drawing, picture.sections, row, top, body)
        _chords(drawing, chords, row, top + _SECTION + _LANE - 3)
        drawing.seconds(row.x, row.start, row.end, top + body, top + body + 3)
        part = mono[round(row.start * rate) : round(row.end * rate)]
        drawing.wave(LEFT, RIGHT, part, top + body - _HALF, _HALF, full=full)
    return drawing


def without_form(picture: WaveformPicture) -> WaveformPicture:
    """Return the picture of music that is not what its score says."""
    return msgspec.structs.replace(picture, sections=(), chords=())


def _description(sections: tuple[SectionSpan, ...]) -> str:
    named = [f"{section.name[:_DESCRIBED_CHARS]} {clock(section.start)}" for section in sections[:_DESCRIBED]]
    more = ["…"] if len(sections) > _DESCRIBED else []
    return f"Sections: {', '.join([*named, *more])}" if named else ""


def _changes(chords: tuple[Chord, ...]) -> list[Chord]:
    """Return the chords without those that repeat the one before."""
    return [next(same) for _, same in groupby(chords, key=lambda chord: chord.symbol)]


def _sections(drawing: Drawing, sections: tuple[SectionSpan, ...], row: Row, top: float, height: float) -> None:
    """Shade each section by its energy, from its name down to the end of its waveform."""
    for section in sections:
        end = section.start + section.duration
        if not row.overlaps(section.start, end):
            continue
        left, width = row.x(section.start), row.x(end) - row.x(section.start)
        strength = min(max(section.energy, 0.0), 1.0)
        drawing.box(left + 0.5, top, width - 1, height, _SHADE, opacity=0.03 + 0.09 * strength)
        drawing.box(left + 0.5, top, width - 1, _SECTION - 4, _SHADE, opacity=0.2 + 0.5 * strength)
        drawing.text(left + width / 2, top + 13, _label(section, width - 6), size=11, anchor="middle")


def _label(section: SectionSpan, width: float) -> str:
    bars = f"{section.bars} bar{'' if section.bars == 1 else 's'}"
    whole = f"{section.name}, {bars}"
    return whole if text_width(whole, 11) <= width else fitted(section.name, width, 11)


def _chords(drawing: Drawing, chords: list[Chord], row: Row, y: float) -> None:
    """Write the symbols of the chords that begin in a row, in two lanes where one is too narrow, or leave some out."""
    ends, texts = [0.0] * _LANES, list[tuple[float, float, str]]()
    for x, symbol in _symbols(chords, row):
        lane = next((lane for lane, end in enumerate(ends) if end <= x), None)
        if lane is not None and x + text_width(symbol, _SYMBOL) < RIGHT + _BEYOND:
            texts.append((x, y + lane * _LANE, symbol))
            ends[lane] = x + text_width(symbol, _SYMBOL) + 7
    drawing.texts(texts, size=_SYMBOL)


def _symbols(chords: list[Chord], row: Row) -> Iterator[tuple[float, str]]:
    """Yield pixel and symbol of the chords that begin in a row, after the one that still sounds where it begins."""
    begun = [chord for chord in chords if chord.start <= row.start + _SOON]
    beginning = [chord for chord in chords if row.start + _SOON < chord.start < row.end]
    for chord in [*begun[-1:], *beginning]:
        yield row.x(chord.start) + 2, chord.symbol

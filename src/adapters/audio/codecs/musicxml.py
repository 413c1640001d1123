"""Writes lead sheets as MusicXML 4.0 (W3C Community Group): melody in sixteenths, lyrics, chord symbols, sections.

Source: https://www.w3.org/2021/06/musicxml40/. What falls across a bar line or has no note value of its own is tied.
"""

import re
from collections.abc import Iterator
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from adapters.audio.xml_text import printable
from domain.music.score import LeadSheet, Score
from domain.music.sung import Lyric
from domain.music.theory.meter import Meter
from domain.music.theory.pitch import octave_of
from domain.music.theory.scale import Scale

DIVISIONS: Final = 4
"""Units of time in a quarter: sixteenths."""

_VALUES: Final = (
    (16, "whole", False), (12, "half", True), (8, "half", False), (6, "quarter", True), (4, "quarter", False),
    (3, "eighth", True), (2, "eighth", False), (1, "16th", False),
)  # fmt: skip
"""Sixteenths, name and dot of the note values, longest first."""

_KINDS: Final = {
    "": "major", "m": "minor", "dim": "diminished", "maj7": "major-seventh", "m7": "minor-seventh", "7": "dominant",
    "m7b5": "half-diminished", "maj9": "major-ninth", "m9": "minor-ninth", "9": "dominant-ninth", "6": "major-sixth",
    "m6": "minor-sixth", "sus2": "suspended-second", "sus4": "suspended-fourth", "aug": "augmented",
    "dim7": "diminished-seventh", "5": "power", "add9": "major", "madd9": "minor", "7sus4": "suspended-fourth",
}  # fmt: skip
"""MusicXML's kinds of chords by what follows the root; others are written as they are, as `other`."""

_ADDED: Final = {"add9": 9, "madd9": 9, "7sus4": 7}
"""The degree that a chord has beyond those of its kind, as in a dominant chord: a seventh is minor."""

_SYLLABIC: Final = {(True, True): "single", (True, False): "begin", (False, False): "middle", (False, True): "end"}
"""Names of syllables by whether a word begins and ends with them."""

_CHORD: Final = re.compile(r"([A-G])([#b]{0,2})([^/]*)(?:/([A-G])([#b]{0,2}))?")


class _Span(NamedTuple):
    """A note or, with pitch −1, a rest: sixteenths from the start, and length; what is sung on it."""

    start: int
    length: int
    pitch: int
    lyric: Lyric | None = None


def write(score: Score, out: Path) -> None:
    """Write a score's lead sheet."""
    document = ElementTree(lead_sheet(score))
    indent(document)
    document.write(out, encoding="UTF-8", xml_declaration=True)


def lead_sheet(score: Score) -> Element:
    """Return a score's lead sheet as a MusicXML document."""
    meter = Meter.of(score.time_signature)
    bar = max(1, round(meter.bar * meter.quarters * DIVISIONS))
    root = Element("score-partwise", version="4.0")
    SubElement(SubElement(root, "work"), "work-title").text = score.style
    part_list = SubElement(SubElement(root, "part-list"), "score-part", id="P1")
    SubElement(part_list, "part-name").text = "Melody"
    part = SubElement(root, "part", id="P1")
    units = meter.quarters * DIVISIONS
    spans = list(_with_rests(score.sheet, units))
    for index in range(-(-(spans[-1].start + spans[-1].length) // bar)):
        measure = SubElement(part, "measure", number=str(index + 1))
        if index == 0:
            _attributes(measure, score, meter)
        _key_changes(measure, score.sheet, range(index * bar, (index + 1) * bar), units)
        _signs(measure, score.sheet, range(index * bar, (index + 1) * bar), units)
        for span in spans:
            _notes(measure, span, range(index * bar, (index + 1) * bar), Scale.of(score.key))
    return root


def _with_rests(sheet: LeadSheet, units: float) -> Iterator[_Span]:
    """Yield the melody in sixteenths with rests between its notes, up to the end of the piece.

    Notes that have no sixteenth of their own are left out: those after them would come late.
    """
    now = 0
    for note, lyric in zip_longest(sheet.melody, sheet.lyrics):
        start = max(now, round(note.start * units))
        length = max(1, round((note.start + note.beats) * units) - start)
        if start > note.start * units + 0.5:
            continue
        if start > now:
            yield _Span(now, start - now, -1)
        yield _Span(start, length, note.pitch, lyric)
        now = start + length
    if round(sheet.beats * units) > now:
        yield _Span(now, round(sheet.beats * units) - now, -1)


def _attributes(measure: Element, score: Score, meter: Meter) -> None:
    attributes = SubElement(measure, "attributes")
    SubElement(attributes, "divisions").text = str(DIVISIONS)
    _key(attributes, Scale.of(score.key))
    count, unit = meter.signature.split("/")
    time = SubElement(attributes, "time")
    SubElement(time, "beats").text, SubElement(time, "beat-type").text = count, unit
    clef = SubElement(attributes, "clef")
    SubElement(clef, "sign").text, SubElement(clef, "line").text = "G", "2"
    SubElement(measure, "sound", tempo=f"{score.quarters_per_minute:g}")


def _key(attributes: Element, scale: Scale) -> None:
    key, fifths = SubElement(attributes, "key"), scale.relative_major * 7 % 12
    SubElement(key, "fifths").text = str(fifths - 12 if fifths > 6 or (fifths == 6 and scale.flats) else fifths)
    SubElement(key, "mode").text = "minor" if scale.minor else "major"


def _key_changes(measure: Element, sheet: LeadSheet, inside: range, units: float) -> None:
    for (_, before), (start, after) in pairwise(sheet.keys):
        if after != before and round(start * units) in inside:
            _key(SubElement(measure, "attributes"), Scale.of(after))


def _signs(measure: Element, sheet: LeadSheet, inside: range, units: float) -> None:
    """Add the names of sections and the chords that begin in a measure, each where it begins."""
    for start, name in sheet.sections:
        if round(start * units) in inside:
            direction = SubElement(measure, "direction", placement="above")
            SubElement(SubElement(direction, "direction-type"), "rehearsal").text = printable(name)
            SubElement(direction, "offset").text = str(round(start * units) - inside.start)
    for start, symbol in sheet.chords:
        if round(start * units) in inside:
            _harmony(measure, symbol, round(start * units) - inside.start)


def _harmony(measure: Element, symbol: str, offset: int) -> None:
    matched = _CHORD.fullmatch(symbol)
    if matched is None:
        return
    step, accidental, suffix, bass, bass_accidental = matched.groups()
    harmony = SubElement(measure, "harmony")
    _step(SubElement(harmony, "root"), "root", step, accidental)
    kind = SubElement(harmony, "kind", text=suffix)
    kind.text = _KINDS.get(suffix, "other")
    if bass:
        _step(SubElement(harmony, "bass"), "bass", bass, bass_accidental)
    if suffix in _ADDED:
        _degree(harmony, _ADDED[suffix])
    SubElement(harmony, "offset").text = str(offset)


def _degree(harmony: Element, value: int) -> None:
    degree = SubElement(harmony, "degree", {"print-object": "no"})  # the kind's text has it
    SubElement(degree, "degree-value").text, SubElement(degree, "degree-alter").text = str(value), "0"
    SubElement(degree, "degree-type").text = "add"


def _step(parent: Element, prefix: str, step: str, accidental: str) -> None:
    SubElement(parent, f"{prefix}-step").text = step
    if accidental:
        SubElement(parent, f"{prefix}-alter").text = str(_alter(accidental))


def _alter(accidentals: str) -> int:
    return accidentals.count("#") - accidentals.count("b")


def _notes(measure: Element, span: _Span, inside: range, scale: Scale) -> None:
    """Add the part of a span that lies in a measure, as tied note values."""
    start, end = max(span.start, inside.start), min(span.start + span.length, inside.stop)
    while start < end:
        length, name, dotted = next(value for value in _VALUES if value[0] <= end - start)
        note = SubElement(measure, "note")
        if span.pitch < 0:
            SubElement(note, "rest")
        else:
            _pitch(SubElement(note, "pitch"), span.pitch, scale)
        SubElement(note, "duration").text = str(length)
        ties = [("stop", start > span.start), ("start", start + length < span.start + span.length)]
        tied = [kind for kind, is_tied in ties if is_tied and span.pitch >= 0]
        for kind in tied:
            SubElement(note, "tie", type=kind)
        SubElement(note, "type").text = name
        if dotted:
            SubElement(note, "dot")
        if tied:
            notations = SubElement(note, "notations")
            for kind in tied:
                SubElement(notations, "tied", type=kind)
        if span.lyric and start == span.start:
            _lyric(note, span.lyric)
        start += length


def _lyric(note: Element, lyric: Lyric) -> None:
    element = SubElement(note, "lyric")
    SubElement(element, "syllabic").text = _SYLLABIC[lyric.begins, lyric.ends]
    SubElement(element, "text").text = printable(lyric.text)
    if lyric.extends and lyric.ends:  # inside a word, hyphens say it
        SubElement(element, "extend")


def _pitch(parent: Element, pitch: int, scale: Scale) -> None:
    name = scale.spell(pitch)
    SubElement(parent, "step").text = name[0]
    if name[1:]:
        SubElement(parent, "alter").text = str(_alter(name[1:]))
    SubElement(parent, "octave").text = str(octave_of(name, pitch))

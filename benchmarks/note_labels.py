"""Reads folders of recordings with note labels: `NAME.wav` beside `NAME.csv` or `NAME.txt`.

A line is a note. A `.csv` file has commas: onset, pitch in Hz, duration, as Tony exports and vocadito has them. A
`.txt` file has blanks or tabs: onset, offset, MIDI number, as in MIREX and Molina et al. (ISMIR 2014). Times are
seconds. A first line with names (`onset,offset,midi`) overrules the order; further columns and `#` lines are ignored.
"""

import csv
from collections.abc import Iterator, Sequence
from math import isfinite, log2
from pathlib import Path
from typing import Final

from domain.music.hum import HummedNote

NAMES: Final = {
    "onset": {"onset", "start", "time", "onset_s", "start_s"},
    "offset": {"offset", "end", "offset_s", "end_s"},
    "duration": {"duration", "length", "duration_s"},
    "hz": {"hz", "pitch_hz", "frequency", "frequency_hz", "f0", "pitch"},
    "midi": {"midi", "note", "midi_note", "pitch_midi"},
}
"""Names of columns, in lower case, and what they mean."""

ORDERS: Final = {".csv": ("onset", "hz", "duration"), ".txt": ("onset", "offset", "midi")}
HERTZ: Final = (30.0, 5000.0)
MIDI: Final = (20.0, 110.0)


class LabelError(ValueError):
    """A folder or a file of labels that cannot be used; the message names file and line."""


def labelled_recordings(folder: Path) -> list[tuple[Path, tuple[HummedNote, ...]]]:
    """Return the recordings of a folder with their notes, in order of name.

    Raises:
        LabelError: No WAV file, a WAV file without or with two files of labels, or labels that cannot be read.
    """
    recordings = sorted(path for path in folder.glob("*") if path.suffix.lower() == ".wav")
    if not recordings:
        raise LabelError(f"{folder}: no .wav file in this folder")
    return [(path, read_labels(_labels_beside(path))) for path in recordings]


def _labels_beside(recording: Path) -> Path:
    found = [path for suffix in ORDERS if (path := recording.with_suffix(suffix)).is_file()]
    if len(found) != 1:
        problem = "both .csv and .txt labels" if found else "no labels: add a .csv or .txt file of the same name"
        raise LabelError(f"{recording}: {problem}")
    return found[0]


def read_labels(path: Path) -> tuple[HummedNote, ...]:
    """Return the notes of a file, in order of onset.

    Raises:
        LabelError: Not text, an unknown suffix or column, too few columns, no number, an impossible time or pitch,
            or no note at all.
    """
    if path.suffix.lower() not in ORDERS:
        raise LabelError(f"{path}: labels are .csv or .txt files")
    notes = sorted(_notes(path), key=lambda note: note.onset)
    if not notes:
        raise LabelError(f"{path}: no notes")
    return tuple(notes)


def _notes(path: Path) -> Iterator[HummedNote]:
    columns: tuple[str, ...] = ORDERS[path.suffix.lower()]
    first = True
    for number, fields in _rows(path):
        where = f"{path}, line {number}"
        if first and not _is_number(fields[0]):
            columns = _named(fields, where)
        else:
            yield _note(columns, fields, where)
        first = False


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabelError(f"{path}: not UTF-8 text") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, next(csv.reader([line])) if "," in line else line.split()


def _named(fields: Sequence[str], where: str) -> tuple[str, ...]:
    columns = tuple(
        next((meaning for meaning, names in NAMES.items() if field.strip().lower() in names), "") for field in fields
    )
    if "onset" not in columns or not {"offset", "duration"} & {*columns} or not {"hz", "midi"} & {*columns}:
        raise LabelError(f"{where}: columns must name onset, offset or duration, and midi or pitch_hz; got {fields}")
    return columns


def _note(columns: Sequence[str], fields: Sequence[str], where: str) -> HummedNote:
    if len(fields) < len(columns):
        raise LabelError(f"{where}: {len(columns)} columns expected ({', '.join(columns)}), got {len(fields)}")
    values = {name: _number(field, name, where) for name, field in zip(columns, fields, strict=False) if name}
    onset = values["onset"]
    duration = values["duration"] if "duration" in values else values["offset"] - onset
    if onset < 0 or duration <= 0:
        raise LabelError(f"{where}: a note from {onset} s that lasts {duration:.3f} s is impossible")
    return HummedNote(onset, duration, _pitch(values, where), 1.0)


def _pitch(values: dict[str, float], where: str) -> float:
    """Return the MIDI number with fraction."""
    name, (low, high) = ("midi", MIDI) if "midi" in values else ("hz", HERTZ)
    value = values[name]
    if not low <= value <= high:
        raise LabelError(f"{where}: pitch {value:g} is not within {low:g} to {high:g} {name}; name the columns?")
    return value if name == "midi" else 69 + 12 * log2(value / 440)


def _is_number(field: str) -> bool:
    try:
        return isfinite(float(field))
    except ValueError:
        return False


def _number(field: str, name: str, where: str) -> float:
    if not _is_number(field):
        raise LabelError(f"{where}: {name} is no number: {field!r}")
    return float(field)

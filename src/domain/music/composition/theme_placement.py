"""Statements: the theme's strains, placed into the sections of a piece."""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from domain.music.composition.phrase_groups import Strain, hook
from domain.music.composition.sections import Role, Span
from domain.music.model import MelodyNote
from domain.music.theory.meter import Meter

_SHORTEST_NOTE = 0.1  # beats that a note must keep when the next statement's pick-up cuts it
_WORTHWHILE = 3  # notes that a part of a strain must have to be begun


def place(spans: tuple[Span, ...], parts: tuple[Strain, ...], meter: Meter) -> tuple[tuple[MelodyNote, ...], ...]:
    """Return the melody of each section, in beats from the start of the piece.

    Verses begin with the first strain, choruses with the hook; both go on in order while whole strains fit. A
    pick-up sounds at the end of the section before.
    """
    placed: list[list[MelodyNote]] = []
    start = 0
    for span in spans:
        first = hook(parts) if span.role is Role.HOOK else 0
        quiet = span.role is Role.QUIET
        placed.append([] if quiet else list(_statements(start, span.bars, parts, first, meter)))
        start += span.bars
    return _one_voice(placed, start * meter.bar)


def _statements(bar: int, bars: int, parts: tuple[Strain, ...], index: int, meter: Meter) -> Iterator[MelodyNote]:
    end = bar + bars
    if bar == 0 and parts[index].pickup and bars > 1:
        bar = 1
    begun = False
    while bar < end:
        part = parts[index % len(parts)]
        notes = part.notes if part.bars <= end - bar else _beginning(part, (end - bar) * meter.bar)
        if begun and notes is not part.notes and len(notes) < min(_WORTHWHILE, len(part.notes)):
            return
        for note in notes:
            if note.start + bar * meter.bar >= 0:
                yield msgspec.structs.replace(note, start=note.start + bar * meter.bar)
        begun, bar, index = True, bar + part.bars, index + 1


def _beginning(part: Strain, beats: float) -> tuple[MelodyNote, ...]:
    """Return the notes of a strain that begin within so many beats."""
    return tuple(note for note in part.notes if note.start < beats - 1e-6)


def _one_voice(placed: list[list[MelodyNote]], end: float) -> tuple[tuple[MelodyNote, ...], ...]:
    """Return the sections' melodies with each note ending where the next begins, none after the end of the piece."""
    line = sorted(((section, note) for section, notes in enumerate(placed) for note in notes), key=_when)
    starts = [note.start for _, note in line]
    voices: list[list[MelodyNote]] = [[] for _ in placed]
    for (section, note), (start, following) in zip(line, pairwise((*starts, end)), strict=True):
        if following - start >= _SHORTEST_NOTE:
            voices[section].append(msgspec.structs.replace(note, beats=min(note.beats, following - start)))
    return tuple(tuple(voice) for voice in voices)


def _when(sung: tuple[int, MelodyNote]) -> tuple[float, int]:
    section, note = sung
    return note.start, section

"""Theme placement: which phrase groups each section states, and where."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import msgspec

from domain.music.composition.phrase_groups import PhraseGroup, hook_index
from domain.music.composition.sections import PlayedSection
from domain.music.model import MelodyNote, SectionRole
from domain.music.theory.meter import Meter

_SHORTEST_NOTE: Final = 0.1  # beats that a note must keep when the next group's pick-up cuts it
_FEWEST_NOTES: Final = 3  # for a phrase group that must break off to be begun at all


def place_theme(
    sections: tuple[PlayedSection, ...], groups: tuple[PhraseGroup, ...], meter: Meter
) -> tuple[tuple[MelodyNote, ...], ...]:
    """Return the melody of each section, in beats from the start of the piece.

    Verses begin with the first phrase group, choruses with the hook; both go on in order while whole groups fit. A
    pick-up sounds at the end of the section before.
    """
    melodies: list[list[MelodyNote]] = []
    start = 0
    for section in sections:
        first = hook_index(groups) if section.role is SectionRole.HOOK else 0
        quiet = section.role is SectionRole.QUIET
        melodies.append([] if quiet else list(_stated(start, section.bars, groups, first, meter)))
        start += section.bars
    return _one_voice(melodies, start * meter.bar)


def _stated(bar: int, bars: int, groups: tuple[PhraseGroup, ...], index: int, meter: Meter) -> Iterator[MelodyNote]:
    """Yield the notes of the groups from an index on, as they fit into some bars."""
    end = bar + bars
    if bar == 0 and groups[index].pickup and bars > 1:
        bar = 1
    begun = False
    while bar < end:
        group = groups[index % len(groups)]
        notes = group.notes if group.bars <= end - bar else _beginning(group, (end - bar) * meter.bar)
        if begun and notes is not group.notes and len(notes) < min(_FEWEST_NOTES, len(group.notes)):
            return
        for note in notes:
            if note.start + bar * meter.bar >= 0:
                yield msgspec.structs.replace(note, start=note.start + bar * meter.bar)
        begun, bar, index = True, bar + group.bars, index + 1


def _beginning(group: PhraseGroup, beats: float) -> tuple[MelodyNote, ...]:
    """Return the notes of a group that begin within so many beats."""
    return tuple(note for note in group.notes if note.start < beats - 1e-6)


def _one_voice(melodies: list[list[MelodyNote]], end: float) -> tuple[tuple[MelodyNote, ...], ...]:
    """Return the sections' melodies with each note ending where the next begins, none after the end of the piece."""
    line = sorted(((section, note) for section, notes in enumerate(melodies) for note in notes), key=_start_and_section)
    starts = [note.start for _, note in line]
    voices: list[list[MelodyNote]] = [[] for _ in melodies]
    for (section, note), (start, following) in zip(line, pairwise((*starts, end)), strict=True):
        if following - start >= _SHORTEST_NOTE:
            voices[section].append(msgspec.structs.replace(note, beats=min(note.beats, following - start)))
    return tuple(tuple(voice) for voice in voices)


def _start_and_section(entry: tuple[int, MelodyNote]) -> tuple[float, int]:
    section, note = entry
    return note.start, section

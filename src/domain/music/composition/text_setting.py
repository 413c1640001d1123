"""Text setting: which syllable is sung on which note.

A line is set to a phrase, as singers breathe. Where notes outnumber syllables, the weaker notes are melismas; where
syllables outnumber notes, long notes are divided and what is left comes in the next phrase. No word is torn apart.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, takewhile
from typing import Final

import msgspec

from domain.music.composition.section_words import role_of
from domain.music.composition.sections import PlayedSection
from domain.music.composition.telling import Reader, Telling
from domain.music.lyrics.text import Line, Stanza, Word
from domain.music.score import MelodyNote, SectionRole
from domain.music.styles.section_context import SectionContext

_BREATH: Final = 1.5  # beats of rest that divide a phrase
_DIVISIBLE: Final = 0.36  # seconds of a note that can be sung as two
_SIXTEENTH: Final = 0.25  # beats: what is sung can be written
_FILLED: Final = 0.6  # share of a phrase's notes that must have a syllable before another line is left for later
_ON_BEAT: Final = 1.0  # weight of a note on a beat, beside its beats
_REPEATED: Final = 1.5  # of one that repeats the pitch before it: a melisma would not be heard


class SetNote(msgspec.Struct, frozen=True):
    """A note, and how many syllables of its line are sung on it; 0 goes on with the one before."""

    note: MelodyNote
    syllables: int


class SetLine(msgspec.Struct, frozen=True):
    """Words and the notes that they are sung on, in order; the notes have all of their syllables."""

    words: Line
    notes: tuple[SetNote, ...]


def set_words(
    contexts: Sequence[SectionContext],
    sections: Sequence[PlayedSection],
    stanzas: Sequence[Stanza],
    phrases: Sequence[int],
) -> tuple[tuple[SetLine, ...], ...]:
    """Return what each section sings.

    Args:
        contexts: The sections of the piece.
        sections: The same, with their names.
        stanzas: The lyrics; at least one.
        phrases: Of the analysis of the hum: the first note of each.
    """
    telling, heads = _telling(stanzas), set[tuple[SectionRole, int]]()
    sung, before = list[tuple[SetLine, ...]](), SectionRole.QUIET
    for context, section in zip(contexts, sections, strict=True):
        if not context.melody:
            sung.append(())
            continue
        head = (section.role, context.melody[0].source)
        reader = telling.section(section.role, continues=section.role is before and head not in heads)
        heads.add(head)
        before = section.role
        sung.append(tuple(_set_section(context, reader, phrases)))
    return tuple(sung)


def _telling(stanzas: Sequence[Stanza]) -> Telling:
    tagged = dict[SectionRole, list[Stanza]]()
    for stanza in stanzas:
        if stanza.tag:
            tagged.setdefault(role_of(stanza.tag), []).append(stanza)
    return Telling(tagged, [stanza for stanza in stanzas if not stanza.tag])


def _set_section(context: SectionContext, reader: Reader, phrases: Sequence[int]) -> Iterator[SetLine]:
    for phrase in _phrases(context.melody, phrases):
        words, notes = _taken(reader, phrase, context.beat_seconds)
        yield SetLine(words, tuple(_spread(notes, _count(words))))


def _phrases(melody: Sequence[MelodyNote], phrases: Sequence[int]) -> Iterator[list[MelodyNote]]:
    """Yield the notes of each phrase: those that were hummed in one breath, in order and without a rest."""
    phrase = list[MelodyNote]()
    for note in melody:
        if phrase and _breathes(phrase[-1], note, phrases):
            yield phrase
            phrase = []
        phrase.append(note)
    if phrase:
        yield phrase


def _breathes(before: MelodyNote, note: MelodyNote, phrases: Sequence[int]) -> bool:
    rests = note.start - before.start - before.beats >= _BREATH
    begins_again = note.source < before.source
    return rests or begins_again or bisect_right(phrases, note.source) > bisect_right(phrases, before.source)


def _taken(reader: Reader, notes: list[MelodyNote], beat_seconds: float) -> tuple[Line, list[MelodyNote]]:
    """Take words for a phrase; return them with its notes, divided where they are too few."""
    line = reader.next
    divided = _divided(notes, _count(line), beat_seconds)
    fitting = _fitting(line, len(divided))
    reader.take(len(fitting))
    words = fitting
    while _count(words) < _FILLED * len(notes) and _count(words) + _count(reader.next) <= len(notes):
        words += reader.next
        reader.take(len(reader.next))
    return words, divided


def _count(words: Iterable[Word]) -> int:
    return sum(len(word.syllables) for word in words)


def _divided(notes: list[MelodyNote], count: int, beat_seconds: float) -> list[MelodyNote]:
    """Return notes with the longest ones sung twice until there are so many, as far as they can be divided."""
    divided = list(notes)
    while len(divided) < count:
        index = max(range(len(divided)), key=lambda index: divided[index].beats)
        note = divided[index]
        if note.beats * beat_seconds < _DIVISIBLE or note.beats < 2 * _SIXTEENTH:
            break
        half = msgspec.structs.replace(note, beats=note.beats / 2)
        divided[index : index + 1] = [half, msgspec.structs.replace(half, start=note.start + half.beats)]
    return divided


def _fitting(line: Line, notes: int) -> Line:
    """Return the first words that have a note for each syllable; the first word in any case."""
    fitting = takewhile(lambda count: count <= notes, accumulate(len(word.syllables) for word in line))
    return line[: max(1, sum(1 for _ in fitting))]


def _spread(notes: Sequence[MelodyNote], count: int) -> Iterator[SetNote]:
    """Yield the notes with their syllables: the strongest ones have one, the last one what is too many."""
    weights = [_weight(notes, index) for index in range(len(notes))]
    strongest = sorted(range(len(notes)), key=lambda index: (-weights[index], index))[:count]
    for index, note in enumerate(notes):
        crowded = max(0, count - len(notes)) if index == len(notes) - 1 else 0
        yield SetNote(note, (index in strongest) + crowded)


def _weight(notes: Sequence[MelodyNote], index: int) -> float:
    """Return how much a note wants a syllable of its own; the first one has one always."""
    if index == 0:
        return float("inf")
    note, before = notes[index], notes[index - 1]
    on_beat = abs(note.start - round(note.start)) < 1e-6
    return note.beats + _ON_BEAT * on_beat + _REPEATED * (note.pitch == before.pitch)

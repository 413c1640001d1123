"""Sung words: what is set to notes, in seconds for the singer, in beats for the lead sheet."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from domain.music.composition.performance import TempoMap
from domain.music.composition.text_setting import SetLine
from domain.music.score import MelodyNote
from domain.music.sung import Lyric, WordLine, WordNote


def word_lines(lines: Sequence[SetLine], tempo_map: TempoMap) -> tuple[WordLine, ...]:
    """Return the lines of a piece in score time, no note longer than until the next one or the end."""
    starts = sorted(tempo_map.seconds(each.note.start) for line in lines for each in line.notes)
    starts.append(tempo_map.duration)
    return tuple(
        WordLine(line.words, tuple(_timed(each.note, each.syllables, starts, tempo_map) for each in line.notes))
        for line in lines
    )


def _timed(note: MelodyNote, syllables: int, starts: Sequence[float], tempo_map: TempoMap) -> WordNote:
    start, end = tempo_map.seconds(note.start), tempo_map.seconds(note.start + note.beats)
    following = starts[min(bisect_right(starts, start), len(starts) - 1)]
    return WordNote(start, max(0.0, min(end, following) - start), note.pitch, note.velocity, syllables)


def sheet_lyrics(lines: Sequence[SetLine], melody: Sequence[MelodyNote]) -> Iterator[tuple[MelodyNote, Lyric | None]]:
    """Yield the notes of a section, each with what is written under it; those of its melody where no words are sung."""
    if not lines:
        yield from ((note, None) for note in melody)
    for line in lines:
        written = list(_lyrics(line))
        goes_on = [*(after is None for after in written[1:]), False]
        for each, lyric, extends in zip(line.notes, written, goes_on, strict=True):
            yield each.note, lyric and msgspec.structs.replace(lyric, extends=extends)


def _lyrics(line: SetLine) -> Iterator[Lyric | None]:
    """Yield what is written under each note of a line."""
    syllables = iter(
        (text, index == 0, index == len(word.syllables) - 1)
        for word in line.words
        for index, text in enumerate(word.syllables)
    )
    for each in line.notes:
        sung = [next(syllables) for _ in range(each.syllables)]
        text = "".join(f"{text} " if ends else text for text, _, ends in sung).strip()
        yield Lyric(text, begins=sung[0][1], ends=sung[-1][2], extends=False) if sung else None

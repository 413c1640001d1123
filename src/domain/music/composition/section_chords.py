"""The chords of a piece: harmonised, in the style's colours, with suspensions where the melody holds them."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import Final

import msgspec

from domain.music.brief import Brief
from domain.music.composition.bass_line import with_basses
from domain.music.composition.harmony import Cadence, harmonise, joined
from domain.music.composition.progressions import BRIDGE_MAJOR, BRIDGE_MINOR
from domain.music.composition.sections import PlayedSection
from domain.music.score import MelodyNote, SectionRole
from domain.music.theory.chords import Numeral, TimedChord, coloured
from domain.music.theory.meter import on_the_grid

_HELD: Final = 0.3  # seconds: shorter notes pass, and grind against nothing
_SLIVER: Final = 0.15  # beats by which singers are early or late: shorter overlaps are not heard
_SHORTEST_PART: Final = 0.4  # beats of a suspension


Melody = tuple[MelodyNote, ...]
Chords = tuple[TimedChord, ...]


def piece_chords(sections: Sequence[PlayedSection], melodies: Sequence[Melody], brief: Brief) -> tuple[Chords, ...]:
    """Return the chords of each section, in beats from the start of the piece.

    They are those that the musician wrote; else in the style's colours, over a bass line, and the fullest chorus has
    other ones than the first.
    """
    found, start, of_hook = list[Chords](), 0.0, Chords()
    for index, (section, melody) in enumerate(zip(sections, melodies, strict=True)):
        last, hooks = index == len(sections) - 1, section.role is SectionRole.HOOK
        if brief.chords:
            chords = joined(_given(section, start, brief, last=last))
        else:
            unlike = of_hook if section.is_full_hook else ()
            chords = _composed(section, melody, start, brief, last=last, unlike=unlike)
        if hooks and not of_hook:
            of_hook = tuple(msgspec.structs.replace(chord, start=chord.start - start) for chord in chords)
        found.append(chords)
        start += section.bars * brief.meter.bar
    return tuple(found) if brief.chords else _over_a_bass_line(found, melodies)


def _over_a_bass_line(chords: list[Chords], melodies: Sequence[Melody]) -> tuple[Chords, ...]:
    """Return the sections' chords with their lowest notes chosen for the whole piece."""
    line = iter(with_basses(list(chain.from_iterable(chords)), list(chain.from_iterable(melodies))))
    return tuple(tuple(islice(line, len(section))) for section in chords)


def _composed(
    section: PlayedSection, melody: Melody, start: float, brief: Brief, *, last: bool, unlike: Chords
) -> Chords:
    """Return the chords that fit a melody, in beats from the start of the piece; `unlike` counts from the section's."""
    style, key, quiet = brief.style, brief.scale, section.role is SectionRole.QUIET
    own = tuple(msgspec.structs.replace(note, start=note.start - start) for note in melody)
    chords = harmonise(
        key,
        own,
        section.bars,
        brief.meter,
        loop=_loop(section, brief),
        beat_seconds=brief.beat_seconds,
        cadence=Cadence(open=(quiet or section.role is SectionRole.BRIDGE) and not last, last=last),
        unlike=unlike,
    )
    held = tuple(note for note in own if note.beats * brief.beat_seconds >= _HELD)
    colour = style.quiet_colour if quiet and not last else style.colour
    return joined(
        TimedChord(start + part.start, part.beats, coloured(part.harmony, key, colour, _held_over(part, held)))
        for chord in chords
        for part in _parts_of(chord, held)
    )


def _given(section: PlayedSection, start: float, brief: Brief, *, last: bool) -> Iterator[TimedChord]:
    """Yield what the musician wrote, a bar each; the piece ends on the first of them."""
    bar = brief.meter.bar
    for index in range(section.bars):
        closes = last and index == section.bars - 1
        yield TimedChord(start + index * bar, bar, brief.chords[0 if closes else index % len(brief.chords)])


def _loop(section: PlayedSection, brief: Brief) -> tuple[Numeral, ...]:
    minor = brief.scale.minor
    if section.role is SectionRole.BRIDGE:
        return BRIDGE_MINOR if minor else BRIDGE_MAJOR
    return brief.style.loop_minor if minor else brief.style.loop_major


def _parts_of(chord: TimedChord, held: tuple[MelodyNote, ...]) -> Iterator[TimedChord]:
    """Yield a chord, divided where the band plays a held note that suspends its third or resolves that."""
    turns = {(chord.harmony.root + 4) % 12, (chord.harmony.root + 5) % 12}
    inside = [note for note in held if chord.start - 1e-6 < note.start < chord.end - 1e-6 and note.pitch % 12 in turns]
    starts = sorted({on_the_grid(note.start) for note in inside})
    borders = [beat for beat in starts if chord.start + _SHORTEST_PART < beat < chord.end - 1e-6]
    both = len({note.pitch % 12 for note in inside}) > 1
    for begin, end in pairwise((chord.start, *(borders if both else ()), chord.end)):
        yield msgspec.structs.replace(chord, start=begin, beats=end - begin)


def _held_over(chord: TimedChord, held: tuple[MelodyNote, ...]) -> frozenset[int]:
    """Return the pitch classes of the held notes that are sung while a chord sounds."""
    begin, end = chord.start + _SLIVER, chord.end - _SLIVER
    sung = (note for note in held if note.start < end and note.start + note.beats > begin)
    return frozenset(note.pitch % 12 for note in sung)

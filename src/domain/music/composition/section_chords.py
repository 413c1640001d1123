"""The chords of a section: harmonised, in the style's colours, with suspensions where the melody holds them."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import msgspec

from domain.music.brief import Brief
from domain.music.composition.harmony import Cadence, harmonise, joined
from domain.music.composition.progressions import BRIDGE_MAJOR, BRIDGE_MINOR
from domain.music.composition.sections import PlayedSection
from domain.music.model import MelodyNote, SectionRole
from domain.music.theory.chords import Numeral, TimedChord, coloured

_HELD: Final = 0.3  # seconds: shorter notes pass, and grind against nothing
_SHORTEST_PART: Final = 0.4  # beats of a suspension


def section_chords(
    section: PlayedSection,
    melody: tuple[MelodyNote, ...],
    start: float,
    brief: Brief,
    *,
    last: bool,
    unlike: tuple[TimedChord, ...] = (),
) -> tuple[TimedChord, ...]:
    """Return the section's chords in the style's colours, in beats from the start of the piece.

    Args:
        section: The section.
        melody: What it is harmonised for, in beats from the start of the piece.
        start: Beats.
        brief: Key, meter and style.
        last: Whether the piece ends with it.
        unlike: Chords of an earlier statement, in beats from its start, that this one is to differ from.
    """
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


def _loop(section: PlayedSection, brief: Brief) -> tuple[Numeral, ...]:
    minor = brief.scale.minor
    if section.role is SectionRole.BRIDGE:
        return BRIDGE_MINOR if minor else BRIDGE_MAJOR
    return brief.style.loop_minor if minor else brief.style.loop_major


def _parts_of(chord: TimedChord, held: tuple[MelodyNote, ...]) -> Iterator[TimedChord]:
    """Yield a chord, divided where a held note begins that suspends its third or resolves the suspension."""
    turns = {(chord.harmony.root + 4) % 12, (chord.harmony.root + 5) % 12}
    inside = [note for note in held if chord.start - 1e-6 < note.start < chord.end - 1e-6 and note.pitch % 12 in turns]
    borders = [note.start for note in inside if note.start > chord.start + _SHORTEST_PART]
    both = len({note.pitch % 12 for note in inside}) > 1
    for begin, end in pairwise((chord.start, *(borders if both else ()), chord.end)):
        yield msgspec.structs.replace(chord, start=begin, beats=end - begin)


def _held_over(chord: TimedChord, held: tuple[MelodyNote, ...]) -> frozenset[int]:
    """Return the pitch classes of the held notes that are sung while a chord sounds."""
    sung = (note for note in held if note.start < chord.end - 1e-6 and note.start + note.beats > chord.start + 1e-6)
    return frozenset(note.pitch % 12 for note in sung)

"""Each section with its chords, its melody and its neighbours, as players need it."""

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

import msgspec

from domain.music.brief import Brief
from domain.music.composition.bass_line import with_basses
from domain.music.composition.harmony import Cadence, harmonise, joined
from domain.music.composition.phrase_groups import PhraseGroup
from domain.music.composition.sections import PlayedSection
from domain.music.composition.theme_placement import place_theme
from domain.music.model import MelodyNote, SectionRole
from domain.music.styles.section_context import SectionContext
from domain.music.styles.style import LEAD, Style
from domain.music.theory.chords import TimedChord, coloured
from domain.music.theory.meter import Meter

_FREE_CEILING: Final = 71  # where no melody needs its own register
_HELD: Final = 0.3  # seconds: shorter notes pass, and grind against nothing
_SHORTEST_PART: Final = 0.4  # beats of a suspension
_OUT_OF_RANGE: Final = 10  # semitones from the lead's centre that one outside its range is worth
_OCTAVES: Final = range(-60, 72, 12)


def section_contexts(
    sections: tuple[PlayedSection, ...], groups: tuple[PhraseGroup, ...], brief: Brief
) -> tuple[SectionContext, ...]:
    """Return the piece's sections in order, their melodies at the pitch of the singer."""
    meter, melodies = brief.meter, place_theme(sections, groups, brief.meter)
    shift = lead_shift([note for notes in melodies for note in notes], brief.style)
    contexts, start = list[SectionContext](), 0.0
    for index, (section, melody) in enumerate(zip(sections, melodies, strict=True)):
        last = index == len(sections) - 1
        before = sections[index - 1].energy if index else section.energy - 1
        after = section.energy if last else sections[index + 1].energy
        contexts.append(
            SectionContext(
                role=section.role,
                energy=section.energy,
                start=start,
                bars=section.bars,
                meter=meter,
                chords=_chords(section, melody, start, brief, last=last),
                melody=melody,
                quote=_quote(section, groups[0], start, meter),
                ceiling=min((note.pitch + shift - 1 for note in melody), default=_FREE_CEILING),
                closing=last,
                rise=after - section.energy,
                arrival=section.energy - before,
                beat_seconds=brief.beat_seconds,
            )
        )
        start = contexts[-1].end
    return _over_a_bass_line(contexts)


def _over_a_bass_line(contexts: list[SectionContext]) -> tuple[SectionContext, ...]:
    """Return the sections with the lowest notes of their chords chosen for the whole piece."""
    melody = [note for context in contexts for note in context.melody]
    chords = iter(with_basses([chord for context in contexts for chord in context.chords], melody))
    return tuple(
        msgspec.structs.replace(context, chords=tuple(islice(chords, len(context.chords)))) for context in contexts
    )


def lead_shift(notes: list[MelodyNote], style: Style) -> int:
    """Return the octaves, in semitones, between the melody as hummed and the lead's own register."""
    lead = style.channels[LEAD].instrument
    pitches = [note.pitch for note in notes]
    middle = sum(note.pitch * note.beats for note in notes) / sum(note.beats for note in notes)

    def cost(shift: int) -> float:
        outside = max(0, lead.low - min(pitches) - shift) + max(0, max(pitches) + shift - lead.high)
        return abs(middle + shift - style.lead_centre) + _OUT_OF_RANGE * outside

    return min(_OCTAVES, key=cost)


def _chords(
    section: PlayedSection, melody: tuple[MelodyNote, ...], start: float, brief: Brief, *, last: bool
) -> tuple[TimedChord, ...]:
    """Return the section's chords in the style's colours, in beats from the start of the piece."""
    style, key, quiet = brief.style, brief.scale, section.role is SectionRole.QUIET
    own = tuple(msgspec.structs.replace(note, start=note.start - start) for note in melody)
    chords = harmonise(
        key,
        own,
        section.bars,
        brief.meter,
        loop=style.loop_minor if key.minor else style.loop_major,
        beat_seconds=brief.beat_seconds,
        cadence=Cadence(open=quiet and not last, last=last),
    )
    held = tuple(note for note in own if note.beats * brief.beat_seconds >= _HELD)
    colour = style.quiet_colour if quiet and not last else style.colour
    return joined(
        TimedChord(start + part.start, part.beats, coloured(part.harmony, key, colour, _held_over(part, held)))
        for chord in chords
        for part in _parts_of(chord, held)
    )


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


def _quote(section: PlayedSection, group: PhraseGroup, start: float, meter: Meter) -> tuple[MelodyNote, ...]:
    """Return the beginning of the theme for a quiet section that is long enough for it, from its second bar on."""
    room = (section.bars - 2) * meter.bar
    if section.role is not SectionRole.QUIET or room <= 0:
        return ()
    return tuple(
        msgspec.structs.replace(note, start=note.start + start + meter.bar, beats=min(note.beats, room - note.start))
        for note in group.notes
        if 0 <= note.start < room
    )

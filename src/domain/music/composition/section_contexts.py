"""Each section with its chords, its melody and its neighbours, as players need it."""

from collections import Counter
from random import Random
from typing import Final

import msgspec

from domain.music.brief import Brief
from domain.music.composition.lead_line import DOUBLES_FROM, Changes, answers, solo
from domain.music.composition.lifting import lifted
from domain.music.composition.phrase_groups import PhraseGroup
from domain.music.composition.section_chords import piece_chords
from domain.music.composition.sections import PlayedSection
from domain.music.composition.theme_placement import Melodies
from domain.music.score import MelodyNote, SectionRole
from domain.music.styles.section_context import SectionContext
from domain.music.styles.style import LEAD, Style
from domain.music.theory.chords import TimedChord
from domain.music.theory.meter import Meter

_FREE_CEILING: Final = 71  # where no melody needs its own register
_OUT_OF_RANGE: Final = 10  # semitones from the lead's centre that one outside its range is worth
_OCTAVES: Final = range(-60, 72, 12)


def section_contexts(
    sections: tuple[PlayedSection, ...], melodies: Melodies, hook: PhraseGroup, brief: Brief
) -> tuple[SectionContext, ...]:
    """Return the piece's sections in order, their melodies at the pitch of the singer."""
    chords = piece_chords(sections, melodies, brief)
    shift = lead_shift([note for notes in melodies for note in notes], brief.style)
    seen, doubled = Counter[SectionRole](), _doubles_from(sections)
    contexts = list[SectionContext]()
    for index, (section, melody) in enumerate(zip(sections, melodies, strict=True)):
        last, start = index == len(sections) - 1, contexts[-1].end if contexts else 0.0
        contexts.append(
            SectionContext(
                role=section.role,
                energy=section.energy,
                start=start,
                bars=section.bars,
                meter=brief.meter,
                key=brief.scale,
                chords=chords[index],
                melody=() if section.role is SectionRole.SOLO else melody,
                lead=_lead(section, melody, chords[index], brief, doubles=section.energy >= doubled),
                quote=_quote(section, hook, start, brief.meter),
                ceiling=min((note.pitch + shift - 1 for note in melody), default=_FREE_CEILING),
                closing=last,
                rise=0.0 if last else sections[index + 1].energy - section.energy,
                arrival=section.energy - sections[index - 1].energy if index else 1.0,
                beat_seconds=brief.beat_seconds,
                statement=seen[section.role],
                half_time=section.half_time,
            )
        )
        seen[section.role] += 1
    return lifted(tuple(contexts), sections, brief)


def _doubles_from(sections: tuple[PlayedSection, ...]) -> float:
    """Return the energy from which the lead plays along with the singer: some section has it."""
    return min(DOUBLES_FROM, max(each.energy for each in sections if each.role is not SectionRole.QUIET))


def _lead(
    section: PlayedSection,
    melody: tuple[MelodyNote, ...],
    chords: tuple[TimedChord, ...],
    brief: Brief,
    *,
    doubles: bool,
) -> tuple[MelodyNote, ...]:
    """Return what the lead instrument plays in a section; `doubles` says whether it plays along with the singer."""
    changes, end = Changes(chords, brief.scale), chords[-1].end
    if section.role is SectionRole.SOLO:
        return solo(melody, changes, Random(f"{brief.seed}/solo/{end}"))  # noqa: S311 - music, not cryptography
    if not brief.analysis:
        return melody
    own = melody if doubles else ()
    return tuple(sorted((*own, *answers(melody, changes, end, brief.meter)), key=lambda note: note.start))


def lead_shift(notes: list[MelodyNote], style: Style) -> int:
    """Return the octaves, in semitones, between the melody as hummed and the lead's own register."""
    if not notes:
        return 0
    lead = style.channels[LEAD].instrument
    pitches = [note.pitch for note in notes]
    middle = sum(note.pitch * note.beats for note in notes) / sum(note.beats for note in notes)

    def cost(shift: int) -> float:
        outside = max(0, lead.low - min(pitches) - shift) + max(0, max(pitches) + shift - lead.high)
        return abs(middle + shift - style.lead_centre) + _OUT_OF_RANGE * outside

    return min(_OCTAVES, key=cost)


def _quote(section: PlayedSection, group: PhraseGroup, start: float, meter: Meter) -> tuple[MelodyNote, ...]:
    """Return the beginning of the hook for a quiet section, its last half bar left free."""
    room = section.bars * meter.bar - meter.bar / 2
    if section.role is not SectionRole.QUIET:
        return ()
    return tuple(
        msgspec.structs.replace(note, start=note.start + start, beats=min(note.beats, room - note.start))
        for note in group.notes
        if 0 <= note.start < room - meter.step
    )

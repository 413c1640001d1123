"""Theme placement: which phrase groups each section states, and how.

Hooks state the hook; verses go through the other groups in order, so that a long hum is heard whole. A group that a
section cuts is gone on with in the next section of its role. What is stated again is varied; a bridge leads the head of
the hook through a sequence.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Final, NamedTuple

import msgspec

from domain.music.composition.phrase_groups import PhraseGroup, hook_index
from domain.music.composition.sections import PlayedSection
from domain.music.composition.variation import sequence, varied
from domain.music.score import MelodyNote, SectionRole
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

_SHORTEST_NOTE: Final = 0.1  # beats that a note must keep when the next group's pick-up cuts it
_FEWEST_NOTES: Final = 3  # for a phrase group that must break off to be begun at all


Melodies = tuple[tuple[MelodyNote, ...], ...]
"""The melody of each section, in beats from the start of the piece; none in quiet sections."""


class PlacedTheme(NamedTuple):
    """Where a piece states its theme.

    Attributes:
        melodies: What each section states.
        pace: The length of each bar, against the usual one, as the theme in it was hummed.
    """

    melodies: Melodies
    pace: tuple[float, ...]


def place_theme(
    sections: tuple[PlayedSection, ...], groups: tuple[PhraseGroup, ...], key: Scale, meter: Meter, seed: int
) -> PlacedTheme:
    """Return the theme as the sections state it.

    That of a solo is the hook: nobody sings it, but its chords and its rhythm are those of the solo. A pick-up sounds
    at the end of the section before.
    """
    statements, melodies, start = _Statements(groups, key, meter, seed), list[list[MelodyNote]](), 0
    for section in sections:
        origin = start * meter.bar
        stated = statements.section(section, start)
        notes = (
            msgspec.structs.replace(note, start=note.start + origin) for note in stated if note.start + origin >= 0
        )
        melodies.append(list(notes))
        start += section.bars
    pace = tuple(statements.pace.get(bar, 1.0) for bar in range(start))
    return PlacedTheme(_one_voice(melodies, start * meter.bar), pace)


class _Statements:
    """How far a piece has stated its theme; `pace` has the bars that are not as long as usual."""

    def __init__(self, groups: tuple[PhraseGroup, ...], key: Scale, meter: Meter, seed: int) -> None:
        self._groups, self._key, self._meter, self._seed = groups, key, meter, seed
        hook = hook_index(groups)
        verses = [index for index in range(len(groups)) if index != hook] or [hook]
        self._orders = {SectionRole.VERSE: verses, SectionRole.HOOK: [hook]}
        self._begun: Counter[SectionRole] = Counter()
        self._times: Counter[int] = Counter()
        self._rests: dict[SectionRole, PhraseGroup] = {}
        self._first_bar = 0
        self.pace: dict[int, float] = {}

    def section(self, section: PlayedSection, first_bar: int) -> Iterator[MelodyNote]:
        """Yield the notes of a section in beats from its start, which is a bar of the piece."""
        self._first_bar = first_bar
        hook = self._groups[self._orders[SectionRole.HOOK][0]]
        match section.role:
            case SectionRole.QUIET:
                return
            case SectionRole.BRIDGE:
                yield from sequence(hook.notes, section.bars, self._key, self._meter)
            case SectionRole.SOLO:
                for times in range(-(-section.bars // hook.bars)):
                    yield from self._at(hook, times * hook.bars, section.bars)
            case role:
                yield from self._stated(role, section.bars)

    def _stated(self, role: SectionRole, bars: int) -> Iterator[MelodyNote]:
        """Yield the notes of the role's groups from where it got to, as they fit into some bars."""
        bar = 0
        while bar < bars:
            group = self._rests.pop(role, None) or self._next(role)
            if self._first_bar == bar == 0 and group.pickup and bars > 1:
                bar = 1
            whole = group.bars <= bars - bar
            notes = list(self._at(group, bar, bars))
            if bar and not whole and len(notes) < min(_FEWEST_NOTES, len(group.notes)):
                self._rests[role] = group
                return
            yield from notes
            if not whole:
                self._rests[role] = _rest_of(group, bars - bar, self._meter)
            bar += group.bars

    def _next(self, role: SectionRole) -> PhraseGroup:
        """Return the role's next group, varied if it was stated before."""
        order = self._orders[role]
        index = order[self._begun[role] % len(order)]
        self._begun[role] += 1
        statement, group = self._times[index], self._groups[index]
        self._times[index] += 1
        chance = Random(f"{self._seed}/{index}/{statement}")  # noqa: S311 - music, not cryptography
        return msgspec.structs.replace(group, notes=varied(group.notes, statement, self._key, self._meter, chance))

    def _at(self, group: PhraseGroup, bar: int, bars: int) -> Iterator[MelodyNote]:
        """Yield the notes of a group that begins at a bar and must end by another one."""
        origin, end = bar * self._meter.bar, bars * self._meter.bar
        self.pace |= {self._first_bar + bar + index: length for index, length in enumerate(group.pace[: bars - bar])}
        for note in group.notes:
            if note.start + origin < end - 1e-6:
                yield msgspec.structs.replace(note, start=note.start + origin)


def _rest_of(group: PhraseGroup, bars: int, meter: Meter) -> PhraseGroup:
    """Return what is left of a group after some of its bars; the whole group where no note is left."""
    gone = bars * meter.bar
    notes = tuple(
        msgspec.structs.replace(note, start=note.start - gone) for note in group.notes if note.start >= gone - 1e-6
    )
    return PhraseGroup(notes, group.bars - bars, group.pace[bars:]) if notes else group


def _one_voice(melodies: list[list[MelodyNote]], end: float) -> Melodies:
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

"""Staging: each section with its chords, its melody and its neighbours, ready for the arrangers."""

from typing import Final

import msgspec

from domain.music.composition.harmony import Ending, Placed, harmonise
from domain.music.composition.phrase_groups import Strain
from domain.music.composition.sections import Role, Span
from domain.music.composition.theme_placement import place
from domain.music.model import MelodyNote
from domain.music.styles.ensemble import RANGES, Ensemble
from domain.music.styles.section_context import Scene
from domain.music.styles.style import Style
from domain.music.theory.chords import coloured
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale

LEAD: Final = "lead"
_FREE_CEILING: Final = 71  # where no melody needs its own register


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the whole piece."""

    style: Style
    ensemble: Ensemble
    key: Scale
    meter: Meter
    beat_seconds: float
    seed: int


def stage(spans: tuple[Span, ...], parts: tuple[Strain, ...], setting: Setting) -> tuple[Scene, ...]:
    """Return the piece's sections in order, their melodies at the pitch of the singer."""
    melodies = place(spans, parts, setting.meter)
    shift = lead_shift([note for notes in melodies for note in notes], setting.ensemble)
    scenes, start = [], 0.0
    for index, (span, notes) in enumerate(zip(spans, melodies, strict=True)):
        last = index == len(spans) - 1
        before = spans[index - 1].energy if index else span.energy - 1
        after = span.energy if last else spans[index + 1].energy
        scenes.append(
            Scene(
                role=span.role,
                energy=span.energy,
                start=start,
                bars=span.bars,
                meter=setting.meter,
                chords=_harmony(span, notes, start, setting, last=last),
                melody=notes,
                quote=_quote(span, parts[0], start, setting.meter),
                ceiling=min((note.pitch + shift - 1 for note in notes), default=_FREE_CEILING),
                closing=last,
                rise=after - span.energy,
                arrival=span.energy - before,
                beat_seconds=setting.beat_seconds,
            )
        )
        start = scenes[-1].end
    return tuple(scenes)


def lead_shift(notes: list[MelodyNote], ensemble: Ensemble) -> int:
    """Return the octaves, in semitones, between the melody as hummed and the lead's own register."""
    low, high = RANGES[ensemble.desks[LEAD].instrument]
    pitches = [note.pitch for note in notes]
    middle = sum(note.pitch * note.beats for note in notes) / sum(note.beats for note in notes)

    def cost(shift: int) -> float:
        outside = max(0, low - min(pitches) - shift) + max(0, max(pitches) + shift - high)
        return abs(middle + shift - ensemble.lead_centre) + 10 * outside

    return min(range(-60, 72, 12), key=cost)


def _harmony(
    span: Span, notes: tuple[MelodyNote, ...], start: float, setting: Setting, *, last: bool
) -> tuple[Placed, ...]:
    """Return the section's chords in the style's colours, in beats from the start of the piece."""
    ensemble, quiet = setting.ensemble, span.role is Role.QUIET
    own = tuple(msgspec.structs.replace(note, start=note.start - start) for note in notes)
    chords = harmonise(
        setting.key,
        own,
        span.bars,
        setting.meter,
        loop=ensemble.loop_minor if setting.key.minor else ensemble.loop_major,
        beat_seconds=setting.beat_seconds,
        ending=Ending(open=quiet and not last, last=last),
    )
    colour = ensemble.quiet_colour if quiet and not last else ensemble.colour
    return tuple(
        Placed(start + each.start, each.beats, coloured(each.harmony, setting.key, colour, _over(each, own)))
        for each in chords
    )


def _over(chord: Placed, notes: tuple[MelodyNote, ...]) -> frozenset[int]:
    end = chord.start + chord.beats
    return frozenset(note.pitch % 12 for note in notes if note.start < end and note.start + note.beats > chord.start)


def _quote(span: Span, part: Strain, start: float, meter: Meter) -> tuple[MelodyNote, ...]:
    """Return the beginning of the theme for a section that does not tell it but has the time to remember it."""
    room = (span.bars - 2) * meter.bar
    if span.role is not Role.QUIET or room <= 0:
        return ()
    return tuple(
        msgspec.structs.replace(note, start=note.start + start + meter.bar, beats=min(note.beats, room - note.start))
        for note in part.notes
        if 0 <= note.start < room
    )

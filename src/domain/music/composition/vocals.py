"""Vocal lines: the theme in the hummer's own octave, with doubles and harmonies in sections of high energy.

Doubles are the same line some cents and milliseconds away, as when a singer records it again; harmonies are diatonic
thirds, fourths or sixths that belong to the chord.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import msgspec

from domain.music.composition.performance import TempoMap
from domain.music.hum import Analysis
from domain.music.listening.stretches import stretch_of
from domain.music.score import MelodyNote
from domain.music.styles.section_context import SectionContext
from domain.music.sung import SungNote, VocalLine

_LONGEST_STRETCH: Final = 2.5  # a held note is at most so many times as long as it was hummed
_DOUBLED: Final = 0.5  # energy from which doubles sing
_HARMONISED: Final = 0.7  # and harmonies
_DOUBLES: Final = ((7.0, 0.017, -0.5, -10.0), (-7.5, 0.026, 0.5, -10.5))  # cents, seconds, pan, dB
_ABOVE: Final = (2, 3, 5)  # diatonic steps: third, fourth, sixth
_BELOW: Final = (-2, -3, -5)
_HARMONIES: Final = ((_ABOVE, 0.4, -14.0), (_BELOW, -0.4, -13.0))  # diatonic steps, pan, dB
_SHORTEST: Final = 0.05  # seconds that a delayed double must have left


def vocal_lines(contexts: tuple[SectionContext, ...], analysis: Analysis, tempo_map: TempoMap) -> tuple[VocalLine, ...]:
    """Return the vocal lines: the lead always, doubles and harmonies where a section has the energy for them."""
    lead = _line(((context, note) for context in contexts for note in context.melody), analysis, tempo_map)
    lines = [VocalLine(role="lead", notes=tuple(lead))]
    doubled = _sung_in(contexts, _DOUBLED, analysis, tempo_map)
    lines += [
        VocalLine(role="double", gain_db=gain, pan=pan, notes=_apart(doubled, cents / 100, late, tempo_map))
        for cents, late, pan, gain in _DOUBLES
    ]
    for steps, pan, gain in _HARMONIES:
        notes = [(context, _harmony(context, note, steps)) for context, note in _lively(contexts, _HARMONISED)]
        lines.append(VocalLine(role="harmony", gain_db=gain, pan=pan, notes=tuple(_line(notes, analysis, tempo_map))))
    return tuple(line for line in lines if line.notes)


def _lively(contexts: tuple[SectionContext, ...], energy: float) -> list[tuple[SectionContext, MelodyNote]]:
    return [(context, note) for context in contexts if context.energy >= energy for note in context.melody]


def _sung_in(
    contexts: tuple[SectionContext, ...], energy: float, analysis: Analysis, tempo_map: TempoMap
) -> list[SungNote]:
    return _line(_lively(contexts, energy), analysis, tempo_map)


def _line(
    notes: Iterable[tuple[SectionContext, MelodyNote]], analysis: Analysis, tempo_map: TempoMap
) -> list[SungNote]:
    line = [_sung(note, analysis, tempo_map) for _, note in sorted(notes, key=lambda sung: sung[1].start)]
    for index, (note, following) in enumerate(pairwise(line)):
        room = following.start - note.start
        if note.duration > room:
            line[index] = msgspec.structs.replace(note, duration=room)
    return line


def _sung(note: MelodyNote, analysis: Analysis, tempo_map: TempoMap) -> SungNote:
    """Return a written note with the stretch of the recording that it is made of."""
    stretch = stretch_of(note.source, analysis)
    start = tempo_map.seconds(note.start)
    end = min(tempo_map.seconds(note.start + note.beats), tempo_map.duration)
    return SungNote(
        start=start,
        duration=min(end - start, stretch.duration * _LONGEST_STRETCH),
        pitch=float(note.pitch),
        source_onset=stretch.onset,
        source_duration=stretch.duration,
        velocity=note.velocity,
    )


def _harmony(context: SectionContext, note: MelodyNote, steps: tuple[int, ...]) -> MelodyNote:
    """Return the closest of some diatonic intervals that belongs to the chord, else the first, a third."""
    candidates = [context.key.move(note.pitch, step) for step in steps]
    classes = context.chord_at(note.start + min(0.25, note.beats / 2)).classes
    return msgspec.structs.replace(
        note, pitch=next((pitch for pitch in candidates if pitch % 12 in classes), candidates[0])
    )


def _apart(line: list[SungNote], detune: float, late: float, tempo_map: TempoMap) -> tuple[SungNote, ...]:
    """Return the line detuned by a fraction of a semitone and some seconds late."""
    return tuple(
        msgspec.structs.replace(
            note,
            start=note.start + late,
            duration=min(note.duration, tempo_map.duration - note.start - late),
            pitch=note.pitch + detune,
        )
        for note in line
        if note.start + late < tempo_map.duration - _SHORTEST
    )

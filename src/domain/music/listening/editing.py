"""A hum whose notes somebody edited: what was heard of it, as far as the edit leaves it true.

The recording stays, and with it its tempo, its beats and its tuning: edited notes are placed among the beats that were
heard. Phrases follow the new notes. The key stays while the tune is in it, and is found again where it is not.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from domain.errors import Problem
from domain.music.hum import Analysis, HummedNote, Unit
from domain.music.listening.key import find_key
from domain.music.listening.phrases import phrase_starts
from domain.music.listening.stretches import stretch_of
from domain.music.theory.scale import Scale
from domain.recordings.length import LONGEST_SECONDS

LONGEST: Final = LONGEST_SECONDS
"""Seconds until the end of the last note: as long as a recording may be."""

MOST_NOTES: Final = 1024
"""More than eight in each second of the longest recording."""

SHORTEST_NOTE: Final = 0.03
LOWEST, HIGHEST = 21, 108
"""MIDI numbers, as on a piano."""

_TOUCHING: Final = 0.001  # seconds by which notes may overlap: numbers are rounded
_KEY_NOTES: Final = 256  # from the beginning, among which a key is found: about a millisecond each
_IN_KEY: Final = 0.9  # share of the sung time that must be in the scale for the key to stay


class EditedNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note as it is to be.

    Attributes:
        start: Seconds into the recording.
        duration: Seconds.
        pitch: MIDI number (69 = A4), exactly as it is to be written: nothing corrects it.
        velocity: 0..1, relative to the loudest note; left out, as loud as the note that was hummed there.
    """

    start: Annotated[float, Meta(ge=0, le=LONGEST)]
    duration: Annotated[float, Meta(ge=SHORTEST_NOTE, le=LONGEST)]
    pitch: Annotated[int, Meta(ge=LOWEST, le=HIGHEST)]
    velocity: Unit | None = None


def order_problems(notes: Sequence[EditedNote], at: str) -> list[Problem]:
    """Return what is wrong with notes, each of which is valid; `at` points to the list."""
    if not 0 < len(notes) <= MOST_NOTES:
        return [Problem(at, f"must have 1 to {MOST_NOTES} notes")]
    found = [
        Problem(f"{at}/{index}/start", "must not be before the end of the note before it: one voice sings")
        for index, (before, note) in enumerate(pairwise(notes), start=1)
        if note.start < before.start + before.duration - _TOUCHING
    ]
    last = notes[-1]
    if last.start + last.duration > LONGEST:
        found.append(Problem(f"{at}/{len(notes) - 1}/duration", f"must end within {LONGEST:g} s"))
    return found


def edited(analysis: Analysis, notes: Sequence[EditedNote]) -> Analysis:
    """Return the analysis of a hum with other notes; both have at least one."""
    onsets = [note.onset for note in analysis.notes]
    sources = [_source(note, analysis, onsets) for note in notes]
    curve = [analysis.tuning_curve[source] if analysis.tuning_curve else analysis.tuning_cents for source in sources]
    changed: dict[str, Any] = {
        "notes": tuple(map(_as_hummed, notes, (analysis.notes[source] for source in sources), curve)),
        "written": tuple(note.pitch for note in notes),
        "tuning_curve": tuple(curve),
        "sung_from": tuple(stretch_of(source, analysis) for source in sources),
    }
    if _rhythm_of(changed["notes"]) != _rhythm_of(analysis.notes):
        changed["phrases"] = phrase_starts(changed["notes"])
    analysis = msgspec.structs.replace(analysis, **changed)
    return analysis if _in_key(analysis) else _in_new_key(analysis)


def _source(note: EditedNote, analysis: Analysis, onsets: list[float]) -> int:
    """Return the hummed note that sounds longest while a note shall; where none does, the nearest of its neighbours."""
    end = note.start + note.duration
    first, last = bisect_right(onsets, note.start) - 1, bisect_left(onsets, end)

    def shared(index: int) -> tuple[float, float]:
        hummed = analysis.notes[index]
        overlap = min(end, hummed.onset + hummed.duration) - max(note.start, hummed.onset)
        return max(0.0, overlap), -abs(hummed.onset - note.start)

    return max(range(max(0, first), min(len(onsets), last + 1)), key=shared)


def _as_hummed(note: EditedNote, source: HummedNote, tuning_cents: float) -> HummedNote:
    loudness = source.loudness if note.velocity is None else note.velocity
    return HummedNote(note.start, note.duration, note.pitch + tuning_cents / 100, loudness)


def _rhythm_of(notes: Sequence[HummedNote]) -> list[tuple[float, float]]:
    return [(note.onset, note.duration) for note in notes]


def _in_key(analysis: Analysis) -> bool:
    scale = Scale.of(analysis.key)
    sung = sum(note.duration for note in analysis.notes)
    inside = sum(
        note.duration for note, pitch in zip(analysis.notes, analysis.written, strict=True) if scale.fits_melody(pitch)
    )
    return inside >= _IN_KEY * sung


def _in_new_key(analysis: Analysis) -> Analysis:
    tempered = [
        msgspec.structs.replace(note, pitch=float(pitch))
        for note, pitch in zip(analysis.notes[:_KEY_NOTES], analysis.written, strict=False)
    ]
    found = find_key(tempered, [first for first in analysis.phrases if first < len(tempered)])
    return msgspec.structs.replace(
        analysis, key=found.scale.name, key_confidence=found.confidence, key_candidates=found.candidates
    )

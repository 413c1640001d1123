"""From paper to time: strokes in beats become notes in seconds, with groove and the looseness of players."""

from math import floor
from random import Random

import msgspec

from domain.music.model import Part, ScoreNote
from domain.music.styles.ensemble import RANGES, Desk
from domain.music.styles.section_context import Stroke
from domain.music.theory.pitch import fold

_SHORTEST = 0.02  # seconds


class Clock(msgspec.Struct, frozen=True):
    """Turns beats into seconds.

    Attributes:
        beat_seconds: Seconds of a beat.
        duration: Seconds of the piece.
        pair: Beats of two notes that swing together; 0 is straight.
        swing: Where the second of them begins, 0.5..0.75 of the pair.
    """

    beat_seconds: float
    duration: float
    pair: float = 0.0
    swing: float = 0.5

    def seconds(self, beat: float, *, swings: bool = False) -> float:
        """Return when a beat sounds."""
        return (self._swung(beat) if swings and self.pair else beat) * self.beat_seconds

    def _swung(self, beat: float) -> float:
        whole = floor(beat / self.pair + 1e-9)
        place = max(0.0, beat / self.pair - whole)
        early = place < 0.5
        moved = place * 2 * self.swing if early else self.swing + (place - 0.5) * 2 * (1 - self.swing)
        return (whole + moved) * self.pair


def perform(name: str, strokes: list[Stroke], desk: Desk, clock: Clock, seed: int) -> Part:
    """Return a part as its player plays it: in order, in range, within the piece, one note per pitch at a time."""
    chance = Random(f"{seed}/{name}")  # noqa: S311 - music, not cryptography; a text seeds alike in every process
    low, high = RANGES[desk.instrument]
    notes = []
    for stroke in sorted(strokes):
        start = clock.seconds(stroke.start, swings=desk.swings) + chance.gauss(0, desk.loose_ms / 1000)
        end = min(clock.duration, clock.seconds(stroke.start + stroke.beats, swings=desk.swings))
        start = min(max(0.0, start), clock.duration - _SHORTEST)
        velocity = min(1.0, max(0.05, stroke.velocity * (1 + chance.gauss(0, 0.04))))
        notes.append(ScoreNote(start, max(_SHORTEST, end - start), fold(stroke.pitch, low, high), velocity))
    notes.sort(key=lambda note: (note.start, note.pitch))
    return Part(
        name=name,
        instrument=desk.instrument,
        gain_db=desk.gain_db,
        pan=desk.pan,
        space=desk.space,
        notes=_separate(notes),
    )


def _separate(notes: list[ScoreNote]) -> tuple[ScoreNote, ...]:
    """Return the notes with each ending before its own pitch sounds again; of two at once, the longer."""
    kept: list[ScoreNote] = []
    sounding: dict[int, int] = {}
    for note in notes:
        index = sounding.get(note.pitch)
        if index is not None:
            before = kept[index]
            room = note.start - before.start
            if room < _SHORTEST:
                kept[index] = msgspec.structs.replace(before, duration=max(before.duration, note.duration))
                continue
            kept[index] = msgspec.structs.replace(before, duration=min(before.duration, room))
        sounding[note.pitch] = len(kept)
        kept.append(note)
    return tuple(kept)

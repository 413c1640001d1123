"""Performance: note events in beats become notes in seconds, with swing and humanised timing and velocity.

Swing delays the second of two equal notes to a share of the pair (0.5 is straight, 0.67 a triplet); all players and the
singer share one swing. Humanising moves onsets by two deviations: one that the whole band shares at a place, since
players follow each other, and one of each player's own, too short to be heard as a flam (Rasch, "Synchronization in
Performed Ensemble Music", Acustica 43, 1979, measured some tens of milliseconds; 12 are heard with drums).
"""

from functools import lru_cache
from math import floor
from random import Random
from typing import Final

import msgspec

from domain.music.score import Part, PartGroup, ScoreNote
from domain.music.styles.section_context import NoteEvent
from domain.music.styles.style import MixChannel
from domain.music.theory.beat_map import BeatMap
from domain.music.theory.pitch import fold

_SHORTEST: Final = 0.02  # seconds of a note
_SHARED: Final = 0.003  # standard deviation of the band's deviation, seconds
_STRAYS: Final = 0.0055  # seconds by which a player strays from the band at most
_LINES: Final = 24  # places in a beat that have a deviation of their own
_SOFTEST: Final = 0.05  # velocity
_UNEVENNESS: Final = 0.04  # standard deviation of velocities, as a share


class TempoMap(msgspec.Struct, frozen=True):
    """Maps beats to seconds, swing included.

    Attributes:
        bar_lines: Seconds of every bar line, from 0 to the end of the piece: inside a bar, beats are equally long.
        bar: Beats of a bar.
        pair: Beats of two notes that swing together; 0 is straight.
        swing: Where the second of them begins, 0.5..0.75 of the pair.
    """

    bar_lines: tuple[float, ...]
    bar: float
    pair: float = 0.0
    swing: float = 0.5

    @property
    def duration(self) -> float:
        """Seconds of the piece."""
        return self.bar_lines[-1]

    def seconds(self, beat: float) -> float:
        """Return when a beat sounds."""
        return BeatMap(self.bar_lines).time((self._swung(beat) if self.pair else beat) / self.bar)

    def _swung(self, beat: float) -> float:
        whole = floor(beat / self.pair + 1e-9)
        place = max(0.0, beat / self.pair - whole)
        early = place < 0.5
        moved = place * 2 * self.swing if early else self.swing + (place - 0.5) * 2 * (1 - self.swing)
        return (whole + moved) * self.pair


def perform_part(
    name: str, events: list[NoteEvent], channel: MixChannel, tempo_map: TempoMap, seed: int, *, group: PartGroup
) -> Part:
    """Return a part as its player plays it: in order, in range, within the piece, one note per pitch at a time."""
    chance = Random(f"{seed}/{name}")  # noqa: S311 - music, not cryptography; a text seeds alike in every process
    low, high = channel.instrument.low, channel.instrument.high
    notes = []
    for event in sorted(events):
        own = min(_STRAYS, max(-_STRAYS, chance.gauss(0, channel.humanize_ms / 1000)))
        start = tempo_map.seconds(event.start) + _shared_deviation(seed, round(event.start * _LINES)) + own
        end = min(tempo_map.duration, tempo_map.seconds(event.start + event.beats))
        start = min(max(0.0, start), tempo_map.duration - _SHORTEST)
        velocity = min(1.0, max(_SOFTEST, event.velocity * (1 + chance.gauss(0, _UNEVENNESS))))
        notes.append(ScoreNote(start, max(_SHORTEST, end - start), fold(int(event.pitch), low, high), velocity))
    notes.sort(key=lambda note: (note.start, note.pitch))
    return Part(
        name=name,
        instrument=channel.instrument,
        group=group,
        gain_db=channel.gain_db,
        pan=channel.pan,
        space=channel.space,
        notes=_separate(notes),
    )


@lru_cache(maxsize=8192)
def _shared_deviation(seed: int, line: int) -> float:
    """Return the seconds by which the band is late at a place."""
    return Random(f"{seed}/band/{line}").gauss(0, _SHARED)  # noqa: S311 - as above


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

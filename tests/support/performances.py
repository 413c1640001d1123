"""Melodies with human timing and tuning as notes, without sound, for tests of the analysis."""

from functools import cache

import msgspec
import numpy as np

from domain.music.hum import HummedNote
from tests.support.hums import perform, random_singer
from tests.support.melodies import Melody, Note, random_melody


class Performance(msgspec.Struct, frozen=True):
    """A melody, its notes as hummed, the heard time of beat zero, and the singer's tuning in cents."""

    melody: Melody
    notes: tuple[HummedNote, ...]
    first_beat: float
    tuning_cents: float


@cache
def performance(seed: int) -> Performance:
    """Return a random melody as a random singer performs it."""
    return perform_melody(random_melody(seed), seed)


def perform_melody(melody: Melody, seed: int) -> Performance:
    """Return a melody as a random singer performs it."""
    rng = np.random.default_rng(seed)
    singer = random_singer(rng, high=True)
    notes, first_beat = perform(melody, rng, singer)
    return Performance(melody, notes, first_beat, singer.tuning_cents)


def written(pitches: str, *, tempo_bpm: float = 100.0) -> tuple[HummedNote, ...]:
    """Return notes exactly as written: `60:1 62:.5 -:1` are pitches with beats, `-` rests."""
    at, notes = 0.0, list[Note]()
    for word in pitches.split():
        pitch, beats = word.split(":")
        if pitch != "-":
            notes.append(Note(at, float(beats), int(pitch)))
        at += float(beats)
    beat = 60 / tempo_bpm
    return tuple(HummedNote(0.5 + n.start * beat, n.beats * beat * 0.95, float(n.pitch), 0.8) for n in notes)

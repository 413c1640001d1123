"""Analyses of hums written by hand: a tune as (beats, pitch), with a tempo, a key and a tuning."""

from collections.abc import Sequence
from random import Random

from domain.music.hum import Analysis, HummedNote

Tune = Sequence[tuple[float, int | None]]

ODE: Tune = (
    *((1, pitch) for pitch in (52, 52, 53, 55, 55, 53, 52, 50, 48, 48, 50, 52)),
    (1.5, 52), (0.5, 50), (2, 50),
    *((1, pitch) for pitch in (52, 52, 53, 55, 55, 53, 52, 50, 48, 48, 50, 52)),
    (1.5, 50), (0.5, 48), (2, 48),
)  # fmt: skip
ODE_PHRASES = (0, 15)
"""Ode to Joy, C major, 4/4, eight bars."""


def hum(
    tune: Tune = ODE,
    *,
    tempo: float = 100.0,
    key: str = "C",
    time_signature: str = "4/4",
    phrases: tuple[int, ...] = (0,),
    first_beat: float = 0.5,
    tuning_cents: float = 0.0,
    loose: float = 0.0,
    seed: int = 1,
) -> Analysis:
    """Return the analysis of a hummed tune; None is a rest, `loose` the standard deviation of onsets in seconds."""
    chance = Random(seed)  # noqa: S311 - a singer's looseness, not cryptography
    beat, notes, seconds = 0.0, [], 60 / tempo
    for beats, pitch in tune:
        if pitch is not None:
            onset = first_beat + beat * seconds + chance.gauss(0, loose)
            notes.append(HummedNote(max(0.0, onset), beats * seconds * 0.92, pitch + tuning_cents / 100, 0.8))
        beat += beats
    return Analysis(
        duration=max(0.0, first_beat) + beat * seconds + 0.3,
        tuning_cents=tuning_cents,
        key=key,
        key_confidence=0.8,
        tempo_bpm=tempo,
        tempo_confidence=0.8,
        first_beat=first_beat,
        time_signature=time_signature,
        notes=tuple(notes),
        phrases=phrases,
    )


def wander(count: int, *, phrase: int = 7, seed: int = 3) -> tuple[Tune, tuple[int, ...]]:
    """Return a long tune of quarters and halves in C major with a rest after each phrase, and its phrases."""
    chance = Random(seed)  # noqa: S311 - a tune, not cryptography
    pitch = 4
    tune: list[tuple[float, int | None]] = []
    for index in range(count):
        pitch = min(9, max(-3, pitch + chance.choice((-2, -1, 1, 2))))
        octave, degree = divmod(pitch, 7)
        last = index % phrase == phrase - 1
        tune.append((2.0 if last else 1.0, 60 + 12 * octave + (0, 2, 4, 5, 7, 9, 11)[degree]))
        tune += [(1.0, None)] if last else []
    return tune, tuple(range(0, count, phrase))

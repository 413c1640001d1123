"""What comes before and after a tune in a recording: a count-in, a few words."""

from typing import Final

import msgspec
import numpy as np

from training.tunes.performance import Performance

SILENT: Final = 0.25


class Framing(msgspec.Struct, frozen=True, kw_only=True):
    """The surroundings of a tune.

    Attributes:
        performance: The tune, later by what comes before it.
        ticks: Times of a count-in's clicks.
        speech: Stretches of speech, start and end.
    """

    performance: Performance
    ticks: tuple[float, ...]
    speech: tuple[tuple[float, float], ...]


def framed(performance: Performance, rng: np.random.Generator) -> Framing:
    """Return a performance in a recording, in which now and then something else is heard before or after it."""
    chance = rng.random()
    if chance < 0.12:
        length = float(rng.uniform(0.5, 2.0))
        later = shifted(performance, length + SILENT)
        return Framing(performance=later, ticks=(), speech=((0.1, 0.1 + length),))
    if chance < 0.18:
        return _counted_in(performance, int(rng.integers(2, 5)))
    if chance < 0.24:
        start, length = performance.duration - 0.1, float(rng.uniform(0.5, 1.5))
        longer = msgspec.structs.replace(performance, duration=start + length + 0.2)
        return Framing(performance=longer, ticks=(), speech=((start, start + length),))
    return Framing(performance=performance, ticks=(), speech=())


def shifted(performance: Performance, seconds: float) -> Performance:
    """Return a performance that begins later."""
    return msgspec.structs.replace(
        performance,
        notes=tuple(msgspec.structs.replace(note, onset=note.onset + seconds) for note in performance.notes),
        beats=tuple(beat + seconds for beat in performance.beats),
        duration=performance.duration + seconds,
    )


def _counted_in(performance: Performance, count: int) -> Framing:
    """Clicks on the beats before the first note."""
    beat = 60 / performance.tempo_bpm
    first = performance.notes[0].onset
    downbeat = min(performance.beats, key=lambda time: abs(time - first))
    later = shifted(performance, max(0.0, count * beat + 0.1 - downbeat))
    start = downbeat + max(0.0, count * beat + 0.1 - downbeat)
    ticks = tuple(start - beat * number for number in range(count, 0, -1))
    return Framing(performance=later, ticks=ticks, speech=())

"""A tune as a person performs it: what training renders to sound, and what listening is measured against.

Times are seconds in the recording; a beat is what `tempo_bpm` counts (the dotted quarter of 6/8).
"""

from math import ceil, floor
from typing import Final

import msgspec
import numpy as np

from training.tunes.grammar import Tune, compose, random_mode
from training.tunes.manner import Manner, random_manner
from training.tunes.metres import METRES
from training.tunes.phrases import MODES
from training.tunes.singing import PerformedNote, sing
from training.tunes.timing import beat_times

__all__ = ["Performance", "PerformedNote", "perform"]

_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """A performed tune.

    Attributes:
        notes: In order of onset, not overlapping.
        beats: Recording times of all beats, tempo drift and rubato in them; may begin before 0 in a pick-up bar.
        downbeats: Indices into `beats`.
        time_signature: `2/4`, `3/4`, `4/4`, `6/8` or `5/4`.
        tempo_bpm: Beats per minute: 60 over the median distance of beats.
        key: `C`, `F#m`: the tonic, with `m` for modes with a minor third.
        mode: `major`, `minor`, `dorian` …
        phrases: Index of the first note of each phrase.
        duration: Seconds of the recording.
    """

    notes: tuple[PerformedNote, ...]
    beats: tuple[float, ...]
    downbeats: tuple[int, ...]
    time_signature: str
    tempo_bpm: float
    key: str
    mode: str
    phrases: tuple[int, ...]
    duration: float


def perform(
    rng: np.random.Generator,
    *,
    seconds: float = 12.0,
    lowest: int | None = None,
    tempo_bpm: float | None = None,
    time_signature: str | None = None,
    mode: str | None = None,
    manner: Manner | None = None,
) -> Performance:
    """Return a random tune as a random person performs it; what is not given is drawn.

    Args:
        rng: Source of every choice: equal states give equal performances.
        seconds: About how long it lasts; at least one phrase is sung.
        lowest: MIDI number with which the singer's range begins; it spans an octave to an octave and a half.
        tempo_bpm: 50..180.
        time_signature: See `Performance`.
        mode: See `Performance`.
        manner: See `Manner`.
    """
    signature = time_signature or _random_signature(rng)
    tune = compose(
        rng,
        seconds=seconds,
        lowest=lowest if lowest is not None else int(rng.integers(40, 66)),
        time_signature=signature,
        tempo_bpm=tempo_bpm or _random_tempo(rng, signature),
        mode=mode or random_mode(rng),
    )
    return _performed(rng, tune, manner or random_manner(rng))


def _random_signature(rng: np.random.Generator) -> str:
    return str(rng.choice(list(METRES), p=[metre.share for metre in METRES.values()]))


def _random_tempo(rng: np.random.Generator, signature: str) -> float:
    """Return a tempo: most are near the usual one, a third anywhere from the slowest to the fastest."""
    slowest, usual, fastest = METRES[signature].tempi
    near = rng.random() < 0.67
    drawn = rng.normal(np.log(usual), 0.3) if near else rng.uniform(np.log(slowest), np.log(fastest))
    return float(np.clip(np.exp(drawn), slowest, fastest))


def _performed(rng: np.random.Generator, tune: Tune, manner: Manner) -> Performance:
    metre = METRES[tune.time_signature]
    first = floor(tune.notes[0].start)
    last = ceil(tune.notes[-1].start + tune.notes[-1].beats)
    accents = np.array([metre.strength(beat) for beat in range(first, last + 1)])
    starts = [max(0, floor(tune.notes[index].start) - first) for index in tune.phrases]
    times = beat_times(rng, manner, tune.tempo_bpm, accents, starts)
    times += rng.uniform(0.15, 0.8) - np.interp(tune.notes[0].start - first, np.arange(len(times)), times)
    notes = sing(rng, tune, manner, times, first)
    return Performance(
        notes=tuple(notes),
        beats=tuple(float(time) for time in times),
        downbeats=tuple(index for index in range(len(times)) if (index + first) % metre.beats == 0),
        time_signature=tune.time_signature,
        tempo_bpm=60 / float(np.median(np.diff(times))),
        key=_key(tune),
        mode=tune.mode,
        phrases=_firsts(notes, tune),
        duration=notes[-1].onset + notes[-1].duration + float(rng.uniform(0.3, 0.9)),
    )


def _key(tune: Tune) -> str:
    minor = 4 not in MODES[tune.mode]
    return _NAMES[tune.tonic] + ("m" if minor else "")


def _firsts(notes: list[PerformedNote], tune: Tune) -> tuple[int, ...]:
    """Return the first note of each phrase, its grace note included."""
    starts = [tune.notes[index].start for index in tune.phrases]
    return tuple(next(at for at, note in enumerate(notes) if note.beat > start - 0.06) for start in starts)

"""Written notes as they are sung: when, how long, how loud, on which syllable, with which ornaments."""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from training.tunes.grammar import Tune, WrittenNote
from training.tunes.manner import Manner
from training.tunes.metres import METRES, Metre

_SHORTEST: Final = 0.07  # seconds of a sung note
_GRACE: Final = (0.07, 0.13)  # seconds of a grace note
_GRACED: Final = 0.35  # seconds from which a note can have one
_BASE: Final = 0.6  # loudness of a note between beats


class PerformedNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note as it is sung.

    Attributes:
        onset: Seconds in the recording, of the vowel: what the listener hears as the start.
        duration: Seconds until the sound ends.
        written: MIDI number as written.
        loudness: 0..1.
        beat: Written start, in beats from the first bar line; negative in a pick-up. That of a grace note is a little
            before its main note's.
        slurred: Whether it is sung on the syllable before, without a new consonant.
    """

    onset: float
    duration: float
    written: int
    loudness: float
    beat: float
    slurred: bool


def sing(
    rng: np.random.Generator, tune: Tune, manner: Manner, beats: NDArray[np.float64], first_beat: int
) -> list[PerformedNote]:
    """Return the notes of a tune, in order of onset, not overlapping.

    Args:
        rng: Source of every choice.
        tune: What is sung.
        manner: How it is sung.
        beats: Seconds of the beats.
        first_beat: The beat, counted from the first bar line, at `beats[0]`.
    """
    metre = METRES[tune.time_signature]
    edges = np.array([[note.start, note.start + note.beats] for note in tune.notes])
    times = np.interp(_swung(edges, manner, metre) - first_beat, np.arange(len(beats)), beats)
    times[:, 0] = _loosened(rng, times[:, 0], manner)
    ends = _ends(rng, tune, manner, times)
    spans = zip(times[:, 0], ends, strict=True)
    notes = [_note(rng, tune, manner, index, onset=float(on), end=float(off)) for index, (on, off) in enumerate(spans)]
    return _with_graces(rng, notes, manner)


def _swung(beats: NDArray[np.float64], manner: Manner, metre: Metre) -> NDArray[np.float64]:
    """Return beats with the second halves of simple beats late."""
    if metre.parts == 3 or not manner.swing:
        return beats
    middle = 0.5 + manner.swing / 6
    part = beats % 1.0
    warped = np.where(part < 0.5, part * middle / 0.5, middle + (part - 0.5) * (1 - middle) / 0.5)
    return np.asarray(beats - part + warped)


def _loosened(rng: np.random.Generator, onsets: NDArray[np.float64], manner: Manner) -> NDArray[np.float64]:
    """Return onsets with timing noise, in order and never closer than people can sing."""
    noise = rng.normal(0, manner.jitter, len(onsets))
    room = np.minimum(np.diff(onsets, prepend=-9.0), np.diff(onsets, append=onsets[-1] + 9.0))
    loose = onsets + np.clip(noise, -0.3 * room, 0.3 * room)
    loose[0] = max(loose[0], 0.05)
    return loose


def _ends(rng: np.random.Generator, tune: Tune, manner: Manner, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return when notes end: legato in phrases, a breath at their ends."""
    lengths = np.append(np.diff(times[:, 0]), times[-1, 1] - times[-1, 0])
    sounding = lengths * np.clip(manner.legato * rng.uniform(0.93, 1.03, len(lengths)), 0.3, 0.99)
    for after in (*tune.phrases[1:], len(tune.notes)):
        room = lengths[after - 1]
        held = room * rng.uniform(0.55, 0.95)
        sounding[after - 1] = max(min(held, room - manner.breath), 0.45 * room)
    return np.asarray(times[:, 0] + np.minimum(np.maximum(sounding, _SHORTEST), np.maximum(lengths - 0.005, 0.02)))


def _note(
    rng: np.random.Generator, tune: Tune, manner: Manner, index: int, *, onset: float, end: float
) -> PerformedNote:
    written = tune.notes[index]
    strength = METRES[tune.time_signature].strength(written.start)
    start, after = _phrase(tune, index)
    arch = 1 - (2 * (index - start) / max(after - start - 1, 1) - 1) ** 2
    loudness = _BASE + manner.accent * (strength - 0.5) + manner.swell * arch + float(rng.normal(0, manner.uneven))
    slurred = index > start and _slurs(rng, manner, tune.notes[index - 1], written, strength)
    return PerformedNote(
        onset=onset,
        duration=end - onset,
        written=written.pitch,
        loudness=float(np.clip(loudness, 0.2, 1.0)),
        beat=written.start,
        slurred=slurred,
    )


def _phrase(tune: Tune, index: int) -> tuple[int, int]:
    """Return the first note of the phrase of a note, and the first one after it."""
    start = max(first for first in tune.phrases if first <= index)
    return start, min((first for first in tune.phrases if first > index), default=len(tune.notes))


def _slurs(rng: np.random.Generator, manner: Manner, before: WrittenNote, note: WrittenNote, strength: float) -> bool:
    """Return whether a note continues a syllable: never on the same pitch, rarely on a strong beat."""
    likely = manner.slurs * (1.6 if note.beats < 0.6 else 0.7) * (1 - 0.6 * strength)
    return before.pitch != note.pitch and rng.random() < likely


def _with_graces(rng: np.random.Generator, notes: list[PerformedNote], manner: Manner) -> list[PerformedNote]:
    """Return the notes with grace notes, a step above or below, that take their time from their main notes."""
    graced = list[PerformedNote]()
    for note in notes:
        if note.duration < _GRACED or rng.random() >= manner.graces:
            graced.append(note)
            continue
        length = float(rng.uniform(*_GRACE))
        pitch = note.written + int(rng.choice([-2, -1, 1, 2, 2]))
        graced.append(msgspec.structs.replace(note, duration=length, written=pitch, beat=note.beat - 0.05))
        rest = {"onset": note.onset + length, "duration": note.duration - length, "slurred": True}
        graced.append(msgspec.structs.replace(note, **rest))
    return graced

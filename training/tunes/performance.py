"""A tune as a person performs it: what training renders to sound, and what listening is measured against.

Times are seconds in the recording; a beat is what `tempo_bpm` counts (the dotted quarter of 6/8).
"""

from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

MODES: Final = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
BARS: Final = {"2/4": 2, "3/4": 3, "4/4": 4, "6/8": 2, "5/4": 5}


class PerformedNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note as it is sung.

    Attributes:
        onset: Seconds in the recording, of the vowel: what the listener hears as the start.
        duration: Seconds until the sound ends.
        written: MIDI number as written.
        loudness: 0..1.
        beat: Written start, in beats from the first bar line; negative in a pick-up.
        slurred: Whether it is sung on the syllable before, without a new consonant.
    """

    onset: float
    duration: float
    written: int
    loudness: float
    beat: float
    slurred: bool


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
) -> Performance:
    """Return a random tune as a random person performs it; what is not given is drawn.

    Args:
        rng: Source of every choice: equal states give equal performances.
        seconds: About how long it lasts.
        lowest: MIDI number near which the singer's range begins; it spans about an octave and a half.
        tempo_bpm: 50..180.
        time_signature: See `Performance`.
        mode: See `Performance`.
    """
    signature = time_signature or str(rng.choice(list(BARS)))
    mode = mode or str(rng.choice(list(MODES)))
    tempo = tempo_bpm or float(np.exp(rng.uniform(np.log(50), np.log(180))))
    tonic, low = int(rng.integers(12)), lowest if lowest is not None else int(rng.integers(41, 64))
    ladder = [pitch for pitch in range(low, low + 19) if (pitch - tonic) % 12 in MODES[mode]]
    bar = BARS[signature]
    bars = max(2, 2 * round(seconds * tempo / 120 / bar))
    beat, start = 60 / tempo, float(rng.uniform(0.2, 0.8))
    notes, phrases, place, at = list[PerformedNote](), list[int](), len(ladder) // 2, 0.0
    while at < bars * bar:
        if at % (2 * bar) == 0:
            phrases.append(len(notes))
        last = at % (2 * bar) >= 2 * bar - 1
        parts = [1.0] if last else [[1.0], [0.5, 0.5], [0.5, 0.5]][int(rng.integers(3))]
        for length in parts:
            place = int(np.clip(place + rng.choice([-2, -1, -1, 0, 1, 1, 2]), 0, len(ladder) - 1))
            onset = start + at * beat + float(rng.normal(0, 0.012))
            loudness = 0.95 if at % bar == 0 else 0.75
            notes.append(
                PerformedNote(
                    onset=onset,
                    duration=length * beat * (0.6 if last else 0.93),
                    written=ladder[place],
                    loudness=float(np.clip(loudness + rng.normal(0, 0.06), 0.3, 1.0)),
                    beat=at,
                    slurred=bool(not last and at % bar != 0 and rng.random() < 0.15),
                )
            )
            at += length
    for index, (note, after) in enumerate(pairwise(notes)):
        room = after.onset - note.onset
        notes[index] = msgspec.structs.replace(note, duration=min(note.duration, 0.97 * room))
    beats = tuple(start + index * beat for index in range(bars * bar))
    return Performance(
        notes=tuple(notes),
        beats=beats,
        downbeats=tuple(range(0, len(beats), bar)),
        time_signature=signature,
        tempo_bpm=tempo,
        key=NAMES[tonic] + ("m" if 3 in MODES[mode] else ""),
        mode=mode,
        phrases=tuple(phrases),
        duration=notes[-1].onset + notes[-1].duration + 0.5,
    )

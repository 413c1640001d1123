"""Labels as a person who listens would write them, from the curves of the voice.

A note starts at its vowel, or a little before, where voiced consonants lead to it: syllables seem to begin earlier
the longer their consonants are (Marcus, "Acoustic determinants of perceptual center (P-center) location", 1981). A
hum's starts with its murmur. It ends where the voice is 15 dB below the note's steady level or leaves its pitch by 1.5
semitones for 32 ms, at the latest where the next note begins. Its pitch is the median of the steady middle.
Ornaments have no label of their own.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from adapters.audio.arrays import Flags
from domain.music.hum import HummedNote
from training.voices.controls import CONTROL, Controls, frames
from training.voices.sounds import Kind
from training.voices.syllables import Syllable

SOFTER: Final = 10 ** (-15 / 20)
AWAY: Final = 1.5
EARLIER: Final = 0.3
"""Share of the voiced consonants by which a note is heard before its vowel."""

EARLIEST: Final = 0.02
"""Seconds. Annotators of real singing keep near the vowel: theirs are some 12 ms before it in the median."""

PAUSE: Final = 8
SHORTEST: Final = 10


def labels(sung: Sequence[Syllable], controls: Controls) -> tuple[HummedNote, ...]:
    """Return one label per syllable."""
    found, size = list[HummedNote](), len(controls.pitch)
    for index, syllable in enumerate(sung):
        first = frames(_perceived(syllable))
        limit = frames(_perceived(sung[index + 1])) if index + 1 < len(sung) else size
        end = min(max(frames(syllable.end), first + 8), limit)
        length = end - first
        steady = slice(first + min(int(0.3 * length), 40), end - int(0.2 * length))
        pitch = float(np.median(controls.pitch[steady]))
        loud = float(np.median(controls.level[steady]))
        after = slice(steady.start, limit)
        gone = (controls.level[after] < loud * SOFTER) | (np.abs(controls.pitch[after] - pitch) > AWAY)
        last = steady.start + _first_run(gone, PAUSE)
        found.append(HummedNote(first / CONTROL, max(last - first, SHORTEST) / CONTROL, pitch, loud))
    loudest = max((note.loudness for note in found), default=1.0)
    return tuple(HummedNote(n.onset, n.duration, n.pitch, n.loudness / loudest) for n in found)


def _perceived(syllable: Syllable) -> float:
    """Return where a listener hears the note begin, seconds."""
    voiced = sum(s.end - s.start for s in syllable.before if s.consonant.kind is Kind.VOICED)
    return syllable.onset - min(EARLIER * voiced, EARLIEST)


def _first_run(flags: Flags, size: int) -> int:
    """Return where the first `size` set flags in a row begin (or fewer at the end); the length without any."""
    for start in np.flatnonzero(flags):
        if flags[start : start + size].all():
            return int(start)
    return len(flags)

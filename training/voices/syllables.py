"""Gives every note a syllable: consonants before the vowel, the vowel, and what closes it, with their times."""

from typing import Final

import msgspec
import numpy as np

from training.tunes.performance import Performance, PerformedNote
from training.voices.singers import Singer, Split
from training.voices.sounds import DIP, Consonant, Formants
from training.voices.text import Text

JOINED: Final = 0.09
"""Seconds of silence below which a singer does not stop between two notes."""

LONGEST: Final = 0.2

LEAST: Final = 0.075
"""Seconds of a note that consonants leave it."""


class Segment(msgspec.Struct, frozen=True):
    """A consonant in its place, seconds."""

    consonant: Consonant
    start: float
    end: float
    drop_db: float


class Syllable(msgspec.Struct, frozen=True, kw_only=True):
    """A note with its sounds.

    Attributes:
        onset: Seconds, where the vowel begins (of a hum: where the murmur begins or swells again).
        end: Seconds, where its sound ends or the next syllable's first consonant begins.
        written: MIDI number.
        loudness: 0..1.
        before: Consonants before the vowel, in order.
        after: Consonants that close the syllable, within or after its end.
        vowel: Formants at the beginning, and at the end of a diphthong.
        joined: Whether the voice comes over from the note before without a rest.
        slurred: Whether it is on the vowel of the note before.
        phrase: Whether a phrase begins.
    """

    onset: float
    end: float
    written: int
    loudness: float
    before: tuple[Segment, ...]
    after: tuple[Segment, ...]
    vowel: tuple[Formants, Formants]
    joined: bool
    slurred: bool
    phrase: bool

    @property
    def start(self) -> float:
        """Where its first consonant begins, or its vowel."""
        return self.before[0].start if self.before else self.onset

    @property
    def length(self) -> float:
        """Seconds from the vowel to the end."""
        return self.end - self.onset


def syllables(performance: Performance, singer: Singer, split: Split, rng: np.random.Generator) -> list[Syllable]:
    """Return one syllable per note."""
    text = Text(singer, split, rng)
    phrases = set(performance.phrases)
    found, vowel = list[Syllable](), text.vowel()
    for index, note in enumerate(performance.notes):
        before = found[-1] if found else None
        joined = before is not None and note.onset - before.end < JOINED and index not in phrases
        slurred = note.slurred and joined and before is not None and note.written != before.written
        repeats = joined and before is not None and before.written == note.written
        consonants = () if slurred else text.consonants(repeats=repeats)
        if not joined and consonants == (DIP,):
            consonants = ()  # there is nothing to dip from: the hum or the vowel begins
        segments = _placed(consonants, note.onset, _room(note, before, joined=joined), singer.articulation, rng)
        if before and joined:
            end = segments[0].start if segments else note.onset
            found[-1] = msgspec.structs.replace(before, end=end)
        vowel = (vowel[1], vowel[1]) if slurred else text.vowel()
        found.append(_syllable(note, segments, vowel, joined=joined, slurred=slurred, phrase=index in phrases))
    follows = [syllable.slurred for syllable in found[1:]] + [False]
    return [s if open_ else _with_coda(s, text.coda(), rng) for s, open_ in zip(found, follows, strict=True)]


def _room(note: PerformedNote, before: Syllable | None, *, joined: bool) -> float:
    """Return the seconds that consonants may take before a note."""
    if before and joined:
        return max(0.6 * (note.onset - before.onset - LEAST), 0.0)
    return max(0.9 * (note.onset - (before.end if before else 0.0)), 0.0)


def _placed(
    consonants: tuple[Consonant, ...], onset: float, room: float, slowness: float, rng: np.random.Generator
) -> tuple[Segment, ...]:
    lengths = [min(float(rng.uniform(*c.seconds)) * slowness, LONGEST) for c in consonants]
    shrink = min(1.0, room / sum(lengths)) if lengths else 1.0
    segments, end = list[Segment](), onset
    for consonant, length in zip(consonants[::-1], lengths[::-1], strict=True):
        start = end - length * shrink
        segments.append(Segment(consonant, start, end, float(rng.uniform(*consonant.drop_db))))
        end = start
    return tuple(segments[::-1])


def _syllable(
    note: PerformedNote,
    segments: tuple[Segment, ...],
    vowel: tuple[Formants, Formants],
    *,
    joined: bool,
    slurred: bool,
    phrase: bool,
) -> Syllable:
    return Syllable(
        onset=note.onset,
        end=note.onset + note.duration,
        written=note.written,
        loudness=note.loudness,
        before=segments,
        after=(),
        vowel=vowel,
        joined=joined,
        slurred=slurred,
        phrase=phrase,
    )


def _with_coda(syllable: Syllable, coda: Consonant | None, rng: np.random.Generator) -> Syllable:
    """Close a syllable that is long enough."""
    if coda is None or syllable.length < 0.25:
        return syllable
    length = min(float(rng.uniform(*coda.seconds)), 0.4 * syllable.length)
    segment = Segment(coda, syllable.end - length, syllable.end, float(rng.uniform(*coda.drop_db)) * 0.7)
    return msgspec.structs.replace(syllable, after=(segment,))

"""Gives every note a syllable: consonants before the vowel, the vowel, and what closes it, with their times."""

from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from training.tunes.performance import Performance, PerformedNote
from training.voices.singers import Diction, Register, Singer, Split
from training.voices.sounds import (
    CONSONANTS,
    DIP,
    DIPHTHONGS,
    EXCLUDED_CONSONANTS,
    MURMUR,
    NASAL_BREATH,
    VOWELS,
    Consonant,
    Formants,
    Kind,
)

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


def syllables(performance: Performance, singer: Singer, split: Split, rng: np.random.Generator) -> list[Syllable]:
    """Return one syllable per note."""
    text = _Text(singer, split, rng)
    phrases = set(performance.phrases)
    found, vowel = list[Syllable](), text.vowel()
    for index, note in enumerate(performance.notes):
        before = found[-1] if found else None
        gap = note.onset - before.end if before else note.onset
        slurred = note.slurred and before is not None and gap < JOINED and note.written != before.written
        joined = before is not None and gap < JOINED and index not in phrases
        consonants = () if slurred else text.consonants(repeats=joined and before.written == note.written)  # type: ignore[union-attr]
        room = (note.onset - before.onset - LEAST) * 0.6 if joined and before else gap * 0.9
        segments = _placed(consonants, note.onset, max(room, 0.0), singer.articulation, rng)
        if before and joined:
            found[-1] = _closed(before, segments[0].start if segments else note.onset)
        vowel = (vowel[1], vowel[1]) if slurred else text.vowel()
        found.append(_syllable(note, segments, vowel, joined=joined, slurred=slurred, phrase=index in phrases))
    codas = [text.coda() for _ in found]
    return [_with_coda(s, after, coda, rng) for (s, after), coda in zip(_with_next(found), codas, strict=True)]


class _Text:
    """Draws consonants and vowels as the singer's diction has them."""

    def __init__(self, singer: Singer, split: Split, rng: np.random.Generator) -> None:
        self._singer, self._rng = singer, rng
        self._stock = list((CONSONANTS if split is Split.TRAIN else EXCLUDED_CONSONANTS).values())
        weights = np.array([consonant.weight for consonant in self._stock])
        self._weights = weights / weights.sum()
        few = 1 if rng.random() < 0.7 else 2
        self._fixed = [((self._one(),), self._word_vowel()) for _ in range(few)]
        self._at = 0
        self._own = tuple(float(x) for x in np.array(MURMUR) * singer.tract * rng.uniform(0.94, 1.06))
        self._bare = float(rng.uniform(0.05, 0.3))
        self._open = self._word_vowel()

    def vowel(self) -> tuple[Formants, Formants]:
        diction = self._singer.diction
        if diction is Diction.HUM:
            return self._own, self._own  # type: ignore[return-value]
        if diction is Diction.SYLLABLE:
            self._at += 1
            return self._fixed[self._at % len(self._fixed)][1]
        return self._word_vowel() if diction is Diction.WORDS or self._rng.random() < 0.1 else self._open

    def consonants(self, *, repeats: bool) -> tuple[Consonant, ...]:
        diction, rng = self._singer.diction, self._rng
        if self._singer.register is Register.WHISTLE:
            return (DIP,) if repeats else ()
        if diction is Diction.HUM:
            return ((DIP, DIP, NASAL_BREATH)[int(rng.integers(3))],)
        if diction is Diction.VOWEL:
            return ((DIP, CONSONANTS["glottal"], CONSONANTS["h"])[int(rng.integers(3))],)
        if diction is Diction.SYLLABLE:
            return self._fixed[(self._at + 1) % len(self._fixed)][0]
        if rng.random() < self._bare:
            return (DIP,) if repeats else ()
        if rng.random() < 0.12:
            return self._cluster()
        return (self._one(),)

    def coda(self) -> Consonant | None:
        words = self._singer.diction is Diction.WORDS and self._singer.register is not Register.WHISTLE
        return self._one() if words and self._rng.random() < 0.42 else None

    def _one(self) -> Consonant:
        return self._stock[int(self._rng.choice(len(self._stock), p=self._weights))]

    def _cluster(self) -> tuple[Consonant, ...]:
        """A stop or hiss with a voiced consonant after it: "tr", "pl", "sm"."""
        first = [c for c in self._stock if c.kind in (Kind.STOP, Kind.HISS)]
        second = [c for c in self._stock if c.kind is Kind.VOICED]
        return first[int(self._rng.integers(len(first)))], second[int(self._rng.integers(len(second)))]

    def _word_vowel(self) -> tuple[Formants, Formants]:
        rng, scale = self._rng, self._singer.tract
        names = list(VOWELS)
        first = str(rng.choice(names))
        last = first
        if rng.random() < 0.28:
            first, last = DIPHTHONGS[int(rng.integers(len(DIPHTHONGS)))]
        return _scaled(VOWELS[first], scale), _scaled(VOWELS[last], scale)


def _scaled(formants: Formants, scale: float) -> Formants:
    return formants[0] * scale, formants[1] * scale, formants[2] * scale


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


def _closed(before: Syllable, start: float) -> Syllable:
    return msgspec.structs.replace(before, end=start)


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


def _with_next(found: list[Syllable]) -> list[tuple[Syllable, Syllable | None]]:
    return [*pairwise(found), (found[-1], None)] if found else []


def _with_coda(
    syllable: Syllable, after: Syllable | None, coda: Consonant | None, rng: np.random.Generator
) -> Syllable:
    """Close a syllable; what comes before a slurred note stays open."""
    if coda is None or (after and after.slurred) or syllable.end - syllable.onset < 0.25:
        return syllable
    length = min(float(rng.uniform(*coda.seconds)), 0.4 * (syllable.end - syllable.onset))
    segment = Segment(coda, syllable.end - length, syllable.end, float(rng.uniform(*coda.drop_db)) * 0.7)
    return msgspec.structs.replace(syllable, after=(segment,))

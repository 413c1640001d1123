"""What is sung: the consonants and vowels of words, of "la la la", of a hum."""

from typing import Final

import numpy as np

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

GAPS: Final = {
    Diction.HUM: (DIP, DIP, NASAL_BREATH),
    Diction.VOWEL: (DIP, CONSONANTS["glottal"], CONSONANTS["h"]),
}
"""What parts the notes of those who sing no consonants."""


class Text:
    """Draws consonants and vowels as the singer's diction has them."""

    def __init__(self, singer: Singer, split: Split, rng: np.random.Generator) -> None:
        self._singer, self._rng = singer, rng
        self._stock = list((CONSONANTS if split is Split.TRAIN else EXCLUDED_CONSONANTS).values())
        weights = np.array([consonant.weight for consonant in self._stock])
        self._weights = weights / weights.sum()
        few = 1 if rng.random() < 0.7 else 2
        self._fixed = [((self._one(),), self._word_vowel()) for _ in range(few)]
        self._at = 0
        self._murmur = _scaled(MURMUR, singer.tract * float(rng.uniform(0.94, 1.06)))
        self._bare = 1.0 if singer.register is Register.WHISTLE else float(rng.uniform(0.05, 0.3))
        self._open = self._word_vowel()

    def vowel(self) -> tuple[Formants, Formants]:
        """Return the formants of the next vowel, at its beginning and at its end."""
        diction = self._singer.diction
        if diction is Diction.HUM:
            return self._murmur, self._murmur
        if diction is Diction.SYLLABLE:
            self._at += 1
            return self._fixed[self._at % len(self._fixed)][1]
        return self._word_vowel() if diction is Diction.WORDS or self._rng.random() < 0.1 else self._open

    def consonants(self, *, repeats: bool) -> tuple[Consonant, ...]:
        """Return what comes before the next vowel; `repeats` if it has the pitch of the one before."""
        diction, rng = self._singer.diction, self._rng
        if diction in GAPS and self._singer.register is not Register.WHISTLE:
            return (GAPS[diction][int(rng.integers(3))],)
        if diction is Diction.SYLLABLE and self._singer.register is not Register.WHISTLE:
            return self._fixed[(self._at + 1) % len(self._fixed)][0]
        if rng.random() < self._bare:
            return (DIP,) if repeats else ()
        return self._cluster() if rng.random() < 0.12 else (self._one(),)

    def coda(self) -> Consonant | None:
        """Return what closes the next syllable, or nothing."""
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

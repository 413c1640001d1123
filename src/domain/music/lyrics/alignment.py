"""Which part of a spoken line each syllable is: its consonants, its vowel, and what closes it.

An engine says phones with their times, each as a part of a word; sometimes it runs words together ("of the"), and it
does not always count syllables as spelling does ("every", "1999"). Within the words that it said as one, its vowels are
shared out evenly among the written syllables.
"""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Final

import msgspec

from domain.music.lyrics.text import Line

_VOWELS: Final = frozenset(
    "aeiouy\u00e6\u00f8\u0153\u0250\u0251\u0252\u0254\u0259\u025a\u025b\u025c\u025d\u0264\u0268\u026a\u026f\u0289\u028a\u028c\u028f"
    "\u1d7b\u0329"
)
"""Vowels of the International Phonetic Alphabet, and the sign of a consonant that is a syllable."""


class Phone(msgspec.Struct, frozen=True):
    """A sound of speech.

    Attributes:
        symbol: In the International Phonetic Alphabet: `s`, `a\u026a`, `t\u0283`.
        start: Seconds into the speech; it ends where the next one begins.
        word: Index of the word that it belongs to, or of the first of several that are said as one.
    """

    symbol: str
    start: float
    word: int

    @property
    def is_vowel(self) -> bool:
        """Whether a syllable can be sung on it."""
        return any(letter in _VOWELS for letter in self.symbol)


class SpokenLine(msgspec.Struct, frozen=True):
    """What was said of a line: its phones in order, and where the last one ends, seconds into the speech."""

    phones: tuple[Phone, ...]
    end: float


class Utterance(msgspec.Struct, frozen=True):
    """A syllable as it was said; times are seconds into the speech.

    Attributes:
        onset: Where its first consonant begins.
        vowel: Where its vowel begins.
        coda: Where its vowel ends.
        end: Where it ends.
    """

    onset: float
    vowel: float
    coda: float
    end: float


def align(line: Line, spoken: SpokenLine) -> tuple[tuple[Utterance, ...], ...]:
    """Return what was said for each written syllable of a line.

    Nothing means that the syllable before it goes on; several are sung one after the other.
    """
    counts = [len(word.syllables) for word in line]
    said: dict[int, list[Utterance]] = {
        word: _utterances(spoken, first, last) for word, first, last in _words_said(spoken)
    }
    borders = [*(word for word in said if word), len(line)]
    shared, first = list[tuple[Utterance, ...]](), 0
    for border in borders:
        group = next((said[word] for word in range(first, border) if word in said), [])
        shared += _share_out(group, sum(counts[first:border]))
        first = border
    return tuple(shared)


def _words_said(spoken: SpokenLine) -> list[tuple[int, int, int]]:
    """Return the words with the indices of their first phone and of the one after their last."""
    found = list[tuple[int, int, int]]()
    for word, group in groupby(enumerate(spoken.phones), key=lambda entry: entry[1].word):
        indices = [index for index, _ in group]
        found.append((word, indices[0], indices[-1] + 1))
    return found


def _utterances(spoken: SpokenLine, first: int, last: int) -> list[Utterance]:
    """Return the syllables in some phones: one consonant of several stays with the vowel before it."""
    vowels = [index for index in range(first, last) if spoken.phones[index].is_vowel] or [last - 1]
    cuts = [first]
    for before, after in pairwise(vowels):
        cuts.append(before + 2 if after - before > 2 else before + 1)
    cuts.append(last)
    times = [*(phone.start for phone in spoken.phones), spoken.end]
    return [
        Utterance(times[start], times[vowel], times[vowel + 1], times[end])
        for (start, end), vowel in zip(pairwise(cuts), vowels, strict=True)
    ]


def _share_out(said: Sequence[Utterance], count: int) -> list[tuple[Utterance, ...]]:
    """Return as many runs as there are written syllables."""
    places = [index * count // len(said) for index in range(len(said))]
    return [
        tuple(each for each, place in zip(said, places, strict=True) if place == syllable) for syllable in range(count)
    ]

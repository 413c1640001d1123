"""What a musician's free words mean: a style, another one that lends its rhythm, and moods.

Words are matched from the beginning of a word on, across spaces and hyphens: `hip hop` and `lo-fi` are `hiphop` and
`lofi`, and `orchestr` means every word that begins so.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final, NamedTuple

from domain.music.styles.moods import Mood
from domain.music.styles.style import Style

_WORD: Final = re.compile(r"[^\W_]+")
_IDLE: Final = frozenset(
    _WORD.findall(
        """
        a an and as at beat beats by feel feeling for from in into is it its kind like little me mix more music my of on
        one or piece please vibe vibes some something song sound sounding sounds style styled that the theme to track
        tune tunes very version with your
        """
    )
)
"""Words that ask for nothing: they are neither understood nor missed."""


class Meaning(NamedTuple):
    """What was understood of free words.

    Attributes:
        style: Name of the style; empty if no word means one.
        lent: Name of a second style that was named, whose drums and bass play; else empty.
        moods: In order.
        unknown: Words that mean nothing here.
    """

    style: str
    lent: str
    moods: tuple[Mood, ...]
    unknown: tuple[str, ...]


class _Match(NamedTuple):
    start: int
    end: int
    meaning: str | Mood
    named: bool


def understand(text: str, styles: Mapping[str, Style]) -> Meaning:
    """Return what a text means; a style's own name wins over the words for one, of several the first in the text."""
    words = _WORD.findall(text.lower())
    joined, begins = "".join(words), tuple(accumulate((len(word) for word in words), initial=0))[:-1]
    matches = sorted(_matches(joined, begins, styles), key=lambda match: (match.start, -match.end))
    named = list(dict.fromkeys(str(match.meaning) for match in matches if match.named))
    meant = [str(match.meaning) for match in matches if not match.named and isinstance(match.meaning, str)]
    return Meaning(
        style=next(iter((*named, *meant)), ""),
        lent=named[1] if len(named) > 1 else "",
        moods=tuple(dict.fromkeys(match.meaning for match in matches if isinstance(match.meaning, Mood))),
        unknown=tuple(_missed(words, matches)),
    )


def _matches(joined: str, begins: tuple[int, ...], styles: Mapping[str, Style]) -> Iterator[_Match]:
    for name, style in styles.items():
        for start in _places(name, joined, begins):
            yield _Match(start, start + len(name), name, named=True)
        for word in style.words:
            for start in _places(word, joined, begins):
                yield _Match(start, start + len(word), name, named=False)
    for mood in Mood:
        for word in mood.words:
            for start in _places(word, joined, begins):
                yield _Match(start, start + len(word), mood, named=False)


def _places(word: str, joined: str, begins: tuple[int, ...]) -> Iterator[int]:
    for start in begins:
        if joined.startswith(word, start):
            yield start


def _missed(words: list[str], matches: list[_Match]) -> Iterator[str]:
    """Yield the words of which no part was matched."""
    start = 0
    for word in words:
        end = start + len(word)
        if word not in _IDLE and not any(match.start < end and start < match.end for match in matches):
            yield word
        start = end

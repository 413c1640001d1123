"""The text of lyrics: stanzas with a tag, lines and words that can be sung.

A stanza begins after an empty line or a tag such as `[Chorus]`. What has no Latin letter and no digit cannot be read by
an English voice and is left out: emoji, punctuation, other scripts.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import msgspec

from domain.music.lyrics.syllables import syllables_of

MAX_WORD: Final = 30
"""Letters of the longest word that is sung: what is longer is no word."""

_TAG: Final = re.compile(r"\s*[\[(]([^\])]{1,64})[\])]\s*:?\s*")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?")
_APOSTROPHES: Final = str.maketrans({"\u2019": "'", "\u02bc": "'", "`": "'"})
_HUMMED: Final = re.compile(r"h?m+(?:hm+)*")
_SPOKEN_HUM: Final = "hum"


class Word(msgspec.Struct, frozen=True):
    """A word as it is written, and its syllables, which together have its letters."""

    text: str
    syllables: tuple[str, ...]

    @property
    def spoken(self) -> str:
        """The word as an engine must get it: of `mm` it would say the letters."""
        return _SPOKEN_HUM if _HUMMED.fullmatch(self.text.lower()) else self.text


Line = tuple[Word, ...]
"""The words of a line; at least one."""


class Stanza(msgspec.Struct, frozen=True):
    """Lines that belong together; `tag` is the text in brackets above them, empty without one."""

    tag: str
    lines: tuple[Line, ...]


def read_lyrics(text: str) -> tuple[Stanza, ...]:
    """Return the stanzas in order; those without a word that can be sung are left out."""
    stanzas, tag, lines = list[Stanza](), "", list[Line]()
    for row in (*text.splitlines(), ""):
        tagged = _TAG.fullmatch(row)
        if tagged or not row.strip():
            stanzas += [Stanza(tag, tuple(lines))] if lines else []
            lines = []
        if tagged:
            tag = tagged[1].strip()
        elif line := tuple(_words(row)):
            lines.append(line)
    return tuple(stanzas)


def _words(row: str) -> Iterator[Word]:
    plain = unicodedata.normalize("NFC", row).translate(_APOSTROPHES)
    for found in _WORD.findall(plain):
        if len(found) <= MAX_WORD and all(_is_readable(letter) for letter in found):
            yield Word(found, syllables_of(found))


def _is_readable(letter: str) -> bool:
    is_latin = unicodedata.name(letter, "").startswith("LATIN ") and letter.isalpha()
    return is_latin or letter == "'" or (letter.isascii() and letter.isdigit())

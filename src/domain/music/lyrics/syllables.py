"""Syllables of written words, by the rules of English spelling.

A run of vowels is a syllable, a silent `e` is none, and consonants between vowels begin the next syllable where an
English word may begin with them (the maximal onset principle, Kahn 1976). Spelling does not tell everything: what an
engine says may have another count, and `alignment` reconciles the two.
"""

import re
import unicodedata
from itertools import pairwise
from typing import Final

_VOWELS: Final = frozenset("aeiouy")
_LIGATURES: Final = {"\u00e6": "e", "\u0153": "e", "\u00f8": "o", "\u0131": "i"}
_DIAERESES: Final = frozenset("\u00eb\u00ef")
_ONSETS: Final = re.compile(
    "[bcfgkp][lr]|[dtz][lrw]|[gk]n|ch|chr|ph[lr]?|qu|sc[hr]?|sh[r]?|s[klmnptw]|s[pt]r|sph|spl|squ|str|th[r]?|w[hr]"
)
"""Consonants with which a syllable may begin, beside single ones."""

_CODAS: Final = frozenset({"ck", "gh", "ng", "x"})
"""Consonants that stay with the vowel before them."""

_SILENT: Final = tuple(
    re.compile(rule)
    for rule in (
        r"(?<=[aeiouy])[^aeiouy]+(e)$",  # love
        r"(?<=[aeiouy])(e)$",  # blue
        r"(?<=[aeiouy])(?:[^aeiouyscxzg]|th)+(e)s$",  # makes, not houses
        r"(?<=[aeiouy])[^aeiouytd]+(e)d$",  # loved, not wanted
        r"(?<!r)g(u)e$",  # tongue, not argue
    )
)
_SYLLABIC_LE: Final = re.compile(r"[^aeiouylrw]les?$")
"""As in little: here the last `e` sounds."""

_INSIDE: Final = re.compile(
    r"(?<=[aeiouy])[bcdfgjklmnpqrstvwxz](e)(?=ly$|ful|less|ness$|ment|times?$|one$|where$|thing$|body$)"
)
"""The silent `e` of a word that another one follows: lonely, something."""

_HIATUS: Final = tuple(
    re.compile(rule)
    for rule in (
        r"(?<=[^tcsgx])i(?=a|ou|u[sm])",  # diamond, serious, genius
        r"(?<![tcsgx])(?<!ll)i(?=o[^u]|o$)",  # lion, radio, not million
        r"(?:(?<=qu)|(?<=d))i(?=et)",  # quiet, diet
        r"(?:(?<=sc)|(?<=cl))i(?=en)",  # science, client
        r"(?<=[^qg])u(?=[ao]|et|el$|in|id$)",  # usual, cruel, ruin
        r"(?<=cr)e(?=at)|e(?=ing|o$)|(?<=[aeiouy][dr])e(?=a$)|(?<=[^p])e(?=on)",  # create, being, idea, video
        r"(?<=[^o])o(?=ing|e[mt])",  # going, poem
        r"y(?=ing)|[ao]y(?=er)",  # flying, player
    )
)
"""A vowel after which another one begins a syllable."""

_SYLLABIC: Final = re.compile(r"(?<=[dsz])n't$|(?<=th)m$")
"""Consonants that are a syllable without a vowel: didn't, rhythm."""


def syllables_of(word: str) -> tuple[str, ...]:
    """Return the syllables of a word, at least one; joined, they are the word. Each digit is one."""
    plain = "".join(_base(letter) for letter in word)
    nuclei = _nuclei(word, plain)
    cuts = [0, *(_cut(plain, before, after) for before, after in pairwise(nuclei)), len(word)]
    return tuple(word[first:last] for first, last in pairwise(cuts))


def _base(letter: str) -> str:
    """Return a letter without accents, in lower case; one letter stays one."""
    small = letter.lower()[:1]
    return _LIGATURES.get(small, unicodedata.normalize("NFKD", small)[:1])


def _nuclei(word: str, plain: str) -> list[tuple[int, int]]:
    """Return where the vowels of each syllable begin and end."""
    sounding = [_sounds(plain, index) for index in range(len(plain))]
    for silent in _silent(plain):
        sounding[silent] = word[silent] not in "eEuU"  # an accent makes it sound
    breaks = {found.end() for rule in _HIATUS for found in rule.finditer(plain)}
    breaks |= {index for index, letter in enumerate(word.lower()) if letter in _DIAERESES}
    nuclei = _runs(plain, sounding, breaks)
    if syllabic := _SYLLABIC.search(plain):
        nuclei.append((syllabic.start(), syllabic.start() + 1))
    return nuclei


def _sounds(plain: str, index: int) -> bool:
    """Return whether a letter is a vowel or a digit; `y` before a vowel is none (yes, beyond), nor `u` after `q`."""
    if plain[index] == "y":
        initial = index == 0 or plain[index - 1] in _VOWELS
        return not (initial and plain[index + 1 : index + 2] in set("aeou" if index == 0 else "aou"))
    return (plain[index] in _VOWELS and plain[index - 1 : index + 1] != "qu") or plain[index].isdigit()


def _silent(plain: str) -> list[int]:
    """Return the places of silent vowels."""
    rules = (_INSIDE,) if _SYLLABIC_LE.search(plain) else (_INSIDE, *_SILENT)
    return [match.start(1) for rule in rules for match in rule.finditer(plain)]


def _runs(plain: str, sounding: list[bool], breaks: set[int]) -> list[tuple[int, int]]:
    nuclei = list[tuple[int, int]]()
    for index in (index for index, sounds in enumerate(sounding) if sounds):
        joined = nuclei and nuclei[-1][1] == index and index not in breaks
        if joined and not (plain[index].isdigit() or plain[index - 1].isdigit()):
            nuclei[-1] = (nuclei[-1][0], index + 1)
        else:
            nuclei.append((index, index + 1))
    return nuclei


def _cut(plain: str, before: tuple[int, int], after: tuple[int, int]) -> int:
    """Return where the second of two syllables begins."""
    first, last = before[1], after[0]
    if plain[first:last] in _CODAS or plain[last:] == "n't":
        return last
    starts = (start for start in range(first, last) if _ONSETS.fullmatch(plain, start, last) or start == last - 1)
    return next(starts, last)

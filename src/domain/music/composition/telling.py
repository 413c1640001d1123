"""Which lines a piece sings where: stanzas go to the sections that their tags name, lines follow each other.

Verses go on, a chorus comes again with its own words, and what runs out begins again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from domain.music.lyrics.text import Line, Stanza
from domain.music.score import SectionRole

Tagged = Mapping[SectionRole, Sequence[Stanza]]
"""The stanzas whose tags name a role."""


class Reader:
    """Reads lines in turn, over again after the last; what is not sung of one may come next."""

    def __init__(self, lines: Sequence[Line], at: int = 0) -> None:
        self._lines = lines
        self._rest: Line = ()
        self.at = at

    @property
    def next(self) -> Line:
        """The line that comes next."""
        return self._rest or self._lines[self.at % len(self._lines)]

    def take(self, words: int) -> None:
        """Go on after some words of the next line."""
        rest = self.next[words:]
        self.at += not rest
        self._rest = rest

    def break_off(self) -> None:
        """Leave what is not sung of a line: another section begins."""
        self.at += bool(self._rest)
        self._rest = ()

    def from_line(self, at: int) -> "Reader":
        """Return another reader of the same lines."""
        return Reader(self._lines, at)


class Telling:
    """How far a piece has told its lyrics.

    Args:
        tagged: Stanzas by the role that their tags name.
        untagged: The other ones; without any, roles that no tag names sing all of them in order.
    """

    def __init__(self, tagged: Tagged, untagged: Sequence[Stanza]) -> None:
        stanzas = untagged or [stanza for each in tagged.values() for stanza in each]
        self._tagged = tagged
        self._plain = Reader([line for stanza in stanzas for line in stanza.lines])
        self._readers: dict[SectionRole, Reader] = {}
        self._times: Counter[SectionRole] = Counter()
        self._chorus = 0

    def section(self, role: SectionRole, *, continues: bool) -> Reader:
        """Return what a section sings; `continues` says that it follows one of its role, and goes on with its tune."""
        if not (continues and role in self._readers):
            self._readers[role] = self._opened(role, self._times[role])
            self._times[role] += 1
        return self._readers[role]

    def _opened(self, role: SectionRole, times: int) -> Reader:
        if stanzas := self._tagged.get(role):
            return Reader(stanzas[times % len(stanzas)].lines)
        self._plain.break_off()
        if role is not SectionRole.HOOK:
            return self._plain
        if times:
            return self._plain.from_line(self._chorus)
        self._chorus = self._plain.at
        return self._plain

"""Listing the objects of the folder, a page at a time, in the order of their keys.

The folders of a million jobs cannot be sorted for each page, nor be remembered. So the next names are remembered, as
many as take two megabytes, until the pages have passed them.
"""

import os
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from heapq import nsmallest
from itertools import chain, groupby
from pathlib import Path
from stat import S_ISREG
from typing import Final

from adapters.filesystem.files import FOLDER, is_key
from application.ports.objects import StoredObject

REMEMBERED: Final = 10_000
"""Entries of the root, folders of jobs above all. To read the names of a million takes about a second."""

PASSES: Final = 2
"""Listings that are remembered: the sweep's, and a short one beside it."""

Entry = tuple[str, str]
"""The first part of the keys under an entry of the root, by which entries are sorted, and the entry's name."""


class Listing:
    """Lists pages; one that goes on where another ended finds the names that are remembered.

    What is added meanwhile among those names may be missed until the next pass, as in any listing by pages.
    """

    def __init__(self, root: Path, remembered: int = REMEMBERED) -> None:
        self._root = str(root)
        self._most = remembered
        self._ahead: dict[str, list[Entry]] = {}

    def page(self, after: str, limit: int) -> list[StoredObject]:
        """Return the objects after a key, folder by folder; abandoned drafts appear under their object's key."""
        found, begin = dict[str, float](), _in_order(after)
        entries = self._ahead.pop(after, None) or self._read(_first(after), is_seen=False)
        while entries and len(found) < limit:
            head = self._collect(entries, begin, limit, found)
            entries = _from(entries, head) if len(found) >= limit else self._read(head, is_seen=True)
        keys = sorted(found, key=_in_order)[:limit]
        if entries:
            self._remember(keys[-1], entries)
        return [StoredObject(key, datetime.fromtimestamp(found[key], UTC)) for key in keys]

    def _collect(self, entries: list[Entry], begin: list[str], limit: int, found: dict[str, float]) -> str:
        """Note the objects under entries, until they are enough; return the head of the last entry."""
        for head, together in groupby(entries, key=_head):
            for key, written in chain.from_iterable(_files(f"{self._root}/{name}", name) for _, name in together):
                if is_key(key) and _in_order(key) > begin:
                    found[key] = max(written, found.get(key, written))
            if len(found) >= limit:
                return head
        return entries[-1][0]

    def _read(self, head: str, *, is_seen: bool) -> list[Entry]:
        """Return the next entries, from a head on or after one that was seen; none if there are no more."""
        with suppress(FileNotFoundError), os.scandir(self._root) as found:
            names = ((entry.name.partition(FOLDER)[0], entry.name) for entry in found)
            entries = nsmallest(self._most, (it for it in names if it[0] > head or (it[0] == head and not is_seen)))
            return entries if len(entries) < self._most else _whole(entries)
        return []

    def _remember(self, key: str, entries: list[Entry]) -> None:
        while len(self._ahead) >= PASSES:
            self._ahead.pop(next(iter(self._ahead)), None)
        self._ahead[key] = _from(entries, _first(key))


def _head(entry: Entry) -> str:
    return entry[0]


def _first(key: str) -> str:
    return key.partition("/")[0]


def _from(entries: list[Entry], head: str) -> list[Entry]:
    return entries[bisect_left(entries, head, key=_head) :]


def _whole(entries: list[Entry]) -> list[Entry]:
    """Return entries without the last ones of one head, of which there may be more."""
    return entries[: bisect_left(entries, entries[-1][0], key=_head)] or entries


def _in_order(key: str) -> list[str]:
    """Return the sort key of an object key: folders stay together."""
    return key.split("/") if key else []


def _files(path: str, name: str, above: str = "") -> Iterator[tuple[str, float]]:
    """Yield the keys of the files at or under a path, and when they were written; some may vanish meanwhile."""
    key = f"{above}{name.partition(FOLDER)[0]}"
    with suppress(FileNotFoundError, NotADirectoryError):
        if name.endswith(FOLDER):
            with os.scandir(path) as entries:
                for entry in entries:
                    yield from _files(entry.path, entry.name, f"{key}/")
        elif S_ISREG((found := os.stat(path)).st_mode):  # noqa: PTH116 - a path object costs more
            yield key, found.st_mtime

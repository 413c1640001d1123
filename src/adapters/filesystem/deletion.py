"""Deleting objects from the folder, with what interrupted writes left of them."""

import os
from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from adapters.filesystem.files import FOLDER, path_of
from adapters.filesystem.refusals import refusals


def delete_prefix(root: Path, prefix: str) -> int:
    """Delete the objects whose keys start with the prefix, their drafts, and folders that become empty.

    Return the number of objects. Raises `ValueError` for an empty or malformed prefix.
    """
    folder, beginning = _split(root, prefix)
    return _delete(root, folder, [beginning])


def delete_each(root: Path, prefixes: Collection[str]) -> dict[str, Exception]:
    """Delete what is under each prefix; return those that failed, in the words of the port.

    Prefixes of one folder need one look at it, unless something in it cannot be deleted.
    """
    by_folder, failed = defaultdict[Path, list[str]](list), dict[str, Exception]()
    for prefix in prefixes:
        by_folder[_split(root, prefix)[0]].append(prefix)
    for folder, together in by_folder.items():
        try:
            _delete(root, folder, [_split(root, prefix)[1] for prefix in together])
        except OSError:
            failed |= _delete_singly(root, together)
    return failed


def _delete_singly(root: Path, prefixes: Iterable[str]) -> dict[str, Exception]:
    failed = dict[str, Exception]()
    for prefix in prefixes:
        try:
            with refusals():
                delete_prefix(root, prefix)
        except Exception as error:  # noqa: BLE001 - one must not keep the others from being deleted
            failed[prefix] = error
    return failed


def _split(root: Path, prefix: str) -> tuple[Path, str]:
    """Return the folder of a prefix and how names in it begin. Raises `ValueError` for an empty or malformed one."""
    if not prefix:
        raise ValueError("an empty prefix would delete every object")
    return path_of(root, f"{prefix}x").parent, prefix.rpartition("/")[2]


def _delete(root: Path, folder: Path, beginnings: Iterable[str]) -> int:
    deleted = _delete_in(str(folder), _shortest(beginnings))
    if folder != root:
        _remove_if_empty(str(folder))
    return deleted


def _delete_in(folder: str, beginnings: list[str]) -> int:
    """Delete what is in a folder and whose name begins so; return the number of objects."""
    deleted = 0
    for entry in _entries(folder):
        if not entry.name.startswith(beginnings[bisect(beginnings, entry.name) - 1]):
            continue
        if entry.is_dir(follow_symlinks=False):
            deleted += _delete_in(entry.path, [""])
            _remove_if_empty(entry.path)
        else:
            with suppress(FileNotFoundError):
                os.unlink(entry.path)  # noqa: PTH108 - a path object costs more than the call
            deleted += FOLDER not in entry.name
    return deleted


def _shortest(beginnings: Iterable[str]) -> list[str]:
    """Return the beginnings in order, without those that begin with another: then one is enough to look at."""
    kept = list[str]()
    for beginning in sorted(beginnings):
        if not kept or not beginning.startswith(kept[-1]):
            kept.append(beginning)
    return kept


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        return [*entries]
    return []


def _remove_if_empty(folder: str) -> None:
    with suppress(OSError):  # not empty, or deleted already
        os.rmdir(folder)  # noqa: PTH106 - as above

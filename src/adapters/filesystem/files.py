"""One file per object: its content, followed by its description.

Content and description share a file so that one rename replaces both atomically: an object never has the type or
digest of another version. A player that opens the file reads the content and ignores the rest.

    content | JSON description | its length, 4 bytes, big-endian | magic
"""

import os
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from io import FileIO
from itertools import chain, groupby
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from application.ports.objects import ObjectNotFound, StoredObject
from domain.jobs.artifacts import Artifact

_MAGIC: Final = b"MOM1"
_TAIL: Final = struct.Struct(">I4s")
_MAX_DESCRIPTION: Final = 4096
CACHED_KEYS: Final = 1024
"""Validated keys to cache; each is used several times."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127})*")
FOLDER: Final = "+"
"""Ends the names of folders and separates those of drafts; no key contains it, so `a` and `a/b` can both be objects."""


class _Description(msgspec.Struct, frozen=True):
    mime_type: str
    sha256: str


def path_of(root: Path, key: str) -> Path:
    """Return the path of an object. Raises `ValueError` as `name_of` does."""
    return root / name_of(key)


def name_of(key: str) -> str:
    """Return the path of an object relative to the root.

    Raises:
        ValueError: The key is malformed, or could lead outside the root.
    """
    require_key(key)
    return key.replace("/", f"{FOLDER}/")


@lru_cache(CACHED_KEYS)
def require_key(key: str) -> None:
    """Raise `ValueError` for a key that is malformed or could lead outside the root."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not an object key")


def key_of(root: Path, path: Path) -> tuple[str, bool]:
    """Return the key that a file belongs to, and whether the file is the object, not a draft."""
    *folders, name = path.relative_to(root).parts
    name, _, draft = name.partition(FOLDER)
    return "/".join((*(folder.removesuffix(FOLDER) for folder in folders), name)), not draft


def description(mime_type: str, sha256: str) -> bytes:
    """Return the bytes that follow an object's content."""
    described = msgspec.json.encode(_Description(mime_type, sha256))
    return described + _TAIL.pack(len(described), _MAGIC)


def describe(file: BinaryIO | FileIO, key: str) -> Artifact:
    """Return the pointer to the object in an open file.

    Raises:
        ObjectNotFound: The file was not written by this store.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(max(end - _TAIL.size - _MAX_DESCRIPTION, 0))
    tail = file.read(_TAIL.size + _MAX_DESCRIPTION)
    length, magic = _TAIL.unpack(tail[-_TAIL.size :]) if len(tail) >= _TAIL.size else (0, b"")
    size = end - _TAIL.size - length
    if magic != _MAGIC or size < 0 or length > _MAX_DESCRIPTION:
        raise ObjectNotFound(key)
    described = msgspec.json.decode(tail[-_TAIL.size - length : -_TAIL.size], type=_Description)
    return Artifact(key=key, size=size, mime_type=described.mime_type, sha256=described.sha256)


def delete_prefix(root: Path, prefix: str) -> int:
    """Delete the objects whose keys start with the prefix, their drafts, and folders that become empty.

    Return the number of objects. Raises `ValueError` for an empty or malformed prefix.
    """
    if not prefix:
        raise ValueError("an empty prefix would delete every object")
    start = path_of(root, f"{prefix}x").parent
    deleted = 0
    for path in sorted(start.rglob("*"), reverse=True):  # the content of a folder before the folder
        if path.is_dir():
            _remove_if_empty(path)
            continue
        key, is_object = key_of(root, path)
        if key.startswith(prefix):
            path.unlink(missing_ok=True)
            deleted += is_object
    if start != root:
        _remove_if_empty(start)
    return deleted


def list_page(root: Path, after: str, limit: int) -> list[StoredObject]:
    """Return the objects after a key, folder by folder; abandoned drafts appear under their object's key."""
    found: dict[str, float] = {}
    begin = _in_order(after)
    entries = [entry for entry in _entries(root) if _head(entry) >= after.partition("/")[0]]
    for _, group in groupby(sorted(entries, key=_head), key=_head):
        for path in chain.from_iterable(map(_files, group)):
            key, written = key_of(root, path)[0], _written(path)
            if written is not None and _KEY.fullmatch(key) and _in_order(key) > begin:
                found[key] = max(written, found.get(key, written))
        if len(found) >= limit:
            break
    keys = sorted(found, key=_in_order)[:limit]
    return [StoredObject(key, datetime.fromtimestamp(found[key], UTC)) for key in keys]


def _head(entry: Path) -> str:
    """Return the first part of the keys under an entry of the root. It is called for each: a root has many."""
    return entry.name.partition(FOLDER)[0]


def _in_order(key: str) -> list[str]:
    """Return the sort key of an object key: folders stay together."""
    return key.split("/") if key else []


def _entries(root: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from root.iterdir()


def _files(entry: Path) -> Iterator[Path]:
    return (path for path in (entry, *entry.rglob("*")) if path.is_file())


def _written(path: Path) -> float | None:
    """Return when a file was last written, None if it was deleted meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # not empty, or deleted already
        folder.rmdir()

"""One file per object: its content, followed by its description.

Content and description share a file so that one rename replaces both atomically: an object never has the type or
digest of another version. A player that opens the file reads the content and ignores the rest.

    content | JSON description | its length, 4 bytes, big-endian | magic
"""

import os
import re
import struct
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from application.ports.objects import ObjectNotFound
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


def is_key(key: str) -> bool:
    """Return whether an object can have the key."""
    return _KEY.fullmatch(key) is not None


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

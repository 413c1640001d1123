"""Where a document is wrong: JSON pointers (RFC 6901), and what msgspec finds in words for people."""

import re
from typing import Any, Final

import msgspec

from domain.blueprints.plain_words import in_plain_words
from domain.errors import Problem

_ABSENT: Final = re.compile(r"Object missing required field `(.*)`")


def escaped(name: object) -> str:
    """Return a name as a part of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def type_problems(value: object, kind: Any, at: str) -> list[Problem]:
    """Return what msgspec finds first, `Expected … - at `$.notes[3].pitch``, as a JSON pointer and a message."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        pointer = re.sub(r"[.\[]", "/", path.rstrip("`").replace("]", ""))
        if absent := _ABSENT.fullmatch(message):
            return [Problem(f"{at}{pointer}/{absent[1]}", "is required")]
        return [Problem(at + pointer, in_plain_words(message, kind, pointer.split("/")[1:]))]
    return []

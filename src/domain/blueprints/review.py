"""A review of a blueprint: everything that is wrong with it, and the valid one that is nearest to it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import msgspec

from domain.blueprints.blueprint import REQUIRED, PartialBlueprint
from domain.blueprints.problems import escaped
from domain.blueprints.repair import repaired
from domain.blueprints.validation import decoded, parse_partial
from domain.errors import MAX_PROBLEMS, InvalidBlueprint, Problem

_SHOWN: Final = 60
"""Characters of a value in a sentence."""


class Change(msgspec.Struct, frozen=True):
    """A difference between a blueprint and its repair: where (RFC 6901 JSON pointer) and what, for people."""

    pointer: str
    message: str


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said about a blueprint, or a part of one.

    Attributes:
        valid: Whether a moment can be requested with it.
        errors: Everything that is wrong; a hundred of them at most, as of `changes`.
        missing: Pointers of the fields that a complete blueprint has besides: the service decides them from the hum.
        repaired: The blueprint as the service uses it; if it is not valid, the nearest one that is. Null if there is
            none: the document is no object, no JSON, or nested too deeply.
        changes: How `repaired` differs from the document.
    """

    valid: bool
    errors: tuple[Problem, ...]
    missing: tuple[str, ...]
    repaired: PartialBlueprint | None
    changes: tuple[Change, ...]


def review_text(text: bytes) -> Review:
    """Return the review of a JSON text; an empty one, or null, is a blueprint without fields."""
    try:
        document = decoded(text.decode())
    except UnicodeDecodeError:
        return _unreadable([Problem("", "is not valid UTF-8")])
    except InvalidBlueprint as error:
        return _unreadable(error.problems)
    return review({} if document is None else document)


def review(document: object) -> Review:
    """Return the review of JSON values."""
    errors = _problems(document)
    nearest = repaired(document)
    return Review(
        valid=not errors,
        errors=errors,
        missing=tuple(f"/{name}" for name in REQUIRED if name not in (nearest or {})),
        repaired=nearest,
        changes=() if nearest is None else tuple(islice(_changes(document, nearest, ""), MAX_PROBLEMS)),
    )


def _unreadable(errors: list[Problem]) -> Review:
    missing = tuple(f"/{name}" for name in REQUIRED)
    return Review(valid=False, errors=tuple(errors), missing=missing, repaired=None, changes=())


def _problems(document: object) -> tuple[Problem, ...]:
    try:
        parse_partial(document)
    except InvalidBlueprint as error:
        return tuple(error.problems)
    return ()


def _changes(before: object, after: object, at: str) -> Iterator[Change]:
    match before, after:
        case dict(), dict():
            for name, value in before.items():
                yield from _changes(value, after.get(name, msgspec.UNSET), f"{at}/{escaped(name)}")
        case list(), list() if len(before) == len(after):
            for index, (was, now) in enumerate(zip(before, after, strict=True)):
                yield from _changes(was, now, f"{at}/{index}")
        case list(), list():
            yield Change(at, f"{len(after)} of {len(before)} elements were kept")
        case _, msgspec.UNSET:
            yield Change(at, "was left out")
        case _ if before != after:
            yield Change(at, f"{_shown(before)} became {_shown(after)}")


def _shown(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"

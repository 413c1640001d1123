"""What clients write in different ways and mean the same is made alike before a blueprint is checked."""

from collections.abc import Mapping
from typing import Any, Final

from domain.blueprints.fields import MAX_DEPTH
from domain.blueprints.problems import escaped
from domain.errors import InvalidBlueprint, Problem

_WORDS: Final = ("output_kind", "vocals")
"""Keys of the metadata whose values are words to choose from."""

EXACT: Final = 2.0**53
"""Up to here, a float is one integer and no other."""


def normalised(document: object) -> object:
    """Return a blueprint, or a part of one, in the form that its schema describes.

    A field that is null is absent, except in the metadata; an integer may be written as 120.0, an output kind or what
    the voice sings in capitals or with spaces around it. What is no blueprint at all is returned as it is: the check
    says why.

    Raises:
        InvalidBlueprint: It is nested too deeply, or a text has a NUL character, which no database stores.
    """
    plan = _plain(document, "", 0)
    if not isinstance(plan, dict):
        return plan
    plan = _without_nulls(plan)
    for name, value in plan.items():
        plan[name] = _field(name, value)
    return plan


def chosen_word(text: str) -> str:
    """Return a word that stands for a choice without what does not matter: capitals, spaces around it."""
    return text.strip().lower()


def _field(name: str, value: object) -> object:
    match name, value:
        case "sections", list():
            return [_without_nulls(section) if isinstance(section, dict) else section for section in value]
        case "voice", dict():
            return _without_nulls(value)
        case "metadata", dict():
            return _metadata(value)
    return value


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    words = {name: metadata[name] for name in _WORDS if isinstance(metadata.get(name), str)}
    return {**metadata, **{name: chosen_word(word) for name, word in words.items()}}


def _without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def _plain(value: object, at: str, depth: int) -> object:
    """Return a value whose integers are no floats."""
    match value:
        case float():
            return int(value) if value.is_integer() and abs(value) <= EXACT else value
        case str():
            if "\0" in value:
                raise InvalidBlueprint([Problem(at, "has a NUL character")])
        case dict() | list() if depth == MAX_DEPTH:
            raise InvalidBlueprint([Problem(at, f"is nested too deeply: at most {MAX_DEPTH} levels")])
        case dict():
            return {
                _plain(name, at, depth): _plain(item, f"{at}/{escaped(name)}", depth + 1)
                for name, item in value.items()
            }
        case list() | tuple():
            return [_plain(item, f"{at}/{index}", depth + 1) for index, item in enumerate(value)]
    return value

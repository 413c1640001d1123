"""What msgspec finds wrong with a value, in words for people who know neither Python nor regular expressions."""

import re
from collections.abc import Iterable
from typing import Any, Final

from msgspec import inspect

from domain.blueprints.fields import KEY_PATTERN, TIME_SIGNATURE_PATTERN

_OF_PATTERN: Final = {
    KEY_PATTERN: "a key such as C, F#m or Bb",
    TIME_SIGNATURE_PATTERN: "a time signature such as 4/4 or 6/8",
}
_OF_GIVEN: Final = {
    "str": "a text",
    "int": "a number",
    "float": "a number with decimals",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_GIVEN: Final = re.compile(r", got `(\w+)`$")


def in_plain_words(message: str, kind: Any, steps: Iterable[str]) -> str:
    """Return a message of msgspec's as a sentence.

    Args:
        message: `Expected …`, `Invalid enum value …`, or another, which stays.
        kind: The type that the whole value was converted to.
        steps: The way from the value to its part that is wrong: names of fields, numbers of elements.
    """
    if not message.startswith(("Expected", "Invalid enum value")):
        return message
    wanted = _described(_at(inspect.type_info(kind), steps))
    given = _GIVEN.search(message)
    contrast = _OF_GIVEN.get(given[1], "") if given else ""
    return f"must be {wanted}{f', not {contrast}' if contrast else ''}"


def _at(info: inspect.Type, steps: Iterable[str]) -> inspect.Type:
    """Return the type of a part of a value."""
    info = sole(info)
    for step in steps:
        match info:
            case inspect.StructType(fields=fields):
                info = next(field.type for field in fields if field.encode_name == step)
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
                info = item
            case inspect.DictType(value_type=item):
                info = item
        info = sole(info)
    return info


def sole(info: inspect.Type) -> inspect.Type:
    """Return the type in a union with nothing, and the type in its metadata."""
    match info:
        case inspect.Metadata(type=inner):
            return sole(inner)
        case inspect.UnionType(types=types):
            return sole(types[0])
    return info


def _described(info: inspect.Type) -> str:
    match info:
        case inspect.IntType(ge=low, le=high):
            return f"a whole number{_between(low, high)}"
        case inspect.FloatType(ge=low, le=high):
            return f"a number{_between(low, high)}"
        case inspect.EnumType(cls=kind):
            *words, last = (str(member.value) for member in kind)
            return f"{', '.join(words)} or {last}"
        case inspect.BoolType():
            return "true or false"
    return _sized(info)


def _sized(info: inspect.Type) -> str:
    match info:
        case inspect.StrType(pattern=pattern) if pattern in _OF_PATTERN:
            return _OF_PATTERN[str(pattern)]
        case inspect.StrType(min_length=low, max_length=high):
            return f"a text{_long(low, high, 'characters')}"
        case inspect.ListType(min_length=low, max_length=high) | inspect.VarTupleType(min_length=low, max_length=high):
            return f"a list{_long(low, high, 'elements')}"
    return "an object"


def _between(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {_number(low)} to {_number(high)}"
    return f" of at least {_number(low)}" if low is not None else f" of at most {_number(high)}" if high else ""


def _number(bound: float) -> str:
    return str(bound).removesuffix(".0")


def _long(low: int | None, high: int | None, unit: str) -> str:
    if low and high:
        return f" of {low} to {high} {unit}"
    return f" of at most {high} {unit}" if high else f" of at least {low} {unit}" if low else ""

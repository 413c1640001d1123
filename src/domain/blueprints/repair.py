"""Repair of blueprints: what is nearly right becomes the nearest value that the schema admits, the rest is left out.

What is left out, the service decides from the hum; so every object has a repair. The types of the blueprint's fields
decide alone: there are no bounds here.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType, inspect

from domain.blueprints.blueprint import Blueprint, Metadata, PartialBlueprint
from domain.blueprints.fields import KEY_PATTERN, MAX_OTHER_METADATA_BYTES
from domain.blueprints.metadata import analysis_problems
from domain.blueprints.normalisation import chosen_word, normalised
from domain.blueprints.plain_words import sole
from domain.blueprints.validation import parse_partial
from domain.errors import InvalidBlueprint

Fields = Mapping[str, inspect.Field]

_NUMBER: Final = re.compile(r"\s*([+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*(?i:bpm)?\s*")
_KEY: Final = re.compile(
    r"\s*([A-Ga-g])[\s-]*(#|♯|(?i:sharp)|b|♭|(?i:flat))?[\s-]*(M|(?i:major|maj))?(m|(?i:minor|min))?\s*"
)
_SHARPS: Final = frozenset({"#", "♯", "sharp"})


def repaired(document: object) -> PartialBlueprint | None:
    """Return the valid blueprint that is nearest to a document; None if that is no object, or nested too deeply."""
    try:
        plan = normalised(document)
        return parse_partial(_plan(plan)) if isinstance(plan, dict) else None
    except InvalidBlueprint:
        return None


def _fields_of(kind: type[msgspec.Struct]) -> Fields:
    info = inspect.type_info(kind)
    return {field.encode_name: field for field in info.fields} if isinstance(info, inspect.StructType) else {}


_OF_BLUEPRINT: Final = _fields_of(Blueprint)
_OF_METADATA: Final = _fields_of(Metadata)


def _plan(plan: dict[str, Any]) -> PartialBlueprint:
    found = _known(plan, _OF_BLUEPRINT)
    metadata = plan.get("metadata")
    if isinstance(metadata, dict):
        found["metadata"] = _metadata(metadata)
    return found


def _metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    known = _known({name: value for name, value in metadata.items() if name != "analysis"}, _OF_METADATA)
    if "analysis" in metadata and not analysis_problems(metadata["analysis"]):
        known["analysis"] = metadata["analysis"]
    others = {name: value for name, value in metadata.items() if name not in _OF_METADATA}
    return known | others if len(msgspec.json.encode(others)) <= MAX_OTHER_METADATA_BYTES else known


def _known(document: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """Return what can be kept of the fields that are known."""
    mended = {name: _mended(value, fields[name].type) for name, value in document.items() if name in fields}
    return {name: value for name, value in mended.items() if value is not UNSET}


def _mended(value: Any, wanted: inspect.Type) -> Any:
    """Return the nearest value of a type, or UNSET."""
    match info := sole(wanted):
        case inspect.StructType():
            return _struct(value, info)
        case inspect.ListType() | inspect.VarTupleType():
            return _list(value, info)
        case inspect.IntType() | inspect.FloatType():
            return _number(value, info)
        case inspect.StrType():
            return _text(value, info)
    return _word(value, info)


def _word(value: Any, info: inspect.Type) -> Any:
    """Return the nearest of a few values; whatever else there is, is free."""
    match info:
        case inspect.EnumType():
            word = chosen_word(value) if isinstance(value, str) else ""
            return word if word in {str(member.value) for member in info.cls} else UNSET
        case inspect.BoolType():
            return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower(), UNSET)
        case inspect.DictType():
            return value if isinstance(value, dict) else UNSET
    return value


def _struct(value: Any, info: inspect.StructType) -> dict[str, Any] | UnsetType:
    fields = {field.encode_name: field for field in info.fields}
    kept = _known(value, fields) if isinstance(value, dict) else {}
    return kept if all(name in kept for name, field in fields.items() if field.required) else UNSET


def _list(value: Any, info: inspect.ListType | inspect.VarTupleType) -> list[Any] | UnsetType:
    if not isinstance(value, list):
        return UNSET
    mended = (_mended(item, info.item_type) for item in value[: info.max_length])
    kept = [item for item in mended if item is not UNSET]
    return kept if len(kept) >= (info.min_length or 0) else UNSET


def _number(value: Any, info: inspect.IntType | inspect.FloatType) -> float | UnsetType:
    if isinstance(value, str) and (written := _NUMBER.fullmatch(value)):
        value = float(written[1])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return UNSET
    whole = round(value) if isinstance(info, inspect.IntType) else value
    low, high = info.ge, info.le
    return max(low, min(high, whole)) if low is not None and high is not None else whole


def _text(value: Any, info: inspect.StrType) -> str | UnsetType:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return UNSET
    if info.pattern is not None:
        text = _key(value) if info.pattern == KEY_PATTERN else "".join(value.split())
        return text if re.fullmatch(info.pattern, text) else UNSET
    return value[: info.max_length] if len(value) >= (info.min_length or 0) else UNSET


def _key(text: str) -> str:
    """Return a key in the way that we write it: `F#m` for `f-sharp minor`; the text itself if it is none."""
    found = _KEY.fullmatch(text)
    if found is None:
        return text
    tonic, accidental, _, minor = found.groups()
    sign = "" if accidental is None else "#" if accidental.lower() in _SHARPS else "b"
    return f"{tonic.upper()}{sign}{'m' if minor else ''}"

"""The blueprint: the plan of a moment, its JSON Schema, and its validation."""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from domain.blueprints.fields import KEY_PATTERN, MAX_TEMPO_BPM, MIN_TEMPO_BPM, TIME_SIGNATURE_PATTERN
from domain.errors import InvalidBlueprint, Problem

PartialBlueprint = dict[str, Any]
"""The fields of a blueprint that the musician fixed: any subset, each valid by itself."""

SCHEMA_PATH: Final = "/v1/blueprints/schema"

Unit = Annotated[float, Meta(ge=0, le=1)]
Text = Annotated[str, Meta(min_length=1)]


class OutputKind(StrEnum):
    """What the musician asked for: a preview of 15–30 s, or a song of up to three minutes."""

    PREVIEW = "preview"
    SONG = "song"


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A section of the piece: verse, chorus …"""

    name: Text
    bars: Annotated[int, Meta(ge=1, le=256)]
    energy: Unit = 0.5
    prompt: str | UnsetType = UNSET


class Voice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The voice that sings; the fields are those of the hosted voice service of the original contract."""

    voice_id: Text
    model_id: str = "eleven_multilingual_v2"
    stability: Unit | UnsetType = UNSET
    similarity_boost: Unit | UnsetType = UNSET
    style_exaggeration: Unit | UnsetType = UNSET
    speaker_boost: bool = True


class Blueprint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The complete plan of a moment. Unknown fields are rejected, except in `metadata`."""

    id: Annotated[str, Meta(min_length=1, max_length=128)]
    style: Annotated[str, Meta(min_length=1, max_length=120)]
    tempo_bpm: Annotated[int, Meta(ge=MIN_TEMPO_BPM, le=MAX_TEMPO_BPM)]
    key: Annotated[str, Meta(pattern=KEY_PATTERN)]
    time_signature: Annotated[str, Meta(pattern=TIME_SIGNATURE_PATTERN)] = "4/4"
    sections: Annotated[tuple[Section, ...], Meta(min_length=1)]
    lyrics: Text
    voice: Voice
    metadata: dict[str, Any] = {}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a blueprint, self-contained."""
    (document,), components = msgspec.json.schema_components([Blueprint], ref_template="#/$defs/{name}")
    definitions = dict(components)
    root = definitions.pop(document["$ref"].rsplit("/", 1)[-1])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_PATH,
        **root,
        "$defs": definitions,
    }


def to_dict(blueprint: Blueprint) -> dict[str, Any]:
    """Return the blueprint as JSON values: absent optional fields are absent, never null."""
    document: dict[str, Any] = msgspec.to_builtins(blueprint)
    return document


def parse(document: object) -> Blueprint:
    """Return a complete blueprint.

    Raises:
        InvalidBlueprint: With every problem found.
    """
    try:
        return msgspec.convert(document, Blueprint)
    except msgspec.ValidationError as error:  # it reports the first problem only; find all of them
        partial = parse_partial(document)
        absent = [field.encode_name for field in _FIELDS if field.required and field.encode_name not in partial]
        raise InvalidBlueprint([Problem(f"/{name}", "is required") for name in absent]) from error


def parse_partial(document: object) -> PartialBlueprint:
    """Return the fields of an incomplete blueprint, each validated by itself.

    Raises:
        InvalidBlueprint: With every problem found.
    """
    problems = _problems(document, Blueprint, "", partial=True)
    if problems or not isinstance(document, dict):
        raise InvalidBlueprint(problems)
    return document


_FIELDS: Final = msgspec.structs.fields(Blueprint)
_FIELDS_BY_NAME: Final[dict[type[msgspec.Struct], dict[str, msgspec.structs.FieldInfo]]] = {
    kind: {field.encode_name: field for field in msgspec.structs.fields(kind)} for kind in (Blueprint, Section, Voice)
}
"""Looked up once: it takes longer than the validation itself."""


def _problems(document: object, kind: type[msgspec.Struct], at: str, *, partial: bool) -> list[Problem]:
    if not isinstance(document, dict):
        return [Problem(at, "must be an object")]
    fields = _FIELDS_BY_NAME[kind]
    found = [Problem(f"{at}/{_escape(name)}", "is not a known field") for name in document if name not in fields]
    for name, field in fields.items():
        if name in document:
            found += _field_problems(document[name], name, field.type, f"{at}/{name}")
        elif field.required and not partial:
            found.append(Problem(f"{at}/{name}", "is required"))
    return found


def _field_problems(value: object, name: str, kind: Any, at: str) -> list[Problem]:
    if name == "voice":
        return _problems(value, Voice, at, partial=False)
    if name == "sections" and isinstance(value, list) and value:
        return [
            problem
            for index, section in enumerate(value)
            for problem in _problems(section, Section, f"{at}/{index}", partial=False)
        ]
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return [Problem(at, _readable(error))]
    return []


def _readable(error: msgspec.ValidationError) -> str:
    return str(error).split(" - at `")[0].replace("Expected", "must be", 1)


def _escape(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")

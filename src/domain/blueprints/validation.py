"""Validation of blueprints: the one check for the API, the command line, the tools and what agents send."""

import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import msgspec

from domain.blueprints.blueprint import REQUIRED, Blueprint, Metadata, PartialBlueprint, Section, Voice
from domain.blueprints.fields import MAX_OTHER_METADATA_BYTES, MAX_SECTIONS
from domain.blueprints.metadata import analysis_problems
from domain.blueprints.normalisation import normalised
from domain.blueprints.problems import escaped, type_problems
from domain.errors import InvalidBlueprint, Problem

Fields = dict[str, msgspec.structs.FieldInfo]


def parse(document: object) -> Blueprint:
    """Return a complete blueprint.

    Raises:
        InvalidBlueprint: With every problem found.
    """
    return checked(normalised(document))


def checked(plan: object) -> Blueprint:
    """Return a complete blueprint, whose parts are normalised already.

    Raises:
        InvalidBlueprint: With every problem found.
    """
    fields = _checked_fields(plan)
    absent = [name for name in REQUIRED if name not in fields]
    if absent:
        raise InvalidBlueprint([Problem(f"/{name}", "is required") for name in absent])
    return msgspec.convert(fields, Blueprint)


def parse_partial(document: object) -> PartialBlueprint:
    """Return the fields of an incomplete blueprint, normalised, each validated by itself.

    Raises:
        InvalidBlueprint: With every problem found.
    """
    return _checked_fields(normalised(document))


def parse_json(text: str) -> PartialBlueprint:
    """Return the fields in the JSON text of a blueprint; none if it is empty or null.

    Raises:
        InvalidBlueprint: It is no JSON, or with every problem found.
    """
    document = decoded(text)
    return {} if document is None else parse_partial(document)


def decoded(text: str) -> object:
    """Return the values in a JSON text; None if it is empty.

    Raises:
        InvalidBlueprint: It is no JSON.
    """
    text = text.removeprefix("\ufeff")  # a byte order mark, which RFC 8259 lets parsers ignore
    if not text.strip():
        return None
    try:
        return msgspec.json.decode(text)
    except RecursionError as error:
        raise InvalidBlueprint([Problem("", "is nested too deeply")]) from error
    except msgspec.DecodeError as error:
        raise InvalidBlueprint([Problem("", f"is not valid JSON: {_flaw(text)}")]) from error


class NoNumber(Exception):
    """A word that Python takes for a number and JSON does not: NaN, Infinity."""


def _flaw(text: str) -> str:
    """Return what is wrong with a text that is no JSON, and where; the standard library's parser says it best."""

    def refuse(name: str) -> NoReturn:
        raise NoNumber(f"{name} is no number of JSON")

    try:
        json.loads(text, parse_constant=refuse)
    except RecursionError:
        return "it is nested too deeply"
    except (json.JSONDecodeError, NoNumber) as error:
        return str(error)
    except ValueError:  # Python reads no integers of thousands of digits
        return "a number has too many digits"
    return "a number is out of range, or an escape such as \\ud83d is half of a character"


_FIELDS_OF: Final[dict[type[msgspec.Struct], Fields]] = {
    kind: {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for kind in (Blueprint, Section, Voice, Metadata)
}
"""Looked up once: it takes longer than the validation itself."""


def _checked_fields(plan: object) -> PartialBlueprint:
    problems = _problems(plan, Blueprint, "", partial=True)
    if problems or not isinstance(plan, dict):
        raise InvalidBlueprint(problems)
    return plan


def _problems(document: object, kind: type[msgspec.Struct], at: str, *, partial: bool = False) -> list[Problem]:
    if not isinstance(document, dict):
        return [Problem(at, "must be an object")]
    fields = _FIELDS_OF[kind]
    found = [Problem(f"{at}/{escaped(name)}", "is not a known field") for name in document if name not in fields]
    for name, field in fields.items():
        if name in document:
            found += _field_problems(document[name], name, field.type, f"{at}/{name}")
        elif field.required and not partial:
            found.append(Problem(f"{at}/{name}", "is required"))
    return found


def _field_problems(value: object, name: str, kind: Any, at: str) -> list[Problem]:
    match name, value:
        case "voice", _:
            return _problems(value, Voice, at)
        case "metadata", dict():
            return _metadata_problems(value, at)
        case "sections", list() if 0 < len(value) <= MAX_SECTIONS:
            numbered = enumerate(value)
            return [found for index, section in numbered for found in _problems(section, Section, f"{at}/{index}")]
        case "key" | "time_signature", str() if value.endswith("\n"):  # which `$` of a pattern overlooks in Python
            return [Problem(at, "must not end with a line break")]
    return type_problems(value, kind, at)


def _metadata_problems(metadata: Mapping[str, Any], at: str) -> list[Problem]:
    fields = _FIELDS_OF[Metadata]
    known = [name for name in fields if name in metadata and name != "analysis"]
    found = [found for name in known for found in type_problems(metadata[name], fields[name].type, f"{at}/{name}")]
    if "analysis" in metadata:
        found += analysis_problems(metadata["analysis"])
    others = {name: value for name, value in metadata.items() if name not in fields}
    if len(msgspec.json.encode(others)) > MAX_OTHER_METADATA_BYTES:
        found.append(Problem(at, f"may have {MAX_OTHER_METADATA_BYTES} bytes of JSON beside {', '.join(fields)}"))
    return found

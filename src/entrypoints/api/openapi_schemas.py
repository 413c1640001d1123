"""The schemas of the OpenAPI document: the blueprint's among them, and in words that linters and generators know."""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any, Final

import msgspec

from domain.blueprints.blueprint import schema_parts

Json = dict[str, Any]

BLUEPRINT: Final = "Blueprint"
PARTIAL: Final = "PartialBlueprint"
NULL: Final[Json] = {"type": "null"}


def reference(kind: str, name: str) -> Json:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def refine_schemas(schemas: Json) -> None:
    """Add the blueprint to the schemas of a document, refer to it, and smooth what Litestar writes."""
    root, definitions = schema_parts()
    partial = root | {
        "title": PARTIAL,
        "description": "Any part of a blueprint: what is left out is decided from the hum.",
        "required": [],
    }
    ours = {**definitions, BLUEPRINT: root, PARTIAL: partial}
    schemas |= {name: _with_components(schema) for name, schema in ours.items()}
    schemas["MomentStatus"]["properties"]["blueprint_json"] = _or_null(BLUEPRINT)
    schemas["Review"]["properties"]["repaired"] = _or_null(PARTIAL)
    for name in {each.__name__ for each in _closed(msgspec.Struct)} & set(schemas):
        schemas[name]["additionalProperties"] = False
    for schema in _all(schemas):
        _smooth(schema)


def _or_null(name: str) -> Json:
    return {"oneOf": [reference("schemas", name), NULL]}


def _closed(base: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs that refuse other fields than theirs: Litestar does not say so."""
    for struct in base.__subclasses__():
        if struct.__struct_config__.forbid_unknown_fields:
            yield struct
        yield from _closed(struct)


def _with_components(node: Any) -> Any:
    """Return a schema whose references lead to components instead of `$defs`."""
    if isinstance(node, list):
        return [_with_components(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return reference("schemas", node["$ref"].rsplit("/", 1)[-1])
    return {name: _with_components(value) for name, value in node.items()}


def _all(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _all(inner)


def _smooth(schema: Json) -> None:
    """Write a tuple of equal types as a list of that length, which generators know, and docstrings without margins."""
    match schema:
        case {"prefixItems": [first, *others]} if all(other == first for other in others):
            del schema["prefixItems"]
            length = len(others) + 1
            schema |= {"items": first, "minItems": length, "maxItems": length}
    if schema.get("type") == "array" and "prefixItems" not in schema:
        schema.setdefault("items", {})
    if isinstance(description := schema.get("description"), str):
        schema["description"] = cleandoc(description)

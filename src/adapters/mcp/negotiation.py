"""What a server offers, and which arguments its tools take: pure functions over its `tools/list`."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

MODERN: Final = "2026-07-28"
"""The revision without sessions: every request carries its own envelope."""

HANDSHAKE: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""The revisions that begin with `initialize`, newest first."""

JOB_ID_META: Final = "main-character-moment/jobId"
"""The key in the `_meta` of a tool call under which the server finds the job's id, for its log."""

Arguments = dict[str, Any]

JSON_TYPES: Final[dict[type, frozenset[str]]] = {
    dict: frozenset({"object"}),
    list: frozenset({"array"}),
    str: frozenset({"string"}),
    bool: frozenset({"boolean"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"number"}),
    type(None): frozenset({"null"}),
}
"""The names in JSON Schema of what we send."""


class Tool(msgspec.Struct, frozen=True):
    """A tool as the server describes it.

    Attributes:
        declared: The arguments of its input schema; absent where the schema names none.
        required: Those that a call must have.
        types: The JSON types of arguments, where the schema names them directly.
        mirrored: Arguments that must be repeated in an `Mcp-Param-*` header, by the header's name (2026-07-28).
        returned: The fields of its output schema (2025-06-18); empty where it has none.
    """

    name: str
    declared: frozenset[str] | None
    mirrored: Mapping[str, str]
    required: frozenset[str] = frozenset()
    types: Mapping[str, frozenset[str]] = {}
    returned: frozenset[str] = frozenset()


def read_tools(listing: Iterable[Any]) -> dict[str, Tool]:
    """Return the tools of a listing by name; entries without a name are skipped."""
    entries = [entry for entry in listing if isinstance(entry, dict) and isinstance(entry.get("name"), str)]
    return {entry["name"]: _read_tool(entry) for entry in entries}


def fit(tool: Tool, wanted: Arguments, extras: Arguments) -> Arguments:
    """Return the arguments that the tool declares.

    A schema that names no arguments says nothing: such a tool gets those of the original contract (`wanted`), and none
    of our `extras`.
    """
    if tool.declared is None:
        return wanted
    return {name: value for name, value in {**wanted, **extras}.items() if name in tool.declared}


def lacking(tool: Tool, arguments: Arguments) -> list[str]:
    """Return the arguments that the tool requires and a call lacks."""
    return sorted(str(name) for name in tool.required - arguments.keys())


def mistyped(tool: Tool, arguments: Arguments) -> list[str]:
    """Return the arguments whose JSON type is none of those that the tool declares."""
    sent = msgspec.to_builtins(arguments)
    return sorted(
        name for name, types in tool.types.items() if name in sent and not types & JSON_TYPES[type(sent[name])]
    )


def mirrored_headers(tool: Tool, arguments: Arguments) -> dict[str, str]:
    """Return the headers that repeat arguments, for gateways that route without reading bodies."""
    present = {name: arguments[name] for name in tool.mirrored if isinstance(arguments.get(name), str | int)}
    return {f"Mcp-Param-{tool.mirrored[name]}": _header(value) for name, value in present.items()}


def _read_tool(entry: dict[str, Any]) -> Tool:
    schema, returned = entry.get("inputSchema"), _returned_by(entry.get("outputSchema"))
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        closed = isinstance(schema, dict) and schema.get("additionalProperties") is False
        return Tool(name=entry["name"], declared=frozenset() if closed else None, mirrored={}, returned=returned)
    mirrored = {
        name: value["x-mcp-header"]
        for name, value in properties.items()
        if isinstance(value, dict) and isinstance(value.get("x-mcp-header"), str)
    }
    required = schema.get("required") if isinstance(schema, dict) else None
    return Tool(
        name=entry["name"],
        declared=frozenset(properties),
        mirrored=mirrored,
        required=frozenset(required) if isinstance(required, list) else frozenset(),
        types={name: types for name, value in properties.items() if (types := _types_of(value))},
        returned=returned,
    )


def _returned_by(schema: Any) -> frozenset[str]:
    """Return the names of the fields in an output schema, also of a result that the server's SDK wraps."""
    properties = _properties(schema)
    if set(properties) == {"result"}:
        inner = properties["result"]
        properties = _properties(_resolved(inner, schema.get("$defs"))) or properties
    return frozenset(properties)


def _resolved(schema: Any, definitions: Any) -> Any:
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    if not isinstance(reference, str) or not isinstance(definitions, dict):
        return schema
    return definitions.get(reference.removeprefix("#/$defs/"))


def _properties(schema: Any) -> dict[str, Any]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def _types_of(value: Any) -> frozenset[str]:
    """Return the types in an argument's schema; nothing where they are given in another way (`anyOf`, `$ref`)."""
    types = value.get("type") if isinstance(value, dict) else None
    names = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    return frozenset(name for name in names if isinstance(name, str))


def _header(value: str | int) -> str:
    """Return a value as a header field: as it is, or in the specification's Base64 form if it is not plain ASCII."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text.isascii() and text.isprintable() and text == text.strip() and not text.startswith("=?base64?"):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="

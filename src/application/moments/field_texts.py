"""The fields of a request as JSON, in the words of a form."""

import msgspec

from application.moments.field_readers import invalid
from application.moments.request_fields import FIELDS, FieldKind


def text_of(name: str, value: object) -> str:
    """Return the value of a field as the text that a form has in its place. Raises `InvalidFields`."""
    match FIELDS[name].kind, value:
        case _, str():
            return value
        case FieldKind.INTEGER, int() if not isinstance(value, bool):
            return str(value)
        case FieldKind.INTEGER, float() if value.is_integer():
            return str(int(value))
        case FieldKind.LIST, list() if all(isinstance(item, str) for item in value):
            return ",".join(value)
        case FieldKind.JSON, dict():
            return msgspec.json.encode(value).decode()
    raise invalid(name, f"must be {FIELDS[name].kind.value}")

"""How the fields are read that a client finds in the status again, and that mean nothing to this service."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from application.moments.field_readers import InvalidFields, Setting, invalid
from domain.blueprints.problems import escaped
from domain.errors import Problem

MAX_REFERENCE: Final = 255
MAX_PAIRS: Final = 50
MAX_NAME: Final = 40
MAX_VALUE: Final = 500
"""Characters, and pairs."""

MAX_METADATA_BYTES: Final = 320 * 1024
"""Of all pairs as JSON, in which a character may take twelve bytes (`\\ud83d\\ude00`)."""


def read_reference(text: str, _: Setting) -> dict[str, Any]:
    """Return what the client calls the job."""
    if len(text) > MAX_REFERENCE or not text.isprintable():
        raise invalid("client_reference", f"must have at most {MAX_REFERENCE} printable characters")
    return {"client_reference": text} if text else {}


def read_metadata(text: str, _: Setting) -> dict[str, Any]:
    """Return the pairs that the client wants to find again."""
    if not text.strip():
        return {}
    try:
        pairs = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise invalid("client_metadata", "must be a JSON object whose values are texts") from None
    if problems := list(_problems(pairs)):
        raise InvalidFields(problems, code="invalid_field")
    return {"client_metadata": pairs}


def _problems(pairs: dict[str, Any]) -> Iterator[Problem]:
    if len(pairs) > MAX_PAIRS:
        yield Problem("/client_metadata", f"may have {MAX_PAIRS} pairs, and has {len(pairs)}")
        return
    for name, value in pairs.items():
        at = f"/client_metadata/{escaped(name[: MAX_NAME + 1])}"
        if not 0 < len(name) <= MAX_NAME or "\0" in name:
            yield Problem(at, f"must be a name of 1 to {MAX_NAME} characters")
        if not isinstance(value, str) or len(value) > MAX_VALUE or "\0" in value:
            yield Problem(at, f"must be a text of at most {MAX_VALUE} characters")

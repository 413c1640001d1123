"""A request for a moment as JSON: its members are the fields of the form."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from application.moments.field_texts import text_of
from application.moments.request_fields import FIELDS
from entrypoints.api.form_parts import MAX_IGNORED, MAX_IGNORED_NAME
from entrypoints.api.invalid_form import InvalidForm, require_size


async def read_json(stream: AsyncIterator[bytes], max_bytes: int) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the texts of the fields that we know, as a form would have them, and the names of the others.

    Raises:
        InvalidForm: It is no JSON object, or too large.
        InvalidFields: A member has another type than its field.
    """
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > max_bytes:
            raise InvalidForm(f"the body is larger than {max_bytes} bytes", code="field_too_large")
    try:
        document = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidForm("the body is not a JSON object", code="form_invalid") from error
    texts = {name: text_of(name, value) for name, value in document.items() if name in FIELDS and value is not None}
    for name, text in texts.items():
        require_size(name, len(text.encode()))
    others = [name[:MAX_IGNORED_NAME] for name in document if name not in FIELDS]
    return texts, tuple(others[:MAX_IGNORED])

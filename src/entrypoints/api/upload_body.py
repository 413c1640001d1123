"""The body of a new upload in the OpenAPI document: Litestar does not see it, since the handler reads it itself."""

from typing import Any, Final

from application.moments.open_upload import LONGEST_TYPE, NAME_PATTERN, TYPE_PATTERN
from application.moments.recordings import LONGEST_NAME

Json = dict[str, Any]

EXAMPLE: Final[Json] = {"content_type": "audio/webm;codecs=opus", "bytes": 352844, "filename": "hum.webm"}

_SCHEMA: Final[Json] = {
    "type": "object",
    "required": ["content_type", "bytes"],
    "properties": {
        "content_type": {
            "type": "string",
            "maxLength": LONGEST_TYPE,
            "pattern": TYPE_PATTERN,
            "description": "The Content-Type that will be sent: audio/…, or that of a container such as video/webm",
        },
        "bytes": {"type": "integer", "minimum": 1, "description": "The exact size; at most MAX_UPLOAD_BYTES"},
        "filename": {
            "type": ["string", "null"],
            "maxLength": LONGEST_NAME,
            "pattern": NAME_PATTERN,
            "description": "The name of the file, if it has one",
        },
    },
}


def upload_body() -> Json:
    """Return the body, as JSON."""
    media = {"schema": _SCHEMA, "examples": {"recorded in a browser": {"value": EXAMPLE}}}
    return {"content": {"application/json": media}, "required": True}

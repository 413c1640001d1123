"""The body of a new moment in the OpenAPI document: Litestar does not see it, since the handler reads it itself."""

from typing import Any, Final

from application.moments.request_fields import FIELDS

Json = dict[str, Any]

EXAMPLE_BLUEPRINT: Final = '{"style": "lofi", "tempo_bpm": 84, "lyrics": "la la la"}'

_FILE: Final[Json] = {
    "type": "string",
    "format": "binary",
    "description": "The hum: WAV, MP3, M4A, OGG, FLAC or WebM",
}
_FORM_EXAMPLE: Final[Json] = {
    "file": "(bytes of hum.wav)",
    "blueprint_json": EXAMPLE_BLUEPRINT,
    "output_kind": "preview",
}


def request_body() -> Json:
    """Return the body, as a form."""
    properties = {"file": _FILE, **{name: _text(name) for name in FIELDS}}
    form = {
        "schema": {"type": "object", "required": ["file"], "properties": properties},
        "examples": {"lofi": {"value": _FORM_EXAMPLE}},
    }
    return {"content": {"multipart/form-data": form}, "required": True}


def _text(name: str) -> Json:
    field = FIELDS[name]
    return {"type": "string", "description": field.description, **field.schema}

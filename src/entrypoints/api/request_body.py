"""The body of a new moment in the OpenAPI document: Litestar does not see it, since the handler reads it itself."""

from typing import Any, Final

from application.moments.hums import SOURCES
from application.moments.request_fields import FIELDS, FieldKind
from domain.recordings.length import LONGEST_SECONDS, SHORTEST_SECONDS

Json = dict[str, Any]

EXAMPLE_BLUEPRINT: Final = '{"style": "lofi", "tempo_bpm": 84, "lyrics": "la la la"}'

_FILE: Final[Json] = {
    "type": "string",
    "format": "binary",
    "description": f"The hum: WAV, MP3, M4A, OGG, FLAC or WebM; {SHORTEST_SECONDS:g}–{LONGEST_SECONDS:g} s",
}
_FORM_EXAMPLE: Final[Json] = {
    "file": "(bytes of hum.wav)",
    "blueprint_json": EXAMPLE_BLUEPRINT,
    "output_kind": "preview",
}
_URL_EXAMPLE: Final[Json] = {
    "audio_url": "https://example.com/hum.wav",
    "blueprint_json": {"style": "lofi", "tempo_bpm": 84},
    "client_reference": "order-1207",
}


def request_body() -> Json:
    """Return the body: a form with the recording, or JSON that names it."""
    form = {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": _FILE, **{name: _text(name) for name in FIELDS if name not in SOURCES}},
        },
        "examples": {"lofi": {"value": _FORM_EXAMPLE}},
    }
    named = {
        "schema": {
            "type": "object",
            "description": f"The fields of the form, with one of {', '.join(SOURCES)} in place of the file",
            "properties": {name: member(name) for name in FIELDS},
        },
        "examples": {"elsewhere": {"value": _URL_EXAMPLE}},
    }
    return {"content": {"multipart/form-data": form, "application/json": named}, "required": True}


def _text(name: str) -> Json:
    field = FIELDS[name]
    return {"type": "string", "description": field.description, **field.schema}


def member(name: str) -> Json:
    """Return the schema of a field as a member of a JSON body."""
    field = FIELDS[name]
    return _text(name) if field.kind is FieldKind.TEXT else {"description": field.description, **field.json_schema}

"""The body of a remix in the OpenAPI document: Litestar does not see it, since the handler reads it itself."""

from typing import Any, Final

from application.moments.remix_order import TEXTS
from domain.music.listening.editing import HIGHEST, LONGEST, LOWEST, MOST_NOTES, SHORTEST_NOTE
from entrypoints.api.request_body import member

Json = dict[str, Any]

MAX_BODY: Final = 512 * 1024
"""Bytes: as many notes as there may be take less."""

_NOTE: Final[Json] = {
    "type": "object",
    "required": ["start", "duration", "pitch"],
    "additionalProperties": False,
    "properties": {
        "start": {"type": "number", "minimum": 0, "maximum": LONGEST, "description": "Seconds into the recording"},
        "duration": {"type": "number", "minimum": SHORTEST_NOTE, "maximum": LONGEST, "description": "Seconds"},
        "pitch": {
            "type": "integer",
            "minimum": LOWEST,
            "maximum": HIGHEST,
            "description": "MIDI number (69 is A4): as it is to be written and sung, nothing corrects it",
        },
        "velocity": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "Relative to the loudest; left out, as loud as what was hummed there",
        },
    },
}
_CHANGES: Final[Json] = {
    "blueprint": {
        "type": "object",
        "description": "A merge patch (RFC 7396) of the blueprint that the parent was requested with: fields of a "
        "`PartialBlueprint`; null lets the service decide again",
    },
    "style": {"type": "string", "description": "The same as in the blueprint"},
    "notes": {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_NOTES,
        "items": _NOTE,
        "description": f"All notes of the tune as it is to be, in order, one at a time, within {LONGEST:g} s",
    },
}
_EXAMPLES: Final[Json] = {
    "another style": {"value": {"style": "lofi"}},
    "a song": {"value": {"output_kind": "song", "blueprint": {"tempo_bpm": 92, "key": None}}},
    "edited notes": {
        "value": {
            "notes": [
                {"start": 0.1, "duration": 0.45, "pitch": 60},
                {"start": 0.6, "duration": 0.45, "pitch": 64, "velocity": 0.9},
                {"start": 1.1, "duration": 0.9, "pitch": 67},
            ]
        }
    },
}


def remix_body() -> Json:
    """Return the body, as JSON."""
    properties = {**_CHANGES, **{name: member(name) for name in TEXTS}}
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {"content": {"application/json": {"schema": schema, "examples": _EXAMPLES}}, "required": True}

"""The fields of a request for a moment: each is one entry, which the form, its limits and its description follow."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

import msgspec

from application.moments import client_readers, field_readers, term_readers
from application.moments.client_readers import MAX_METADATA_BYTES, MAX_NAME, MAX_PAIRS, MAX_REFERENCE, MAX_VALUE
from application.moments.field_readers import InvalidFields, Setting
from application.moments.term_readers import LONGEST_DEADLINE
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.validation import parse_json
from domain.jobs.artifacts import OptionalArtifact
from domain.jobs.output_formats import MEDIA_TYPES, USUAL
from domain.jobs.priorities import Priority
from domain.webhooks.events import ENDINGS, WebhookEvent

_OF_KIND: Final = "Without it, that of the blueprint's metadata, else the default of the service (MCP_OUTPUT_KIND)"
_OF_ARTIFACTS: Final = f"What to make besides the usual, separated by commas: {', '.join(OptionalArtifact)}"
_OF_WEBHOOK: Final = "An https URL that is told of the job's events (Standard Webhooks)"
_OF_EVENTS: Final = f"Which events, separated by commas: {', '.join(WebhookEvent)}. Without it, {', '.join(ENDINGS)}"
_OF_PAYLOAD: Final = "What the webhook contains: `thin`, the default, names the job and its state; `full` is its status"

_PARTIAL: Final = {"$ref": "#/components/schemas/PartialBlueprint"}
_PAIRS: Final = {
    "type": "object",
    "maxProperties": MAX_PAIRS,
    "propertyNames": {"minLength": 1, "maxLength": MAX_NAME},
    "additionalProperties": {"type": "string", "maxLength": MAX_VALUE},
}


class FieldKind(Enum):
    """What a field may be in a JSON body, besides the text that it is in a form."""

    TEXT = "a text"
    INTEGER = "a whole number"
    LIST = "a list of texts"
    JSON = "an object"


class RequestField(msgspec.Struct, frozen=True, kw_only=True):
    """A text field of a request.

    Attributes:
        read: Returns what the text, empty where it is left out, says of a `domain.jobs.job.Request`: the values by the
            names of its attributes. Raises `InvalidFields`.
        description: For people who build a client.
        max_bytes: Its size in UTF-8.
        schema: What JSON Schema says of the text, besides that it is one.
        kind: What it may be in a JSON body besides.
        json_schema: What JSON Schema says of that, for other kinds than texts.
    """

    read: Callable[[str, Setting], dict[str, Any]]
    description: str
    max_bytes: int = 1024
    schema: Mapping[str, Any] = {}
    kind: FieldKind = FieldKind.TEXT
    json_schema: Mapping[str, Any] = {}


FIELDS: Final[Mapping[str, RequestField]] = {
    "audio_url": RequestField(
        read=field_readers.read_url,
        description="The http(s) URL of the recording, instead of `file`: it is fetched once, before the response",
        max_bytes=4096,
        schema={"format": "uri"},
    ),
    "upload_id": RequestField(
        read=field_readers.read_upload,
        description="What POST /v1/uploads returned, instead of `file`: a recording that was sent to its URL",
        schema={"format": "uuid"},
    ),
    "blueprint_json": RequestField(
        read=field_readers.read_blueprint,
        description="Any part of a blueprint, as JSON",
        max_bytes=256 * 1024,
        schema={"contentMediaType": "application/json", "contentSchema": _PARTIAL},
        kind=FieldKind.JSON,
        json_schema=_PARTIAL,
    ),
    "output_kind": RequestField(
        read=field_readers.read_kind, description=_OF_KIND, schema={"enum": [str(kind) for kind in OutputKind]}
    ),
    "output_format": RequestField(
        read=field_readers.read_format,
        description=f"The format of the music: codec, sample rate in Hz, kbit/s; or a codec alone. Without it, {USUAL}",
        schema={"examples": list(MEDIA_TYPES)},
    ),
    "artifacts": RequestField(
        read=field_readers.read_artifacts,
        description=_OF_ARTIFACTS,
        kind=FieldKind.LIST,
        json_schema={"type": "array", "items": {"type": "string", "enum": [str(name) for name in OptionalArtifact]}},
    ),
    "webhook": RequestField(
        read=field_readers.read_webhook, description=_OF_WEBHOOK, max_bytes=4096, schema={"format": "uri"}
    ),
    "webhook_events": RequestField(
        read=field_readers.read_webhook_events,
        description=_OF_EVENTS,
        kind=FieldKind.LIST,
        json_schema={"type": "array", "items": {"type": "string", "enum": [str(event) for event in WebhookEvent]}},
    ),
    "webhook_payload": RequestField(
        read=field_readers.read_webhook_payload, description=_OF_PAYLOAD, schema={"enum": ["thin", "full"]}
    ),
    "client_reference": RequestField(
        read=client_readers.read_reference,
        description=f"What you call the moment; the status repeats it. At most {MAX_REFERENCE} characters",
        schema={"maxLength": MAX_REFERENCE},
    ),
    "client_metadata": RequestField(
        read=client_readers.read_metadata,
        description=f"A JSON object that the status repeats: at most {MAX_PAIRS} texts of at most {MAX_VALUE} "
        f"characters, by names of at most {MAX_NAME}",
        max_bytes=MAX_METADATA_BYTES,
        schema={"contentMediaType": "application/json", "contentSchema": _PAIRS},
        kind=FieldKind.JSON,
        json_schema=_PAIRS,
    ),
    "deadline_seconds": RequestField(
        read=term_readers.read_deadline,
        description="When the moment is given up unless it is done, in seconds from now: FAILED, `deadline_passed`. "
        f"At most {LONGEST_DEADLINE}",
        schema={"pattern": "^[0-9]+$"},
        kind=FieldKind.INTEGER,
        json_schema={"type": "integer", "minimum": 1, "maximum": LONGEST_DEADLINE},
    ),
    "retention": RequestField(
        read=term_readers.read_retention,
        description="How long the moment is kept after it has ended, as a duration of ISO 8601 from PT1H to P30D, if "
        "that is less than the service keeps it; `none` keeps it for the hour in which to fetch it",
        schema={"examples": ["PT1H", "P7D", "none"]},
    ),
    "priority": RequestField(
        read=term_readers.read_priority,
        description="`high` goes first, for callers whose key allows it",
        schema={"enum": [str(priority) for priority in Priority]},
    ),
}
"""Every text field, by its name."""


def read_fields(texts: Mapping[str, str], setting: Setting) -> dict[str, Any]:
    """Return what the fields of a request say, by the names of the attributes of a `domain.jobs.job.Request`.

    Raises:
        InvalidBlueprint: With every problem found in the blueprint; its pointers begin there.
        InvalidFields: With every problem found in the other fields.
    """
    blueprint = parse_json(texts.get("blueprint_json", ""))
    return read_around(texts, msgspec.structs.replace(setting, blueprint=blueprint))


def read_around(texts: Mapping[str, str], setting: Setting) -> dict[str, Any]:
    """Return what the fields beside the blueprint say, which is read already, as `read_fields` does.

    Raises:
        InvalidFields: With every problem found.
    """
    found, wrong = dict[str, Any](), list[InvalidFields]()
    for name, field in FIELDS.items():
        try:
            found |= field.read(texts.get(name, ""), setting)
        except InvalidFields as error:
            wrong.append(error)
    if wrong:
        raise InvalidFields([problem for error in wrong for problem in error.problems], code=wrong[0].code)
    return found

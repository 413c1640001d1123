"""The fields of a request for a moment: each is one entry, which the form, its limits and its description follow."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from application.moments import field_readers
from application.moments.field_readers import InvalidFields, Setting
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.validation import parse_json
from domain.jobs.artifacts import OptionalArtifact
from domain.webhooks.events import ENDINGS, WebhookEvent

_OF_KIND: Final = "Without it, that of the blueprint's metadata, else the default of the service (MCP_OUTPUT_KIND)"
_OF_ARTIFACTS: Final = f"What to make besides the usual, separated by commas: {', '.join(OptionalArtifact)}"
_OF_WEBHOOK: Final = "An https URL that is told of the job's events (Standard Webhooks)"
_OF_EVENTS: Final = f"Which events, separated by commas: {', '.join(WebhookEvent)}. Without it, {', '.join(ENDINGS)}"
_OF_PAYLOAD: Final = "What the webhook contains: `thin`, the default, names the job and its state; `full` is its status"


class RequestField(msgspec.Struct, frozen=True, kw_only=True):
    """A text field of a request.

    Attributes:
        read: Returns what the text, empty where it is left out, says of a `domain.jobs.job.Request`: the values by the
            names of its attributes. Raises `InvalidFields`.
        description: For people who build a client.
        max_bytes: Its size in UTF-8.
        schema: What JSON Schema says of the text, besides that it is one.
    """

    read: Callable[[str, Setting], dict[str, Any]]
    description: str
    max_bytes: int = 1024
    schema: Mapping[str, Any] = {}


FIELDS: Final[Mapping[str, RequestField]] = {
    "blueprint_json": RequestField(
        read=field_readers.read_blueprint,
        description="Any part of a blueprint, as JSON",
        max_bytes=256 * 1024,
        schema={
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/PartialBlueprint"},
        },
    ),
    "output_kind": RequestField(
        read=field_readers.read_kind, description=_OF_KIND, schema={"enum": [str(kind) for kind in OutputKind]}
    ),
    "artifacts": RequestField(read=field_readers.read_artifacts, description=_OF_ARTIFACTS),
    "webhook": RequestField(read=field_readers.read_webhook, description=_OF_WEBHOOK, max_bytes=4096),
    "webhook_events": RequestField(read=field_readers.read_webhook_events, description=_OF_EVENTS),
    "webhook_payload": RequestField(
        read=field_readers.read_webhook_payload, description=_OF_PAYLOAD, schema={"enum": ["thin", "full"]}
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
    setting = msgspec.structs.replace(setting, blueprint=blueprint)
    found, wrong = dict[str, Any](), list[InvalidFields]()
    for name, field in FIELDS.items():
        try:
            found |= field.read(texts.get(name, ""), setting)
        except InvalidFields as error:
            wrong.append(error)
    if wrong:
        raise InvalidFields([problem for error in wrong for problem in error.problems], code=wrong[0].code)
    return found

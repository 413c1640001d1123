"""The webhooks in the OpenAPI document: what receivers get."""

from typing import Any, Final

from application.ports.webhooks import DeliveryState
from domain.webhooks.events import WebhookEvent
from entrypoints.api.openapi_schemas import reference

Json = dict[str, Any]

_EXAMPLE: Final[Json] = {
    "type": "moment.completed",
    "timestamp": "2026-11-26T10:00:07.412Z",
    "data": {
        "id": "d9c5a3f0-1b7e-4a52-8e0f-3c6b2f4d8a11",
        "status": "COMPLETED",
        "client_reference": "order-1207",
        "error": None,
    },
}

_THIN: Final[Json] = {
    "type": "object",
    "required": ["id", "status", "client_reference", "error"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "status": {"type": "string", "description": "The state that was entered"},
        "client_reference": {"type": "string"},
        "error": {"anyOf": [{"type": "null"}, reference("schemas", "StatusError")]},
    },
}

SCHEMA: Final[Json] = {
    "type": "object",
    "description": "A webhook: `data` names the job, or is its whole status where that is wanted",
    "required": ["type", "timestamp", "data"],
    "properties": {
        "type": {"type": "string", "enum": [str(event) for event in WebhookEvent]},
        "timestamp": {"type": "string", "format": "date-time", "description": "When the event happened"},
        "data": {"anyOf": [reference("schemas", "MomentStatus"), _THIN]},
    },
}

_HEADERS: Final[dict[str, str]] = {
    "webhook-id": "The same in each attempt",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970",
    "webhook-signature": "`v1,` and the signature in base64; several, separated by spaces, while a secret is replaced",
}

WEBHOOKS: Final[Json] = {
    "moment": {
        "post": {
            "operationId": "receiveMomentEvent",
            "summary": "An event of a job",
            "description": "Sent to the `webhook` of a request, and to the endpoints of an owner, as Standard Webhooks "
            f"has it. Without a 2xx within ten seconds it is tried again for a day, then {DeliveryState.FAILED}.",
            "tags": ["webhooks"],
            "parameters": [
                {"name": name, "in": "header", "required": True, "description": meaning, "schema": {"type": "string"}}
                for name, meaning in _HEADERS.items()
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": reference("schemas", "MomentWebhook"),
                        "examples": {"completed": {"value": _EXAMPLE}},
                    }
                },
            },
            "responses": {
                "2XX": {"description": "It has arrived."},
                "410": {"description": "Send nothing more: the endpoint is disabled."},
                "4XX": {"description": "Refused: if that goes on, the endpoint is disabled."},
            },
        }
    }
}
"""By their names."""

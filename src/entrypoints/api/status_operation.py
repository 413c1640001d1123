"""The parts of the description of a status that Litestar cannot derive: the handler reads and sends headers itself."""

from dataclasses import dataclass
from typing import Any, Final

from litestar.openapi.spec import Example, OpenAPIHeader, OpenAPIResponse, OpenAPIType, Operation, Parameter, Schema

from entrypoints.api.preferences import LONGEST_WAIT

SENT: Final = {
    "ETag": "Of the whole body",
    "Retry-After": "Seconds after which to read again; until the job has ended",
    "Preference-Applied": "`wait=N` if the wait was granted (RFC 7240)",
}
"""The headers of a status, and what they mean."""

EXAMPLE: Final[dict[str, Any]] = {
    "id": "7133416a-eaad-4b03-99e3-5a8f170c1dc8",
    "status": "PENDING",
    "original_audio_url": "http://localhost:8000/v1/objects/7133416a-eaad-4b03-99e3-5a8f170c1dc8/original?…",
    "blueprint_json": None,
    "final_audio_url": None,
    "output_kind": "preview",
    "progress": 0.0,
    "terminal": False,
    "error": None,
    "waiting_for": None,
    "attempts": [],
    "warnings": [],
    "style_resolved": {"style": "lofi", "rhythm": None, "moods": []},
    "artifacts": {},
    "measurements": {},
    "chords": [],
    "form": [],
    "timings": [{"name": "PENDING", "start": 0.0, "seconds": None}],
    "created_at": "2026-11-22T12:00:00Z",
    "updated_at": "2026-11-22T12:00:00Z",
    "version": 0,
    "stage": None,
    "attempt": 0,
    "queue_position": 3,
    "eta_seconds": 9.5,
    "expires_at": None,
    "artifacts_detail": [
        {
            "name": "original",
            "content_type": "audio/wav",
            "bytes": 352844,
            "seconds": None,
            "url": "http://localhost:8000/v1/objects/7133416a-eaad-4b03-99e3-5a8f170c1dc8/original?…",
            "url_expires_at": "2026-11-22T14:00:00Z",
        }
    ],
}
"""The status of a job that waits."""


def header(name: str, description: str, example: str) -> Parameter:
    """Return the description of an optional request header."""
    return Parameter(
        name=name,
        param_in="header",
        schema=Schema(type=OpenAPIType.STRING),
        description=description,
        required=False,
        examples={"example": Example(value=example)},
    )


@dataclass
class ReadStatusOperation(Operation):
    """Reading a status: with the request headers that the handler knows."""

    def __post_init__(self) -> None:
        wait = f"`wait=N` (RFC 7240): answer once the job has changed, or after N seconds, {LONGEST_WAIT} at most"
        self.parameters = [
            *(self.parameters or []),
            header("Prefer", wait, "wait=20"),
            header("If-None-Match", "The ETag of the status that is known; if it is still that one: 304", '"…"'),
        ]
        text = Schema(type=OpenAPIType.STRING)
        read = (self.responses or {})["200"]
        if isinstance(read, OpenAPIResponse):
            read.headers = {name: OpenAPIHeader(schema=text, description=meaning) for name, meaning in SENT.items()}

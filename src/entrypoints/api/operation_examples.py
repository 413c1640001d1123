"""Examples of what operators get, for the OpenAPI document; a test holds them to their schemas."""

from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]

_ID: Final = "9d2f7c0e-64a1-4f0b-b7c8-2a5e913d4f60"
_WORKER: Final = "studio-1-4711-5f2c9e"
_ACCEPTED, _ENDED = "2026-11-22T12:00:00Z", "2026-11-22T12:00:02.5Z"

_ROW: Final[Json] = {
    "id": _ID,
    "status": "FAILED",
    "output_kind": "preview",
    "owner": "acme",
    "client_reference": "order-1207",
    "code": "child_lost",
    "waiting_for": "",
    "progress": 0.25,
    "worker": None,
    "leased_until": None,
    "lost": False,
    "due_at": _ACCEPTED,
    "attempt": 3,
    "errors": 3,
    "max_attempts": 3,
    "cancel_requested": False,
    "expiring": False,
    "created_at": _ACCEPTED,
    "updated_at": _ENDED,
}
_STATS: Final[Json] = {
    "counted_at": _ENDED,
    "waiting": 3,
    "delayed": 0,
    "running": 8,
    "lost": 0,
    "oldest_waiting": 1.4,
    "completed_1m": 31,
    "completed_1h": 1704,
    "completed_1d": 30211,
    "failed_1m": 0,
    "failed_1h": 2,
    "failed_1d": 12,
    "cancelled_1d": 40,
    "waiting_for": {},
    "unfinished": {"PENDING": 3, "RENDERING": 6, "MIXING": 2},
    "failed_for": {"hum_silent": 11, "child_lost": 1},
    "workers": [],
    "paused": ["song"],
    "conversions": {"waiting": 2, "running": 1, "oldest_waiting": 0.8, "failed_1h": 0},
}
_TIMELINE: Final[Json] = {
    "job": _ROW,
    "priority": 1,
    "token": 3,
    "crashes": 0,
    "breaks": 0,
    "worked": 6.2,
    "error": {"code": "child_lost", "message": "the process that rendered was killed", "permanent": False},
    "request_id": "9a3be8ce54bd4d5ba7a12dbe0b4a0ad1",
    "filename": "hum.wav",
    "style": "lofi",
    "parent_id": None,
    "recording": f"{_ID}/original",
    "history": [{"status": "PENDING", "at": _ACCEPTED}, {"status": "FAILED", "at": _ENDED}],
    "attempts": [{"at": _ENDED, "worker": _WORKER, "code": "child_lost", "message": "killed", "seconds": 1.9}],
    "calls": [
        {
            "tool": "render_vocals",
            "stage": "RENDERING",
            "at": "2026-11-22T12:00:00.6Z",
            "seconds": 1.9,
            "code": "child_lost",
            "attempt": 3,
            "worker": _WORKER,
        }
    ],
    "deliveries": [],
}
_DONE: Final[Json] = {
    "outcomes": [
        {"job_id": _ID, "status": "PENDING", "error": None},
        {
            "job_id": "7133416a-eaad-4b03-99e3-5a8f170c1dc8",
            "status": None,
            "error": {"code": "job_not_found", "message": "there is no such job", "retryable": False},
        },
    ],
    "left_out": 0,
    "more": False,
}

OF_OPERATORS: Final[Mapping[tuple[str, str], Json]] = {
    ("readStats", "200"): {"busy": {"value": _STATS}},
    ("listAllJobs", "200"): {"failed": {"value": {"jobs": [_ROW], "next_cursor": None}}},
    ("readTimeline", "200"): {"failed": {"value": _TIMELINE}},
    ("listWorkers", "200"): {"idle": {"value": {"workers": [], "leases": []}}},
    ("readDeliveryStats", "200"): {
        "settled": {"value": {"pending": 0, "late": 0.0, "failing": 0, "failing_for": 0.0, "disabled": []}}
    },
    **{(action, "200"): {"done": {"value": _DONE}} for action in ("retryJobs", "retryFailedJobs")},
}
"""By operation and status."""

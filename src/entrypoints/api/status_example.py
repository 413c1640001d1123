"""A status, for the description of the routes that read one."""

from typing import Any, Final

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
    "harmony": [],
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
    "parent_id": None,
    "parent_url": None,
    "client_reference": "order-1207",
    "client_metadata": {"user": "u_81"},
    "output_format": "mp3_44100_128",
    "deadline": None,
    "priority": "normal",
    "retention": "P7D",
}
"""The status of a job that waits."""

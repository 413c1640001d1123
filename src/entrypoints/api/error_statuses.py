"""The HTTP status of every error code that a request can meet."""

from typing import Final

from domain.error_codes import Code

STATUS_OF: Final[dict[Code, int]] = {
    "form_invalid": 400,
    "file_missing": 400,
    "empty_upload": 400,
    "invalid_blueprint": 400,
    "invalid_output_kind": 400,
    "unknown_artifact": 400,
    "webhook_invalid": 400,
    "webhooks_not_configured": 400,
    "invalid_remix": 400,
    "unknown_output_format": 400,
    "invalid_field": 400,
    "cursor_invalid": 400,
    "body_incomplete": 400,
    "idempotency_key_invalid": 400,
    "audio_url_not_allowed": 400,
    "priority_not_allowed": 403,
    "key_missing": 401,
    "key_invalid": 401,
    "permission_missing": 403,
    "url_invalid": 403,
    "url_expired": 403,
    "cross_site_request": 403,
    "job_not_found": 404,
    "object_not_found": 404,
    "share_not_found": 404,
    "artifact_not_found": 404,
    "delivery_not_found": 404,
    "upload_not_found": 404,
    "request_too_slow": 408,
    "idempotency_key_in_use": 409,
    "not_retriable": 409,
    "webhook_disabled": 409,
    "delivery_pending": 409,
    "remix_too_early": 409,
    "not_remixable": 409,
    "artifact_not_ready": 409,
    "upload_used": 409,
    "upload_incomplete": 409,
    "job_stopping": 409,
    "field_too_large": 413,
    "upload_too_large": 413,
    "object_too_large": 413,
    "not_audio": 415,
    "range_not_satisfiable": 416,
    "host_not_allowed": 421,
    "idempotency_key_reused": 422,
    "audio_url_unreachable": 422,
    "quota_exceeded": 429,
    "too_many_uploads": 429,
    "too_many_streams": 429,
    "too_many_downloads": 429,
    "too_many_requests": 429,
    "too_many_waiting": 429,
    "service_busy": 503,
    "queue_full": 503,
    "streams_busy": 503,
    "downloads_busy": 503,
    "database_unavailable": 503,
    "schema_outdated": 503,
    "storage_unavailable": 503,
    "storage_denied": 503,
    "wrong_bucket": 503,
    "job_unreadable": 503,
    "service_stopping": 503,
}
"""The HTTP status of each error code that requests can cause; any other code is a defect, with status 500."""

STATUS_OF_ROUTING: Final[dict[Code, int]] = {
    "bad_request": 400,
    "not_found": 404,
    "method_not_allowed": 405,
    "internal_error": 500,
}
"""The status of what the framework refuses before a handler runs, and of defects."""

STATUSES: Final[dict[Code, int]] = {**STATUS_OF, **STATUS_OF_ROUTING}
"""Both."""

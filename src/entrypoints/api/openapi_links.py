"""The links of the OpenAPI document: which operations a response leads to, and with which of its values."""

from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]

_JOB: Final = "$response.body#/job_id"


def _to(operation: str, description: str) -> Json:
    return {"operationId": operation, "parameters": {"job_id": _JOB}, "description": description}


_READING: Final = {
    "status": _to("readStatus", "How far it is."),
    "job": _to("readJob", "The same, by its newer path."),
    "events": _to("followEvents", "What happens to it, as it happens."),
}
_CONTROLLING: Final = {
    "cancel": _to("cancelJob", "Stops it."),
    "retry": _to("retryJob", "Queues it again, once it has failed."),
    "delete": _to("deleteJob", "Removes it and its files."),
    "audio": _to("readAudio", "Its music, once it is there."),
}

LINKS: Final[Mapping[tuple[str, str], Json]] = {
    (operation, status): {**_READING, **_CONTROLLING}
    for operation, status in (("createMoment", "202"), ("cancelJob", "200"), ("retryJob", "202"))
}
"""By operation and status; every one of these responses names its job."""

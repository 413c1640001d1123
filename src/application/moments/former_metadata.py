"""What front ends of the Celery version read in a blueprint's metadata; it is added to the status as it is read."""

from collections.abc import Mapping
from typing import Any, Final

from application.moments.status_details import StatusError
from domain.jobs.artifacts import Stem

SHOWN: Final = frozenset({"error_message", "stems"})
"""Fields that only a status has. Those in a blueprint that came back from a status are of another job."""


def with_former_metadata(
    blueprint: dict[str, Any], error: StatusError | None, artifacts: Mapping[str, str]
) -> dict[str, Any]:
    """Return a blueprint whose metadata says why its job failed (`error_message`) and has the URLs of its stems.

    Args:
        blueprint: As JSON values.
        error: As anybody may read it.
        artifacts: Signed URLs, by name.
    """
    metadata = {name: value for name, value in blueprint.get("metadata", {}).items() if name not in SHOWN}
    if error is not None:
        metadata["error_message"] = error.message
    if stems := {str(stem): artifacts[stem] for stem in Stem if stem in artifacts}:
        metadata["stems"] = stems
    return {**blueprint, "metadata": metadata}

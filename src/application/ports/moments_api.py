"""The service's own HTTP API, as an agent's helper sees it."""

from pathlib import Path
from typing import Any, Protocol

from domain.error_codes import Code
from domain.errors import MomentError


class MomentsUnavailable(MomentError):
    """The moments API did not answer."""

    code = "moments_unavailable"


class MomentRefused(MomentError):
    """The moments API refused a recording, or could not make a moment of it; `code` is its own."""

    code: Code = "moment_refused"
    permanent = True


class Moments(Protocol):
    """The service's own front door, for agents. Raises `MomentsUnavailable` and `MomentRefused`."""

    async def submit(self, recording: Path, *, filename: str, blueprint_json: str, output_kind: str) -> str:
        """Post a recording; return the id of its job. Empty texts are left to the API's defaults."""

    async def status(self, job_id: str) -> dict[str, Any]:
        """Return the job's status as the API says it (`status`, `terminal`, `progress`, `final_audio_url` …)."""

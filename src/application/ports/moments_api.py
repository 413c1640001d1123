"""The service's own HTTP API, as the `create_moment` tool uses it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from domain.error_codes import Code
from domain.errors import MomentError


class MomentsUnavailable(MomentError):
    """The moments API did not respond, or not as expected."""

    code = "moments_unavailable"


class MomentRefused(MomentError):
    """The moments API rejected a recording, or its job failed; `code` is that of the API."""

    code: Code = "moment_refused"
    permanent = True


class Moments(Protocol):
    """A client of the service's own API. Raises `MomentsUnavailable` and `MomentRefused`.

    `key` is the key of whoever asks; empty stands for the client's own, if it has one.
    """

    async def submit(
        self,
        recording: Path,
        *,
        filename: str,
        fields: Mapping[str, str],
        key: str = "",
    ) -> str:
        """Submit a recording with fields of the form; return the id of its job. Empty texts are left out."""

    async def status(self, job_id: str, key: str = "") -> dict[str, Any]:
        """Return the job's status document (`status`, `terminal`, `progress`, `final_audio_url` …)."""

    async def accepts(self, key: str) -> bool:
        """Return whether the API knows a key."""

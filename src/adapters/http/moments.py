"""Client of the service's own HTTP API."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from application.ports.moments_api import MomentRefused, MomentsUnavailable

TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)


class HttpMoments:
    """Port `Moments` over httpx.

    Args:
        key: The client's own key, for whoever has none; may be empty.
    """

    def __init__(self, client: httpx.AsyncClient, base_url: str, key: str = "") -> None:
        self._client = client
        self._key = key
        self._base = base_url.rstrip("/")
        scheme, _, rest = self._base.partition("://")
        self._place = f"{scheme}://{rest.rpartition('@')[2]}"  # without a login

    async def submit(
        self,
        recording: Path,
        *,
        filename: str,
        fields: Mapping[str, str],
        key: str = "",
    ) -> str:
        """Submit a recording; return the id of its job. Raises `MomentRefused` and `MomentsUnavailable`."""
        try:
            with recording.open("rb") as file:
                document = await self._request(
                    "POST",
                    "/v1/create-moment",
                    key or self._key,
                    data={name: text for name, text in fields.items() if text},
                    files={"file": (filename, file, "application/octet-stream")},
                )
        except OSError as error:
            raise MomentRefused(f"the recording could not be read: {error.strerror}", code="file_unreadable") from error
        return str(document["job_id"])

    async def status(self, job_id: str, key: str = "") -> dict[str, Any]:
        """Return the job's status document. Raises `MomentRefused` and `MomentsUnavailable`."""
        return await self._request("GET", f"/v1/status/{job_id}", key or self._key)

    async def accepts(self, key: str) -> bool:
        """Ask for what its owner has used: a key that may not read is a key all the same."""
        try:
            await self._request("GET", "/v1/usage", key)
        except MomentRefused as refused:
            return refused.code == "permission_missing"
        return True

    async def _request(self, method: str, path: str, key: str, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {key}"} if key else None
        try:
            response = await self._client.request(method, self._base + path, timeout=TIMEOUT, headers=headers, **body)
            document = msgspec.json.decode(response.content)
        except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as error:
            raise MomentsUnavailable(
                f"the moments API did not respond at {self._place} ({type(error).__name__}): start it there, or set "
                "PUBLIC_URL of music-tools to where it runs"
            ) from error
        if not isinstance(document, dict) or response.is_server_error:
            raise MomentsUnavailable(f"the moments API returned {response.status_code}")
        if not response.is_success:
            message = str(
                document.get("detail") or document.get("title") or f"the moments API returned {response.status_code}"
            )
            raise MomentRefused(message, code=document.get("code"))
        return document

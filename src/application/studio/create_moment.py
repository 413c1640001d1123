"""Create a whole moment for an agent, through the public API like any other client."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import msgspec

from application.ports.moments_api import MomentRefused, Moments
from application.ports.transfers import Progress, Transfers
from application.studio.analyze_hum import MAX_RECORDING_BYTES


class CreateMomentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the tool `create_moment`.

    Attributes:
        audio_url: URL of the hum, or empty where `audio_path` is given.
        audio_path: Path of the hum on the studio's own machine, or empty.
        fields: Those of the API's form, as texts; empty ones are left out.
        key: The key of the caller, who owns the job; empty if they have none.
        poll_interval: Seconds between two requests for the status.
        timeout: Seconds after which the current status is returned.
    """

    audio_url: str = ""
    audio_path: str = ""
    filename: str = ""
    fields: Mapping[str, str] = {}
    key: str = ""
    poll_interval: float
    timeout: float


class CreateMoment:
    """Submit a hum and wait for the music."""

    def __init__(self, transfers: Transfers, moments: Moments) -> None:
        self._transfers = transfers
        self._moments = moments

    async def __call__(self, request: CreateMomentRequest, progress: Progress) -> tuple[str, dict[str, Any]]:
        """Return the job's id and its last status, which is not terminal if the timeout expired.

        Raises:
            MomentRefused: The API refused the recording, or the job failed.
            MomentsUnavailable: The API did not answer.
            TransferFailed: The recording could not be downloaded.
        """
        job_id = await self._submit(request)
        with anyio.move_on_after(request.timeout):
            return job_id, await self._wait(job_id, request, progress)
        return job_id, await self._moments.status(job_id, request.key)

    async def accepts(self, key: str) -> bool:
        """Return whether the API knows a key. Raises `MomentsUnavailable`."""
        return await self._moments.accepts(key)

    async def _submit(self, request: CreateMomentRequest) -> str:
        async with self._transfers.workspace() as folder:
            recording = Path(request.audio_path) if request.audio_path else folder / "recording"
            if not request.audio_path:
                await self._transfers.download(request.audio_url, recording, MAX_RECORDING_BYTES)
            return await self._moments.submit(
                recording,
                filename=request.filename or Path(request.audio_path).name or "hum",
                fields=request.fields,
                key=request.key,
            )

    async def _wait(self, job_id: str, request: CreateMomentRequest, progress: Progress) -> dict[str, Any]:
        while not (status := await self._moments.status(job_id, request.key)).get("terminal"):
            await progress(float(status.get("progress") or 0.0))
            await anyio.sleep(request.poll_interval)
        if status["status"] != "COMPLETED":
            error = status.get("error") or {}
            message = error.get("message") or f"the moment ended {status['status']}"
            raise MomentRefused(f"{message} (job {job_id})", code=error.get("code"))
        return status

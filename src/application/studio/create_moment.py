"""Make a whole moment for an agent: through the front door, like any musician."""

from pathlib import Path
from typing import Any

import anyio
import msgspec

from application.ports.moments_api import MomentRefused, Moments
from application.ports.transfers import Progress, Transfers
from application.studio.analyze_hum import MAX_RECORDING_BYTES


class CreateMomentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent asks for.

    Attributes:
        audio_url: Where the hum is; or
        audio_path: the file that it is, on the studio's own machine.
        blueprint_json: Any part of a blueprint as JSON text, or empty.
        output_kind: `preview`, `song`, or empty for the API's choice.
        poll_interval: Seconds between two looks at the status.
        timeout: Seconds after which the status is returned as it is.
    """

    audio_url: str = ""
    audio_path: str = ""
    filename: str = ""
    blueprint_json: str = ""
    output_kind: str = ""
    poll_interval: float
    timeout: float


class CreateMoment:
    """Submit a hum and wait for the music."""

    def __init__(self, transfers: Transfers, moments: Moments) -> None:
        self._transfers = transfers
        self._moments = moments

    async def __call__(self, wish: CreateMomentRequest, progress: Progress) -> tuple[str, dict[str, Any]]:
        """Return the job's id and its last status: an ended job, or one that outlasted the time-out.

        Raises:
            MomentRefused: The API refused the recording, or the job failed.
            MomentsUnavailable, TransferFailed: Something on the way did not answer.
        """
        job_id = await self._submit(wish)
        with anyio.move_on_after(wish.timeout):
            return job_id, await self._wait(job_id, wish.poll_interval, progress)
        return job_id, await self._moments.status(job_id)

    async def _submit(self, wish: CreateMomentRequest) -> str:
        async with self._transfers.workspace() as folder:
            recording = Path(wish.audio_path) if wish.audio_path else folder / "recording"
            if not wish.audio_path:
                await self._transfers.download(wish.audio_url, recording, MAX_RECORDING_BYTES)
            return await self._moments.submit(
                recording,
                filename=wish.filename or Path(wish.audio_path).name or "hum",
                blueprint_json=wish.blueprint_json,
                output_kind=wish.output_kind,
            )

    async def _wait(self, job_id: str, interval: float, progress: Progress) -> dict[str, Any]:
        while not (status := await self._moments.status(job_id)).get("terminal"):
            await progress(float(status.get("progress") or 0.0))
            await anyio.sleep(interval)
        if status["status"] != "COMPLETED":
            error = status.get("error") or {}
            message = error.get("message") or f"the moment ended {status['status']}"
            raise MomentRefused(f"{message} (job {job_id})", code=error.get("code"))
        return status

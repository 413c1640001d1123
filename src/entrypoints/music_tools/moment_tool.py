"""The tool `create_moment`: the whole way from a hum to a moment, through the service's own API."""

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from mcp.types import ToolAnnotations
from pydantic import Field

from application import telemetry
from application.studio.create_moment import CreateMoment, CreateMomentRequest
from entrypoints.music_tools import schemas
from entrypoints.music_tools.calls import Call, InvalidCall, progress_of
from entrypoints.music_tools.server import StudioServer

SUBMITS: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)


def add_moment_tool(server: StudioServer, make: CreateMoment, *, local_files: bool) -> None:
    """Add `create_moment`; `local_files` means that callers share our file system."""

    @server.tool(title="Turn a hum into a moment", annotations=SUBMITS)
    async def create_moment(
        ctx: Call,
        *,
        audio_url: Annotated[str | None, Field(max_length=4096, description="http(s) URL of the hum.")] = None,
        audio_path: Annotated[
            str | None,
            Field(max_length=4096, description="Its path instead, if the server shares your files."),
        ] = None,
        filename: Annotated[str | None, Field(max_length=255, description="The recording's name.")] = None,
        blueprint_json: Annotated[
            dict[str, Any] | str | None, Field(description="Any part of a blueprint; the hum decides the rest.")
        ] = None,
        output_kind: schemas.Kind = None,
        poll_interval_ms: Annotated[int, Field(ge=100, le=60_000)] = 500,
        timeout_ms: Annotated[int, Field(ge=1_000, le=900_000, description="Then the status is returned as it is.")] = (
            120_000
        ),
    ) -> schemas.Moment:
        """Make a whole moment of a hum: listen, plan, sing, play, mix, master. Waits until it is done."""
        _require_one_source(audio_url, audio_path, local_files=local_files)
        text = blueprint_json if isinstance(blueprint_json, str) else _json(blueprint_json)
        request = CreateMomentRequest(
            audio_url=audio_url or "",
            audio_path=audio_path or "",
            filename=filename or "",
            blueprint_json=text,
            output_kind=output_kind or "",
            poll_interval=poll_interval_ms / 1000,
            timeout=timeout_ms / 1000,
        )
        job_id, status = await make(request, progress_of(ctx))
        telemetry.job_id.set(job_id)  # for the log line of this call
        return _moment(job_id, status)


def _require_one_source(audio_url: str | None, audio_path: str | None, *, local_files: bool) -> None:
    if bool(audio_url) == bool(audio_path):
        raise InvalidCall("exactly one of audio_url and audio_path is required")
    if audio_path and not local_files:
        raise InvalidCall("this server does not share your file system: use audio_url")
    if audio_path and not Path(audio_path).is_file():
        raise InvalidCall("audio_path names no file")


def _moment(job_id: str, status: dict[str, Any]) -> schemas.Moment:
    moment: schemas.Moment = {"ok": True, "job_id": job_id, "status": str(status["status"]), "status_json": status}
    if final := status.get("final_audio_url"):
        moment["final_audio_url"] = final
    return moment


def _json(document: dict[str, Any] | None) -> str:
    return msgspec.json.encode(document).decode() if document is not None else ""

"""The tool `create_moment`: the whole way from a hum to a moment, through the service's own API."""

import os
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from anyio import to_thread
from mcp.types import ToolAnnotations
from pydantic import Field

from application import telemetry
from application.moments.client_readers import MAX_REFERENCE
from application.moments.request_fields import FIELDS
from application.studio.create_moment import CreateMoment, CreateMomentRequest
from entrypoints.music_tools import schemas
from entrypoints.music_tools.calls import Call, InvalidCall, progress_of
from entrypoints.music_tools.presented_keys import came_by_key, presented_key
from entrypoints.music_tools.server import StudioServer

SUBMITS: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)

NO_FILE: Final = "audio_path names no file in the folder that this server shares (MUSIC_TOOLS_AUDIO_DIR)"


def add_moment_tool(server: StudioServer, make: CreateMoment, audio_dir: Path | None) -> None:
    """Add `create_moment`; callers may name the files of `audio_dir`, which they share with us."""

    @server.tool(title="Turn a hum into a moment", annotations=SUBMITS)
    async def create_moment(
        ctx: Call,
        *,
        audio_url: Annotated[str | None, Field(max_length=4096, description="http(s) URL of the hum.")] = None,
        audio_path: Annotated[
            str | None,
            Field(max_length=4096, description="Its path instead, in the folder that the server shares."),
        ] = None,
        filename: Annotated[str | None, Field(max_length=255, description="The recording's name.")] = None,
        blueprint_json: Annotated[
            dict[str, Any] | str | None, Field(description="Any part of a blueprint; the hum decides the rest.")
        ] = None,
        output_kind: schemas.Kind = None,
        artifacts: schemas.Artifacts = None,
        output_format: schemas.MusicFormat = None,
        client_reference: Annotated[
            str | None, Field(max_length=MAX_REFERENCE, description=FIELDS["client_reference"].description)
        ] = None,
        retention: Annotated[str | None, Field(max_length=64, description=FIELDS["retention"].description)] = None,
        poll_interval_ms: Annotated[int, Field(ge=100, le=60_000)] = 500,
        timeout_ms: Annotated[int, Field(ge=1_000, le=900_000, description="Then the status is returned as it is.")] = (
            120_000
        ),
    ) -> schemas.Moment:
        """Make a whole moment of a hum: listen, plan, sing, play, mix, master. Waits until it is done."""
        recording = await to_thread.run_sync(_recording, audio_url, audio_path, None if came_by_key(ctx) else audio_dir)
        text = blueprint_json if isinstance(blueprint_json, str) else _json(blueprint_json)
        request = CreateMomentRequest(
            audio_url=audio_url or "",
            audio_path=recording,
            filename=filename or (Path(audio_path).name if audio_path else ""),
            fields={
                "blueprint_json": text,
                "output_kind": output_kind or "",
                "artifacts": ",".join(artifacts or ()),
                "output_format": output_format or "",
                "client_reference": client_reference or "",
                "retention": retention or "",
            },
            key=presented_key(ctx),
            poll_interval=poll_interval_ms / 1000,
            timeout=timeout_ms / 1000,
        )
        job_id, status = await make(request, progress_of(ctx))
        telemetry.job_id.set(job_id)  # for the log line of this call
        return _moment(job_id, status)


def _recording(audio_url: str | None, audio_path: str | None, audio_dir: Path | None) -> str:
    """Return the path of the recording, without links; empty where a URL names it."""
    if bool(audio_url) == bool(audio_path):
        raise InvalidCall("exactly one of audio_url and audio_path is required")
    if not audio_path:
        return ""
    if audio_dir is None:
        raise InvalidCall("this server does not share your file system: use audio_url")
    base = Path(os.path.realpath(audio_dir))
    try:
        path = Path(os.path.realpath(base / audio_path, strict=True))
    except (OSError, ValueError):  # also links in a circle, and a NUL
        raise InvalidCall(NO_FILE) from None
    if not (path.is_relative_to(base) and path.is_file()):
        raise InvalidCall(NO_FILE)
    return str(path)


def _moment(job_id: str, status: dict[str, Any]) -> schemas.Moment:
    moment: schemas.Moment = {"ok": True, "job_id": job_id, "status": str(status["status"]), "status_json": status}
    if final := status.get("final_audio_url"):
        moment["final_audio_url"] = final
    return moment


def _json(document: dict[str, Any] | None) -> str:
    return msgspec.json.encode(document).decode() if document is not None else ""

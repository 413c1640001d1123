"""The tools: their arguments, their words for agents, and the use case behind each."""

from typing import Annotated, Any, Final

import msgspec
from mcp.types import ToolAnnotations
from pydantic import Field

from application.ports.tools import ToolResult
from application.studio.analyze_hum import AnalyzeHum
from application.studio.create_moment import CreateMoment
from application.studio.drafting import from_text, stretched
from application.studio.finish import Finish, Stems
from application.studio.render_instrumental import RenderInstrumental
from application.studio.render_vocals import RenderVocals
from application.studio.validate_blueprint import validate_blueprint as problems_of
from application.version import VERSION
from domain.blueprints.blueprint import SCHEMA_PATH, Blueprint, OutputKind, parse
from entrypoints.music_tools import schemas
from entrypoints.music_tools.calls import Call, InvalidCall, progress_of
from entrypoints.music_tools.moment_tool import add_moment_tool
from entrypoints.music_tools.server import INSTRUCTIONS, StudioServer

DEFAULT_VOICE: Final = "hummer"
MODEL: Final = "moment-studio-1"

READS: Final = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
LISTENS: Final = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=True)
WRITES: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
LISTENING: Final = (
    "Hear the notes of a hummed, sung or whistled tune (one voice, a second to a few minutes) and understand "
    "its key, tempo and phrases. Put the result into a blueprint's `metadata.analysis` to build a piece on the tune."
)


class Studio(msgspec.Struct, frozen=True, kw_only=True):
    """The use cases behind the tools.

    Attributes:
        create_moment: Absent where no API is known: then the tool is not offered.
        local_files: Whether agents share our file system (`audio_path`).
    """

    analyze_hum: AnalyzeHum
    render_vocals: RenderVocals
    render_instrumental: RenderInstrumental
    finish: Finish
    create_moment: CreateMoment | None = None
    default_voice: str = DEFAULT_VOICE
    local_files: bool = False


def build_server(studio: Studio) -> StudioServer:
    """Return an MCP server that offers the studio."""
    server = StudioServer("music-tools", version=VERSION, instructions=INSTRUCTIONS, log_level="WARNING")
    _add_analysis_tools(server, studio)
    _add_stems_tools(server, studio)
    _add_preview_tools(server, studio)
    _add_song_tools(server, studio)
    if studio.create_moment is not None:
        add_moment_tool(server, studio.create_moment, local_files=studio.local_files)
    return server


def _add_analysis_tools(server: StudioServer, studio: Studio) -> None:
    @server.tool(title="Validate a blueprint", annotations=READS)
    async def validate_blueprint(blueprint: schemas.UncheckedDocument) -> schemas.Validation:
        """Check a blueprint against its schema. Everything that is wrong is listed; `ok` is true when nothing is."""
        errors = problems_of(blueprint)
        return {"ok": not errors, "errors": errors, "schema_path": SCHEMA_PATH}

    @server.tool(title="Listen to a hum", description=LISTENING, annotations=LISTENS)
    async def analyze_hum(audio_url: schemas.AudioUrl, ctx: Call, hints: schemas.Hints | None = None) -> schemas.Heard:
        analysis = await studio.analyze_hum(audio_url, dict(hints or {}), progress_of(ctx))
        return {"ok": True, "analysis": msgspec.to_builtins(analysis)}


def _add_stems_tools(server: StudioServer, studio: Studio) -> None:
    @server.tool(title="Render the vocals", annotations=WRITES)
    async def render_vocals(
        blueprint: schemas.BlueprintDocument,
        audio_url: schemas.AudioUrl,
        ctx: Call,
        upload_url: schemas.UploadUrl = None,
        output_kind: schemas.Kind = None,
    ) -> schemas.Rendered:
        """Sing the blueprint's melody with the hummer's own voice, in tune and in time. Stereo FLAC."""
        plan = parse(blueprint)
        delivery = await studio.render_vocals(
            plan, _kind(output_kind, plan), audio_url=audio_url, upload_url=upload_url or "", progress=progress_of(ctx)
        )
        return _rendered(delivery)

    @server.tool(title="Render the instrumental", annotations=WRITES)
    async def render_instrumental(
        blueprint: schemas.BlueprintDocument,
        ctx: Call,
        upload_url: schemas.UploadUrl = None,
        melody_upload_url: schemas.MelodyUploadUrl = None,
        output_kind: schemas.Kind = None,
    ) -> schemas.Rendered:
        """Compose the blueprint's arrangement and play it with the band. Stereo FLAC, and MIDI where asked for."""
        plan = parse(blueprint)
        delivery = await studio.render_instrumental(
            plan,
            _kind(output_kind, plan),
            upload_url=upload_url or "",
            melody_upload_url=melody_upload_url or "",
            progress=progress_of(ctx),
        )
        return _rendered(delivery)


def _add_preview_tools(server: StudioServer, studio: Studio) -> None:
    @server.tool(title="Make a preview", annotations=WRITES)
    async def synthesize_preview(
        ctx: Call,
        *,
        text: schemas.Lyrics = None,
        blueprint: schemas.BlueprintDocument | None = None,
        voice_id: schemas.VoiceId = None,
        model_id: schemas.ModelId = None,
        stability: schemas.Unit = None,
        similarity_boost: schemas.Unit = None,
        style_exaggeration: schemas.Unit = None,
        speaker_boost: bool | None = None,
        stems: schemas.StemUrls | None = None,
        upload_url: schemas.UploadUrl = None,
        output_kind: schemas.Kind = None,
        output_format: schemas.OutputFormat = "mp3_44100_128",
    ) -> schemas.Finished:
        """Make a finished, mastered piece (−14 LUFS): from stems, or played from a blueprint, or from a text alone."""
        settings = {
            "voice_id": voice_id,
            "model_id": model_id,
            "stability": stability,
            "similarity_boost": similarity_boost,
            "style_exaggeration": style_exaggeration,
            "speaker_boost": speaker_boost,
        }
        plan = _with_voice(_plan(studio, blueprint, text), settings)
        kind = _kind(output_kind, plan)
        delivery = await studio.finish(
            plan,
            kind,
            stems=Stems(**(stems or {})),
            upload_url=upload_url or "",
            output_format=output_format,
            progress=progress_of(ctx),
        )
        voice = plan.voice
        return {**_rendered(delivery), "output_kind": kind, "voice_id": voice.voice_id, "model_id": voice.model_id}


def _add_song_tools(server: StudioServer, studio: Studio) -> None:
    @server.tool(title="Make a song", annotations=WRITES)
    async def create_song(
        blueprint: schemas.BlueprintDocument,
        ctx: Call,
        *,
        prompt: Annotated[str | None, Field(max_length=10_000, description="Kept with the result.")] = None,
        model_id: schemas.ModelId = None,
        music_length_ms: schemas.MusicLength = None,
        force_instrumental: Annotated[bool, Field(description="Leave the vocals out of the mix.")] = False,
        output_format: schemas.OutputFormat = "mp3_44100_128",
        stems: schemas.StemUrls | None = None,
        upload_url: schemas.UploadUrl = None,
        output_kind: schemas.Kind = None,
    ) -> schemas.Song:
        """Make a finished, mastered song (−14 LUFS): from stems, or played from the blueprint."""
        plan = parse(blueprint)
        given = Stems(**(stems or {}))
        if music_length_ms is not None and not given.instrumental_url:
            plan = stretched(plan, music_length_ms)
        delivery = await studio.finish(
            plan,
            OutputKind(output_kind or OutputKind.SONG),
            stems=msgspec.structs.replace(given, vocals_url="") if force_instrumental else given,
            upload_url=upload_url or "",
            output_format=output_format,
            progress=progress_of(ctx),
        )
        return {
            **_rendered(delivery),
            "output_kind": "song",
            "voice_id": plan.voice.voice_id,
            "model_id": model_id or MODEL,
            "music_length_ms": round(1000 * delivery.detail.get("duration", 0.0)),
            "prompt_used": prompt or f"{plan.style}, {plan.tempo_bpm} bpm, {plan.key}",
        }


def _plan(studio: Studio, blueprint: dict[str, Any] | None, text: str | None) -> Blueprint:
    if blueprint is not None:
        plan = parse(blueprint)
        return msgspec.structs.replace(plan, lyrics=text) if text else plan
    if text is None:
        raise InvalidCall("give a blueprint or a text")
    return from_text(text, studio.default_voice)


def _with_voice(plan: Blueprint, settings: dict[str, Any]) -> Blueprint:
    given = {name: value for name, value in settings.items() if value is not None}
    return msgspec.structs.replace(plan, voice=msgspec.structs.replace(plan.voice, **given))


def _kind(wanted: str | None, plan: Blueprint) -> OutputKind:
    stated = wanted or plan.metadata.get("output_kind")
    return OutputKind.SONG if stated == OutputKind.SONG else OutputKind.PREVIEW


def _rendered(delivery: ToolResult) -> schemas.Rendered:
    rendered: schemas.Rendered = {
        "ok": True,
        "uploaded": delivery.uploaded,
        "bytes": delivery.size,
        "mime_type": delivery.mime_type,
        "detail": delivery.detail,
        "extras": delivery.extras,
    }
    if delivery.sha256:
        rendered["sha256"] = delivery.sha256
    if delivery.chords:
        rendered["chords"] = list(delivery.chords)
    if delivery.path:
        rendered["output_path"] = delivery.path
    return rendered

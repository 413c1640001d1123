"""The tools that finish a piece, `synthesize_preview` and `create_song`, and the one that encodes stems."""

from typing import Annotated, Any, Final

import msgspec
from pydantic import Field

from application.studio.drafting import from_text, stretched
from application.studio.encode_audio import EncodeAudio
from application.studio.mix_and_master import MixAndMaster, Stems
from domain.blueprints.blueprint import Blueprint, OutputKind
from domain.blueprints.fields import MAX_PROMPT
from domain.blueprints.validation import parse
from domain.jobs.output_formats import USUAL
from entrypoints.music_tools import schemas
from entrypoints.music_tools.calls import Call, InvalidCall, progress_of
from entrypoints.music_tools.results import WRITES, output_kind_of, rendered
from entrypoints.music_tools.server import StudioServer

DEFAULT_VOICE: Final = "hummer"
MODEL: Final = "moment-studio-1"


def add_preview_tool(server: StudioServer, mix_and_master: MixAndMaster, default_voice: str) -> None:
    """Add `synthesize_preview`."""

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
        picture_upload_url: schemas.PictureUploadUrl = None,
        output_kind: schemas.Kind = None,
        output_format: schemas.OutputFormat = USUAL,
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
        parsed = _with_voice(_blueprint_of(blueprint, text, default_voice), settings)
        kind = output_kind_of(output_kind, parsed)
        result = await mix_and_master(
            parsed,
            kind,
            stems=Stems(**(stems or {})),
            upload_url=upload_url or "",
            picture_url=picture_upload_url or "",
            output_format=output_format,
            progress=progress_of(ctx),
        )
        voice = parsed.voice
        return {**rendered(result), "output_kind": kind, "voice_id": voice.voice_id, "model_id": voice.model_id}


def add_song_tool(server: StudioServer, mix_and_master: MixAndMaster) -> None:
    """Add `create_song`."""

    @server.tool(title="Make a song", annotations=WRITES)
    async def create_song(
        blueprint: schemas.BlueprintDocument,
        ctx: Call,
        *,
        prompt: Annotated[str | None, Field(max_length=MAX_PROMPT, description="Kept with the result.")] = None,
        model_id: schemas.ModelId = None,
        music_length_ms: schemas.MusicLength = None,
        force_instrumental: Annotated[bool, Field(description="Leave the vocals out of the mix.")] = False,
        output_format: schemas.OutputFormat = USUAL,
        stems: schemas.StemUrls | None = None,
        upload_url: schemas.UploadUrl = None,
        picture_upload_url: schemas.PictureUploadUrl = None,
        output_kind: schemas.Kind = None,
    ) -> schemas.Song:
        """Make a finished, mastered song (−14 LUFS): from stems, or played from the blueprint."""
        parsed = parse(blueprint)
        given = Stems(**(stems or {}))
        if music_length_ms is not None and not given.instrumental_url:
            parsed = stretched(parsed, music_length_ms)
        result = await mix_and_master(
            parsed,
            OutputKind(output_kind or OutputKind.SONG),
            stems=msgspec.structs.replace(given, vocals_url="") if force_instrumental else given,
            upload_url=upload_url or "",
            picture_url=picture_upload_url or "",
            output_format=output_format,
            progress=progress_of(ctx),
        )
        return {
            **rendered(result),
            "output_kind": "song",
            "voice_id": parsed.voice.voice_id,
            "model_id": model_id or MODEL,
            "music_length_ms": round(1000 * result.detail.get("duration", 0.0)),
            "prompt_used": prompt or f"{parsed.style}, {parsed.tempo_bpm} bpm, {parsed.key}",
        }


def add_encoding_tool(server: StudioServer, encode: EncodeAudio) -> None:
    """Add `encode_audio`."""

    @server.tool(title="Encode a file", annotations=WRITES)
    async def encode_audio(
        audio_url: schemas.AudioUrl,
        ctx: Call,
        *,
        output_format: schemas.OutputFormat = USUAL,
        upload_url: schemas.UploadUrl = None,
    ) -> schemas.Rendered:
        """Encode a stem in another format as it is: the same samples and the same loudness. FLAC, WAV or Opus only."""
        return rendered(
            await encode(audio_url, upload_url=upload_url or "", output_format=output_format, progress=progress_of(ctx))
        )


def _blueprint_of(blueprint: dict[str, Any] | None, text: str | None, default_voice: str) -> Blueprint:
    if blueprint is not None:
        parsed = parse(blueprint)
        return msgspec.structs.replace(parsed, lyrics=text) if text else parsed
    if text is None:
        raise InvalidCall("either blueprint or text is required")
    return from_text(text, default_voice)


def _with_voice(parsed: Blueprint, settings: dict[str, Any]) -> Blueprint:
    given = {name: value for name, value in settings.items() if value is not None}
    return msgspec.structs.replace(parsed, voice=msgspec.structs.replace(parsed.voice, **given))

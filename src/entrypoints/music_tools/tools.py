"""The tools of the MCP server: analysis and stems here, mixing and moments in files of their own."""

from pathlib import Path
from typing import Final

import msgspec

from adapters.mcp.server_profile import OUR_NAME
from application.studio.analyze_hum import AnalyzeHum
from application.studio.create_moment import CreateMoment
from application.studio.encode_audio import EncodeAudio
from application.studio.mix_and_master import MixAndMaster
from application.studio.render_instrumental import NotationUrls, PartUrls, RenderInstrumental
from application.studio.render_vocals import RenderVocals
from application.studio.validate_blueprint import validate_blueprint as problems_of
from application.version import VERSION
from domain.blueprints.blueprint import SCHEMA_PATH
from domain.blueprints.repair import repaired
from domain.blueprints.validation import parse
from entrypoints.music_tools import schemas
from entrypoints.music_tools.admission import Admission
from entrypoints.music_tools.calls import Call, progress_of
from entrypoints.music_tools.mix_tools import (
    DEFAULT_VOICE,
    add_encoding_tool,
    add_preview_tool,
    add_song_tool,
)
from entrypoints.music_tools.moment_tool import add_moment_tool
from entrypoints.music_tools.results import DOWNLOADS, READS, WRITES, output_kind_of, rendered
from entrypoints.music_tools.server import INSTRUCTIONS, StudioServer

TITLE: Final = "Music tools"
ANALYZE_HUM: Final = (
    "Transcribe a hummed, sung or whistled tune (one voice, a second to a few minutes) and estimate "
    "its key, tempo and phrases. Put `analysis` into a blueprint's `metadata.analysis` to build a piece on the tune, "
    "and `soundfont`, if there is one, into `metadata.soundfont` to have it played with samples."
)


class Studio(msgspec.Struct, frozen=True, kw_only=True):
    """The use cases behind the tools.

    Attributes:
        create_moment: Absent where no API is known: then the tool is not offered.
        audio_dir: The folder whose files agents may name (`audio_path`); None where they share no folder with us.
        soundfont: SHA-256 of the SoundFont with which the band can play, or empty.
    """

    analyze_hum: AnalyzeHum
    render_vocals: RenderVocals
    render_instrumental: RenderInstrumental
    mix_and_master: MixAndMaster
    encode_audio: EncodeAudio
    create_moment: CreateMoment | None = None
    default_voice: str = DEFAULT_VOICE
    audio_dir: Path | None = None
    soundfont: str = ""


def build_server(studio: Studio, admission: Admission | None = None) -> StudioServer:
    """Return an MCP server with the studio's tools; without `admission`, every call begins at once."""
    server = StudioServer(
        OUR_NAME, admission, title=TITLE, version=VERSION, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    _add_analysis_tools(server, studio)
    _add_stem_tools(server, studio)
    add_preview_tool(server, studio.mix_and_master, studio.default_voice)
    add_song_tool(server, studio.mix_and_master)
    add_encoding_tool(server, studio.encode_audio)
    if studio.create_moment is not None:
        add_moment_tool(server, studio.create_moment, studio.audio_dir)
    return server


def _add_analysis_tools(server: StudioServer, studio: Studio) -> None:
    @server.tool(title="Validate a blueprint", annotations=READS)
    async def validate_blueprint(blueprint: schemas.UncheckedDocument) -> schemas.Validation:
        """Check a blueprint against its schema. Everything that is wrong is listed; `ok` is true when nothing is.

        `repaired` is the nearest blueprint whose fields are all valid.
        """
        errors = problems_of(blueprint)
        better = repaired(blueprint) if errors else None
        return {"ok": not errors, "errors": errors, "repaired": better, "schema_path": SCHEMA_PATH}

    @server.tool(title="Listen to a hum", description=ANALYZE_HUM, annotations=DOWNLOADS)
    async def analyze_hum(audio_url: schemas.AudioUrl, ctx: Call, hints: schemas.Hints | None = None) -> schemas.Heard:
        analysis = await studio.analyze_hum(audio_url, dict(hints or {}), progress_of(ctx))
        heard: schemas.Heard = {"ok": True, "analysis": msgspec.to_builtins(analysis)}
        return {**heard, "soundfont": studio.soundfont} if studio.soundfont else heard


def _add_stem_tools(server: StudioServer, studio: Studio) -> None:
    @server.tool(title="Render the vocals", annotations=WRITES)
    async def render_vocals(
        blueprint: schemas.BlueprintDocument,
        audio_url: schemas.AudioUrl,
        ctx: Call,
        *,
        upload_url: schemas.UploadUrl = None,
        picture_upload_url: schemas.PictureUploadUrl = None,
        output_kind: schemas.Kind = None,
    ) -> schemas.Rendered:
        """Sing the melody in the hummer's own voice, the lyrics where `metadata.vocals` wants them. Stereo FLAC.

        The picture has the notes of `metadata.analysis` over the pitch of the recording.
        """
        parsed = parse(blueprint)
        result = await studio.render_vocals(
            parsed,
            output_kind_of(output_kind, parsed),
            audio_url=audio_url,
            upload_url=upload_url or "",
            picture_url=picture_upload_url or "",
            progress=progress_of(ctx),
        )
        return rendered(result)

    @server.tool(title="Render the instrumental", annotations=WRITES)
    async def render_instrumental(
        blueprint: schemas.BlueprintDocument,
        ctx: Call,
        *,
        upload_url: schemas.UploadUrl = None,
        melody_upload_url: schemas.MelodyUploadUrl = None,
        lead_sheet_upload_url: schemas.LeadSheetUploadUrl = None,
        part_upload_urls: schemas.PartUrls | None = None,
        part_format: schemas.PartFormat = "flac",
        output_kind: schemas.Kind = None,
    ) -> schemas.Rendered:
        """Compose the blueprint's arrangement and play it with the band. Stereo FLAC; score and parts if wanted."""
        parsed = parse(blueprint)
        result = await studio.render_instrumental(
            parsed,
            output_kind_of(output_kind, parsed),
            upload_url=upload_url or "",
            notation_urls=NotationUrls(midi=melody_upload_url or "", lead_sheet=lead_sheet_upload_url or ""),
            part_urls=PartUrls.of(part_upload_urls or {}, part_format),
            progress=progress_of(ctx),
        )
        return rendered(result)
